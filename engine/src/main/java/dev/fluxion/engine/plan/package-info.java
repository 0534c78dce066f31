/**
 * Steps, when they run beside each other, and where their buffers lie: schedule, liveness and the memory plan. Internal.
 *
 * <p>A <i>tile</i> is a part of the batch, a <i>strand</i> steps that depend on no other strand: a run of neighbouring tiles, or,
 * for a single sample, some of the channels or one of two gradients. A <i>lane</i> is the strands that one thread runs, a
 * <i>phase</i> what lies between two points at which all threads meet.
 */
@NullMarked
package dev.fluxion.engine.plan;

import org.jspecify.annotations.NullMarked;
