package dev.fluxion.engine.rule;

import dev.fluxion.engine.emit.Facts;
import dev.fluxion.engine.kernel.Fill;
import dev.fluxion.engine.kernel.GatherScatter;
import dev.fluxion.engine.kernel.Normalise;
import dev.fluxion.engine.kernel.Reduce;
import dev.fluxion.engine.kernel.RowNorm;
import dev.fluxion.engine.partition.Positions;
import dev.fluxion.engine.plan.Buffer;
import dev.fluxion.engine.plan.Step;
import dev.fluxion.engine.store.Own;
import dev.fluxion.engine.store.Position;
import dev.fluxion.ir.Compound;
import dev.fluxion.ir.Expr;
import dev.fluxion.ir.Indexing;
import dev.fluxion.ir.LayerNorm;
import dev.fluxion.ir.Leaf;
import dev.fluxion.ir.Normalised;
import dev.fluxion.ir.Reduction;
import java.util.List;
import java.util.Optional;

/** Operators that have one kernel, in Java, on row-major values. */
record JavaRule() implements Rule {
    @Override
    public String name() {
        return "java";
    }

    /** Makes a kernel, given where the operands and the result lie. */
    private interface Kernel {
        Step.Binder of(List<Buffer> reads, Buffer to);
    }

    @Override
    public Optional<Match> match(Candidate c, Facts facts) {
        Expr e = c.core();
        if (e.op() instanceof Leaf) {
            return fill(e);
        }
        if (e.op() instanceof Reduction) {
            boolean sum = e.op() instanceof Reduction.Sum;
            return match(
                    e,
                    "java:reduce",
                    e.input(0).shape().size(),
                    (reads, to) -> Reduce.of(sum, e.input(0).shape(), e.shape(), reads.get(0), to));
        }
        if (e.op() instanceof Indexing.Gather op) {
            GatherScatter follow = new GatherScatter(
                    e.input(0).shape(), e.shape(), op.axis(), e.origin(), Positions.of(facts.tiled(), e, 1));
            return match(e, "java:gather", 0, (reads, to) -> follow.gather(reads.get(0), reads.get(1), to));
        }
        if (e.op() instanceof Indexing.ScatterAdd op) {
            GatherScatter follow = new GatherScatter(
                    e.shape(), e.input(1).shape(), op.axis(), e.origin(), Positions.of(facts.tiled(), e, 1));
            int size = e.shape().size();
            return match(e, "java:scatter", 0, (reads, to) -> follow.scatterAdd(reads.get(0), reads.get(1), to, size));
        }
        if (e.op() instanceof LayerNorm op) {
            return rows(e, op, facts, (reads, places) -> RowNorm.forward(op.eps(), reads, places));
        }
        if (e.op() instanceof LayerNorm.Gradient op) {
            return rows(e, op, facts, RowNorm::backward);
        }
        if (e.op() instanceof Normalised.Softmax op) {
            return normalise(e, op.axis(), false);
        }
        return e.op() instanceof Normalised.LogSoftmax op ? normalise(e, op.axis(), true) : Optional.empty();
    }

    /** Makes a kernel with several results. */
    private interface Rows {
        Step.Binder of(List<Buffer> reads, List<Buffer> places);
    }

    private Optional<Match> rows(Expr e, Compound op, Facts facts, Rows kernel) {
        return Optional.of(Results.match(
                this,
                e,
                op,
                facts,
                (reads, places) ->
                        Step.of(op.toString(), e.origin(), reads, places, RowNorm.NAME, kernel.of(reads, places))));
    }

    private Optional<Match> normalise(Expr e, int axis, boolean logarithm) {
        return match(e, "java:softmax", 0, (reads, to) -> Normalise.of(logarithm, e.shape(), axis, reads.get(0), to));
    }

    private Optional<Match> fill(Expr e) {
        if (e.op() instanceof Leaf.Constant op) {
            return match(e, "java:fill", 0, (reads, to) -> Fill.constant((float) op.value(), 1, to));
        }
        if (e.op() instanceof Leaf.Iota op) {
            return match(e, "java:fill", 0, (reads, to) -> Fill.iota(op.length(), to));
        }
        if (e.op() instanceof Leaf.Uniform op) {
            int count = e.shape().size();
            return match(e, "java:random", 0, (reads, to) -> places -> {
                Position position = places.of(Own.POSITION);
                return Fill.uniform(() -> position.noise(op.stream()), count, to)
                        .bind(places);
            });
        }
        return Optional.empty();
    }

    private Optional<Match> match(Expr e, String implementation, double flops, Kernel kernel) {
        return Optional.of(Match.plain(this, e, e.inputs(), (reads, to) -> Step.of(
                        e.op().toString(), e.origin(), reads, List.of(to), implementation, kernel.of(reads, to))
                .flops(flops)));
    }
}
