/** Steps, buffers and where they lie: liveness and the memory plan. Internal. */
@NullMarked
package dev.fluxion.engine.plan;

import org.jspecify.annotations.NullMarked;
