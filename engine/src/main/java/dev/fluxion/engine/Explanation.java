package dev.fluxion.engine;

import dev.fluxion.engine.plan.Buffer;
import dev.fluxion.engine.plan.MemoryPlan;
import dev.fluxion.engine.plan.Step;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;

/**
 * What a program does, for people to read and for tests to count.
 *
 * @param prologue steps that run only when parameters have changed
 * @param steps the steps of a run
 * @param arenaBytes the size of the arena
 * @param lowerBound the bytes that live at once at the worst moment
 */
public record Explanation(List<Line> prologue, List<Line> steps, long arenaBytes, long lowerBound) {
    /**
     * One step.
     *
     * @param operator what it computes, with the fused operators
     * @param origin the layer or loss it belongs to, as the user wrote it
     * @param reads shapes and layouts of what it reads
     * @param writes shapes and layouts of what it writes
     * @param implementation the kernel
     * @param bytes the bytes that it reads and writes
     * @param flops floating-point operations
     * @param micros the median time of one run in microseconds, 0 where it was not measured
     */
    public record Line(
            String operator,
            String origin,
            List<String> reads,
            List<String> writes,
            String implementation,
            long bytes,
            double flops,
            double micros) {
        private static Line of(Step step) {
            List<Buffer> all = new ArrayList<>(step.reads());
            all.addAll(step.writes());
            return new Line(
                    step.operator(),
                    step.origin(),
                    step.reads().stream().map(b -> b.layout().toString()).toList(),
                    step.writes().stream().map(b -> b.layout().toString()).toList(),
                    step.implementation(),
                    all.stream().mapToLong(Buffer::bytes).sum(),
                    step.flops(),
                    0);
        }

        private Line timed(double medianMicros) {
            return new Line(operator, origin, reads, writes, implementation, bytes, flops, medianMicros);
        }
    }

    /** The same explanation with the measured time of each step in nanoseconds. */
    Explanation timed(double[] nanos) {
        List<Line> timed = new ArrayList<>();
        for (int i = 0; i < steps.size(); i++) {
            timed.add(steps.get(i).timed(nanos[i] / 1e3));
        }
        return new Explanation(prologue, timed, arenaBytes, lowerBound);
    }

    Explanation(Lowering lowering, MemoryPlan plan) {
        this(
                lowering.prologue.stream().map(Line::of).toList(),
                lowering.steps.stream().map(Line::of).toList(),
                plan.bytes(),
                plan.lowerBound());
    }

    /** How many steps copy a value into another layout at each run. */
    public long reorders() {
        return steps.stream().filter(s -> s.operator().equals("reorder")).count();
    }

    /** Floating-point operations of a run. */
    public double flops() {
        return steps.stream().mapToDouble(Line::flops).sum();
    }

    /** A line per step, and the sums. */
    @Override
    public String toString() {
        StringBuilder out = new StringBuilder();
        prologue.forEach(line -> out.append("once ").append(text(line)));
        for (int i = 0; i < steps.size(); i++) {
            out.append(String.format(Locale.ROOT, "%4d ", i)).append(text(steps.get(i)));
        }
        return out.append(String.format(
                        Locale.ROOT,
                        "%d steps (%d reorders), %.1f MFLOP a run, arena %,d bytes (lower bound %,d)%n",
                        steps.size(),
                        reorders(),
                        flops() / 1e6,
                        arenaBytes,
                        lowerBound))
                .toString();
    }

    private static String text(Line line) {
        return String.format(
                Locale.ROOT,
                "%-34s %-24s %s%10.1f KB %10.3f MFLOP  %s -> %s%s%n",
                line.operator,
                line.implementation,
                line.micros == 0 ? "" : String.format(Locale.ROOT, "%9.1f µs ", line.micros),
                line.bytes / 1024.0,
                line.flops / 1e6,
                line.reads.stream().collect(Collectors.joining(", ")),
                line.writes.stream().collect(Collectors.joining(", ")),
                line.origin.isEmpty() ? "" : "  # " + line.origin);
    }
}
