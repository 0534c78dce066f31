/**
 * The forms in which kernels compute nodes, the choice among them, and the steps of each. Internal.
 */
@NullMarked
package dev.fluxion.engine.rule;

import org.jspecify.annotations.NullMarked;
