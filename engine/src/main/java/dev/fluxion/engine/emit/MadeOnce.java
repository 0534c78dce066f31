package dev.fluxion.engine.emit;

import dev.fluxion.engine.graph.OfParameters;
import dev.fluxion.engine.partition.BatchPartition;
import dev.fluxion.engine.partition.Readers;
import dev.fluxion.ir.Expr;
import java.util.HashMap;
import java.util.Map;

/**
 * What a prediction computes only when parameters have changed: what follows from parameters, and the constants that it reads. All that
 * such a value reads is there before it: it is another one, or a parameter.
 */
final class MadeOnce {
    private final BatchPartition.Tiled tiled;
    private final Readers readers;
    private final OfParameters ofParameters;
    private final Map<Expr, Boolean> known = new HashMap<>();

    MadeOnce(BatchPartition.Tiled tiled, Readers readers) {
        this.tiled = tiled;
        this.readers = readers;
        this.ofParameters = new OfParameters(tiled.graph().order());
    }

    boolean contains(Expr e) {
        Boolean before = known.get(e);
        if (before == null) {
            before = find(e);
            known.put(e, before);
        }
        return before;
    }

    private boolean find(Expr e) {
        if (ofParameters.isConstant(e)) {
            return isWhole(e) && readers.of(e).stream().anyMatch(this::contains);
        }
        return ofParameters.contains(e)
                && !tiled.key(e).isStrand()
                && e.inputs().stream()
                        .allMatch(in ->
                                Facts.isOfParameter(in) || (ofParameters.isConstant(in) ? isWhole(in) : contains(in)));
    }

    /** Whether a constant, and what it is made of, is not computed for each tile. */
    private boolean isWhole(Expr constant) {
        return !tiled.key(constant).isStrand() && constant.inputs().stream().allMatch(this::isWhole);
    }
}
