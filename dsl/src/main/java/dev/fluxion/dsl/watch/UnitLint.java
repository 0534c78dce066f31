package dev.fluxion.dsl.watch;

import dev.fluxion.Tensors;
import dev.fluxion.data.Batch;
import dev.fluxion.dsl.lint.Check;
import dev.fluxion.dsl.lint.Finding;
import dev.fluxion.dsl.lint.Findings;
import dev.fluxion.ir.Elementwise.Unary;
import dev.fluxion.ir.Expr;
import dev.fluxion.ir.Graph;
import dev.fluxion.ir.Shape;
import dev.fluxion.ir.UnaryFn;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * Finds layers whose units are 0 for all samples: after some steps it predicts what follows a relu for some batches, of which a program
 * of its own keeps the largest values of each unit.
 */
final class UnitLint implements AutoCloseable {
    private static final int AFTER = 200;
    /** From this step on it waits no longer for batches of the same shapes. */
    private static final int LAST = 400;

    private static final int SAMPLES = 256;
    private static final int MOST_BATCHES = 16;
    private static final int FEW = 64;
    private static final int FEW_UNITS = 4;

    private final Findings findings;
    private final Subject subject;
    private final Map<String, Expr> largest = new LinkedHashMap<>();
    private final Map<String, float[]> seen = new LinkedHashMap<>();
    private Subject.@Nullable Probe probe;
    private Map<String, Shape> shapes = Map.of();
    private int steps;
    private int batches;
    private int samples;
    private boolean done;

    UnitLint(Findings findings, Subject subject) {
        this.findings = findings;
        this.subject = subject;
        this.done = !findings.asks(Check.DEAD_UNITS);
    }

    boolean isDone() {
        return done;
    }

    /** Looks at a batch that was trained, unless its inputs have other shapes than those of the first one that was looked at. */
    void step(Batch batch) {
        steps++;
        if (done || steps <= AFTER) {
            return;
        }
        Subject.Probe own = probe == null ? begin(batch) : probe;
        if (own != null && shapes.equals(shapes(batch))) {
            add(own.apply(batch));
            samples += batch.size();
            batches++;
        }
        if (own == null || samples >= SAMPLES || batches >= MOST_BATCHES || steps >= LAST) {
            judge();
            close();
        }
    }

    private static Map<String, Shape> shapes(Batch batch) {
        Map<String, Shape> shapes = new LinkedHashMap<>();
        batch.allInputs().all().forEach((name, input) -> shapes.put(name, input.shape()));
        return shapes;
    }

    private Subject.@Nullable Probe begin(Batch batch) {
        for (Expr e : Graph.topological(subject.computed(false, batch))) {
            boolean relu = e.op() instanceof Unary one && one.fn() == UnaryFn.RELU;
            if (relu && e.shape().rank() > 1 && e.shape().dim(unit(e)) >= FEW_UNITS) {
                largest.put("unit " + largest.size(), e);
            }
        }
        if (largest.isEmpty()) {
            return null;
        }
        Map<String, Expr> values = new LinkedHashMap<>();
        largest.forEach((name, e) -> values.put(name, e.maxOver(others(e))));
        shapes = shapes(batch);
        probe = subject.probe(values, batch);
        return probe;
    }

    /** The axis of the units: channels, or features of vectors in sequences. */
    private static int unit(Expr e) {
        return e.shape().rank() == 3 ? 2 : 1;
    }

    private static int[] others(Expr e) {
        return IntStream.range(0, e.shape().rank())
                .filter(axis -> axis != unit(e))
                .toArray();
    }

    private void add(Tensors made) {
        made.all().forEach((name, tensor) -> {
            float[] most = seen.computeIfAbsent(name, n -> new float[tensor.size()]);
            for (int i = 0; i < most.length; i++) {
                most[i] = Math.max(most[i], tensor.floats()[i]);
            }
        });
    }

    private void judge() {
        if (samples >= FEW) {
            seen.forEach((name, most) -> {
                int dead = (int) IntStream.range(0, most.length)
                        .filter(i -> most[i] == 0)
                        .count();
                if (2 * dead >= most.length) {
                    findings.tell(new Finding(
                            Check.DEAD_UNITS,
                            Exprs.place(largest.getOrDefault(name, Expr.none())),
                            Errors.dead(dead, most.length, samples),
                            Errors.revive()));
                }
            });
        }
    }

    @Override
    public void close() {
        done = true;
        if (probe != null) {
            probe.close();
            probe = null;
        }
    }
}
