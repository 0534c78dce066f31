/** Steps, when they run beside each other, and where their buffers lie: schedule, liveness and the memory plan. Internal. */
@NullMarked
package dev.fluxion.engine.plan;

import org.jspecify.annotations.NullMarked;
