package dev.fluxion.engine.graph;

import dev.fluxion.ir.Graph;
import dev.fluxion.ir.Standardise;

/**
 * Writes out standardisations, which are operators only for the sake of their gradient. What is written twice was found before, so
 * that nobody keeps x − mean: it is computed with whatever reads it.
 */
public final class Expand {
    private Expand() {}

    /** The graph in elementwise operators. */
    public static Graph apply(Graph graph) {
        return Rewriter.rewrite(
                graph,
                e -> e.op() instanceof Standardise op
                        ? op.decomposed(e.inputs()).get(0)
                        : e);
    }
}
