package dev.fluxion.engine.partition;

import dev.fluxion.engine.kernel.Flops;
import dev.fluxion.ir.Contraction;
import dev.fluxion.ir.Expr;
import dev.fluxion.ir.Graph;
import dev.fluxion.ir.Pooling;
import dev.fluxion.ir.Recurrence;
import dev.fluxion.ir.RecurrenceGradient;
import java.util.List;
import java.util.Optional;

/**
 * Chooses the tiling of a graph by a rule that knows the graph alone, so that neither the machine nor the number of threads
 * changes a result. The constants are measured.
 */
public final class TilingPolicy {
    /** A tile's largest value shall leave room for others in a second-level cache. */
    private static final long CACHE = 1 << 20;
    /** The same in predictions, which keep no values for gradients: weights are read half as often. */
    private static final long OF_PREDICTIONS = 2 * CACHE;
    /** What is computed faster than another thread can be woken is left whole. */
    private static final double WORK = 4e6;
    /** A strand's gradients of the weights are written and added up: that shall cost little beside computing them. */
    private static final double WORK_PER_WEIGHT = 900;
    /** A strand reads the weights of products over and over: it shall have rows enough to multiply with them. */
    private static final double WORK_PER_FACTOR = 64;
    /** The same in predictions of products alone, whose columns threads can share: weights are read from afar half as often. */
    private static final double OF_PRODUCTS = 128;
    /** Those of a recurrence stay in the cache from step to step: fewer rows are enough. */
    private static final int STAYING = 2;
    /** The memory that strands may take for gradients of weights. */
    private static final long GRADIENTS = 96 << 20;

    private TilingPolicy() {}

    /** The tiling of a graph; empty if it is better left whole. */
    public static Optional<Tiling> of(Graph graph) {
        int batch = batch(graph);
        if (batch < 2) {
            return Optional.empty();
        }
        double work = 0;
        long largest = 1;
        long weights = 0;
        long factors = 0;
        for (Expr e : graph.order()) {
            if (e.op() instanceof Contraction.MatMul) {
                boolean tiled = e.shape().dim(-2) % batch == 0;
                work += tiled ? Flops.of(e) : 0;
                factors += tiled ? e.input(1).shape().size() : 0;
            } else if (e.op() instanceof Recurrence || e.op() instanceof RecurrenceGradient) {
                work += Flops.of(e);
                factors += (long) (Flops.of(e) / (2L * STAYING * e.shape().dim(0)));
            } else if (e.op() instanceof Contraction.ConvGradWeight) {
                work += Flops.of(e);
                weights += e.shape().size();
            } else if (e.op() instanceof Contraction || e.op() instanceof Pooling) {
                work += Flops.of(e);
                largest = Math.max(largest, (long) e.shape().size() * Float.BYTES);
            }
        }
        double perFactor = largest == 1 && isPrediction(graph) ? OF_PRODUCTS : WORK_PER_FACTOR;
        double share = Math.max(WORK, Math.max(weights * WORK_PER_WEIGHT, factors * perFactor));
        int room = weights == 0 ? Tiling.STRANDS : (int) Math.max(2, GRADIENTS / (weights * Float.BYTES));
        int most = (int) Math.min(Math.min(Tiling.STRANDS, room), Math.min(batch, work / share));
        int strands = Integer.highestOneBit(Math.max(1, most));
        int cached = (int) Math.min(batch, largest / (isPrediction(graph) ? OF_PREDICTIONS : CACHE));
        int tiles = Math.max(strands, cached);
        int even = Math.min(batch, (tiles + strands - 1) / strands * strands);
        return even < 2 ? Optional.empty() : Optional.of(new Tiling(batch, even, strands));
    }

    private static boolean isPrediction(Graph graph) {
        return graph.stages().stream().allMatch(stage -> stage.updates().isEmpty());
    }

    /** The first extent of the first input. */
    private static int batch(Graph graph) {
        List<Expr> inputs = graph.inputs();
        return inputs.isEmpty() || inputs.get(0).shape().rank() == 0
                ? 0
                : inputs.get(0).shape().dim(0);
    }
}
