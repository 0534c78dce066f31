package dev.fluxion.engine.partition;

import dev.fluxion.engine.kernel.Flops;
import dev.fluxion.ir.Compound;
import dev.fluxion.ir.Contraction;
import dev.fluxion.ir.Elementwise;
import dev.fluxion.ir.Expr;
import dev.fluxion.ir.Graph;
import dev.fluxion.ir.Indexing;
import dev.fluxion.ir.Leaf;
import dev.fluxion.ir.Normalised;
import dev.fluxion.ir.Pooling;
import dev.fluxion.ir.Reduction;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * What a run of a prediction costs beside its rows: weights are read once, whatever the number of rows, and each step has to
 * be started. Tables are no such weights: of these, each row reads what it names. An estimate from the graph alone, so that it is
 * the same on all machines.
 */
public final class RunCost {
    /** Operations a second. */
    private static final double RATE = 180e9;
    /** Seconds that an element takes on its way. */
    private static final double ELEMENT = 0.12e-9;
    /** Seconds that a run takes to start. */
    private static final double RUN = 1.5e-6;
    /** Seconds that one of its kernels takes to start. */
    private static final double STEP = 0.8e-6;
    /** Bytes that second-level and third-level caches hold, and bytes a second that they and the memory give. */
    private static final double SECOND = 1 << 20;

    private static final double THIRD = 32 << 20;
    /** Programs that run in turns, each with its own copies of the weights. */
    private static final double COPIES = 3;

    private static final double FROM_SECOND = 200e9;
    private static final double FROM_THIRD = 60e9;
    private static final double FROM_MEMORY = 20e9;

    private RunCost() {}

    /** The cost beside the rows of a graph for a single row, in rows. */
    public static double inRows(Graph graph) {
        double flops = 0;
        double elements = 0;
        int steps = 0;
        Set<Expr> isOfInput = new HashSet<>();
        Set<Expr> isWhollyRead = new HashSet<>();
        for (Expr e : graph.order()) {
            if (e.op() instanceof Leaf.Input || e.inputs().stream().anyMatch(isOfInput::contains)) {
                isOfInput.add(e);
            }
            isWhollyRead.addAll(e.op() instanceof Indexing.Gather ? List.of(e.input(1)) : e.inputs());
            flops += Flops.of(e);
            elements += isOfInput.contains(e) ? e.shape().size() : 0;
            steps += isKernel(e) ? 1 : 0;
        }
        double weights = graph.parameters().stream()
                .filter(isWhollyRead::contains)
                .mapToDouble(p -> (double) p.shape().size() * Float.BYTES)
                .sum();
        double row = flops / RATE + Math.max(1, elements) * ELEMENT;
        return (RUN + steps * STEP + weights / rate(weights)) / row;
    }

    private static double rate(double bytes) {
        return COPIES * bytes <= SECOND ? FROM_SECOND : COPIES * bytes <= THIRD ? FROM_THIRD : FROM_MEMORY;
    }

    private static boolean isKernel(Expr e) {
        return e.op() instanceof Contraction
                || e.op() instanceof Pooling
                || e.op() instanceof Normalised
                || e.op() instanceof Compound
                || e.op() instanceof Reduction
                || e.op() instanceof Elementwise.Unary;
    }
}
