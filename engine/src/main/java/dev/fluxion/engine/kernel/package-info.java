/** Steps that are computed in Java, chunk by chunk over native memory, without allocation. Internal. */
@NullMarked
package dev.fluxion.engine.kernel;

import org.jspecify.annotations.NullMarked;
