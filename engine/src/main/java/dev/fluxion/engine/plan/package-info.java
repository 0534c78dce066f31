/**
 * Steps, when they run beside each other, and where their buffers lie: schedule, liveness and the memory plan. Internal.
 *
 * <p>A <i>tile</i> is a part of the batch, a <i>strand</i> a run of neighbouring tiles that depend on no other strand, a
 * <i>lane</i> the strands that one thread runs, a <i>phase</i> what lies between two points at which all threads meet.
 */
@NullMarked
package dev.fluxion.engine.plan;

import org.jspecify.annotations.NullMarked;
