package dev.fluxion.engine;

import dev.fluxion.engine.plan.Buffer;
import dev.fluxion.engine.plan.Phase;
import dev.fluxion.engine.plan.Step;
import dev.fluxion.engine.run.Plan;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.ToDoubleFunction;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * What a program does, for people to read and for tests to count.
 *
 * @param prologue steps that run only when parameters have changed
 * @param parts the parts of a run, one after the other
 * @param arenaBytes the size of the arena
 * @param lowerBound the bytes that live at once at the worst moment
 */
public record Explanation(List<Line> prologue, List<Part> parts, long arenaBytes, long lowerBound) {
    /**
     * Steps between two points at which all threads meet.
     *
     * @param lanes how many threads share the steps
     * @param strands how many independent sequences of steps there are, 1 if the steps follow each other
     * @param lines the steps, those that do the same for different tiles of the batch, or one after the other, in one line
     */
    public record Part(int lanes, int strands, List<Line> lines) {
        private static Part of(Phase phase, ToDoubleFunction<Step> micros) {
            Map<Object, Line> lines = new LinkedHashMap<>();
            Line last = null;
            int changes = 0;
            for (Step step : phase.steps().toList()) {
                Line line = Line.of(step);
                changes += line.equals(last) ? 0 : 1;
                last = line;
                Object alike = step.key().isStrand() ? line : changes;
                Line timed = line.times(1, micros.applyAsDouble(step));
                lines.merge(alike, timed, (one, more) -> one.times(one.count + 1, one.micros + more.micros));
            }
            long strands = phase.steps().map(s -> s.key().strand()).distinct().count();
            return new Part(phase.lanes().size(), (int) strands, List.copyOf(lines.values()));
        }
    }

    /**
     * Steps that do the same, each for its tile or its part of a result.
     *
     * @param operator what they compute, with the fused operators
     * @param origin the layer or loss they belong to, as the user wrote it
     * @param reads shapes and layouts of what one reads
     * @param writes shapes and layouts of what one writes
     * @param implementation the kernel
     * @param bytes the bytes that one reads and writes
     * @param flops floating-point operations of one
     * @param count how many steps there are
     * @param tiles how many tiles each computes, one after the other
     * @param micros the median times of all together in microseconds, 0 where they were not measured
     */
    public record Line(
            String operator,
            String origin,
            List<String> reads,
            List<String> writes,
            String implementation,
            long bytes,
            double flops,
            int count,
            int tiles,
            double micros) {
        private static Line of(Step step) {
            return new Line(
                    step.operator(),
                    step.origin(),
                    step.reads().stream().map(b -> b.layout().toString()).toList(),
                    step.writes().stream().map(b -> b.layout().toString()).toList(),
                    step.implementation(),
                    Stream.concat(step.reads().stream(), step.writes().stream())
                            .mapToLong(Buffer::bytes)
                            .sum(),
                    step.flops(),
                    1,
                    step.key().times(),
                    0);
        }

        private Line times(int steps, double all) {
            return new Line(operator, origin, reads, writes, implementation, bytes, flops, steps, tiles, all);
        }
    }

    /** What a plan does, with the median times of steps in microseconds, 0 where they are not known. */
    static Explanation of(Plan plan, ToDoubleFunction<Step> micros) {
        return new Explanation(
                Part.of(plan.phases().get(0), micros).lines,
                plan.phases().stream().skip(1).map(p -> Part.of(p, micros)).toList(),
                plan.memory().bytes(),
                plan.memory().lowerBound());
    }

    /** The steps of a run. */
    public List<Line> steps() {
        return parts.stream().flatMap(p -> p.lines.stream()).toList();
    }

    /** How many kernel calls a run makes, those of a loop over tiles counted once. */
    public int calls() {
        return steps().stream().mapToInt(Line::count).sum();
    }

    /** How many threads compute at the same time at most. */
    public int lanes() {
        return parts.stream().mapToInt(Part::lanes).max().orElse(1);
    }

    /** How many steps copy a value into another layout at each run. */
    public long reorders() {
        return steps().stream()
                .filter(s -> s.operator.equals("reorder"))
                .mapToInt(Line::count)
                .sum();
    }

    /** Floating-point operations of a run. */
    public double flops() {
        return steps().stream().mapToDouble(s -> s.flops * s.count * s.tiles).sum();
    }

    /** A line per step, and the sums. */
    @Override
    public String toString() {
        StringBuilder out = new StringBuilder();
        prologue.forEach(line -> out.append("once ").append(text(line)));
        int number = 0;
        for (Part part : parts) {
            if (part.strands > 1) {
                out.append(String.format(Locale.ROOT, "%d strands on %d threads%n", part.strands, part.lanes));
            }
            for (Line line : part.lines) {
                out.append(String.format(Locale.ROOT, "%4d ", number)).append(text(line));
                number += line.count;
            }
            if (part.strands > 1) {
                out.append(String.format("together%n"));
            }
        }
        return out.append(String.format(
                        Locale.ROOT,
                        "%d steps (%d reorders), %.1f MFLOP a run, arena %,d bytes (lower bound %,d)%n",
                        calls(),
                        reorders(),
                        flops() / 1e6,
                        arenaBytes,
                        lowerBound))
                .toString();
    }

    private static String text(Line line) {
        return String.format(
                Locale.ROOT,
                "%-34s %-24s %5s %s%10.1f KB %10.3f MFLOP  %s -> %s%s%n",
                line.operator,
                line.implementation,
                (line.count == 1 ? "" : "×" + line.count) + (line.tiles == 1 ? "" : "×" + line.tiles),
                line.micros == 0 ? "" : String.format(Locale.ROOT, "%9.1f µs ", line.micros),
                line.bytes * line.count * line.tiles / 1024.0,
                line.flops * line.count * line.tiles / 1e6,
                line.reads.stream().collect(Collectors.joining(", ")),
                line.writes.stream().collect(Collectors.joining(", ")),
                line.origin.isEmpty() ? "" : "  # " + line.origin);
    }
}
