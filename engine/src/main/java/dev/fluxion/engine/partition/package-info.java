/**
 * The division of a graph into parts that threads compute side by side, or one after the other in cache, and who reads what in a
 * divided graph. Internal.
 */
@NullMarked
package dev.fluxion.engine.partition;

import org.jspecify.annotations.NullMarked;
