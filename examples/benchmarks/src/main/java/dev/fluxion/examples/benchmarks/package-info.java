/**
 * Fluxion side by side with other libraries: {@link dev.fluxion.examples.benchmarks.Benchmark} starts a process per library,
 * has them compute the same nets in turn and reports times. It is not part of the default build; besides what a user of
 * Fluxion imports it may use its peers, the JavaCPP presets of PyTorch among them.
 */
@NullMarked
package dev.fluxion.examples.benchmarks;

import org.jspecify.annotations.NullMarked;
