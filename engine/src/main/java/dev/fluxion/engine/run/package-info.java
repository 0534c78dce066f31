/**
 * Plans, and what is bound to memory to run them. Internal.
 */
@NullMarked
package dev.fluxion.engine.run;

import org.jspecify.annotations.NullMarked;
