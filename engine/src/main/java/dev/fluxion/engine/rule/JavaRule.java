package dev.fluxion.engine.rule;

import dev.fluxion.engine.emit.Facts;
import dev.fluxion.engine.kernel.AttentionBlocks;
import dev.fluxion.engine.kernel.Drawing;
import dev.fluxion.engine.kernel.Fill;
import dev.fluxion.engine.kernel.GatherScatter;
import dev.fluxion.engine.kernel.Normalise;
import dev.fluxion.engine.kernel.PlainAttention;
import dev.fluxion.engine.kernel.RecurrentParts;
import dev.fluxion.engine.kernel.ReduceParts;
import dev.fluxion.engine.kernel.RowNorm;
import dev.fluxion.engine.kernel.Sort;
import dev.fluxion.engine.partition.Positions;
import dev.fluxion.engine.plan.Buffer;
import dev.fluxion.engine.plan.Step;
import dev.fluxion.engine.store.Own;
import dev.fluxion.engine.store.Position;
import dev.fluxion.ir.ArgSort;
import dev.fluxion.ir.Attention;
import dev.fluxion.ir.Compound;
import dev.fluxion.ir.Draws;
import dev.fluxion.ir.Expr;
import dev.fluxion.ir.GroupNormalisation;
import dev.fluxion.ir.Indexing;
import dev.fluxion.ir.LayerNormalisation;
import dev.fluxion.ir.Leaf;
import dev.fluxion.ir.Moments;
import dev.fluxion.ir.Movement;
import dev.fluxion.ir.Normalised;
import dev.fluxion.ir.Recurrence;
import dev.fluxion.ir.RecurrenceGradient;
import dev.fluxion.ir.Reduction;
import dev.fluxion.ir.Shape;
import dev.fluxion.ir.Standardise;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;

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
            Shape in = e.input(0).shape();
            return Optional.of(Match.plain(
                    this, e, e.inputs(), (reads, to) -> ReduceParts.step(e, sum, in, e.shape(), reads.get(0), to)));
        }
        if (e.op() instanceof Indexing.Gather) {
            GatherScatter follow = follow(e, e.input(0).shape(), facts);
            return indexed(e, "java:gather", (reads, to) -> follow.gather(reads.get(0), reads.get(1), to));
        }
        if (e.op() instanceof Indexing.ScatterAdd) {
            GatherScatter follow = follow(e, e.shape(), facts);
            int size = e.shape().size();
            return indexed(e, "java:scatter", (reads, to) -> follow.scatterAdd(reads.get(0), reads.get(1), to, size));
        }
        if (e.op() instanceof ArgSort op) {
            return match(e, "java:sort", 0, (reads, to) -> Sort.of(op, e.input(0), reads.get(0), to));
        }
        if (e.op() instanceof Draws op) {
            return match(e, "java:draws", 0, (reads, to) -> Drawing.of(op.count(), reads.get(0), to));
        }
        if (e.op() instanceof Moments || e.op() instanceof Standardise.Sums) {
            return Optional.of(MomentsRule.match(this, e, Laid.plain(e.input(0)).layout(), facts));
        }
        if (e.op() instanceof LayerNormalisation op) {
            return rows(e, op, RowNorm.NAME, facts, (reads, places) -> RowNorm.forward(op.eps(), reads, places));
        }
        if (e.op() instanceof LayerNormalisation.Gradient op) {
            return rows(e, op, RowNorm.NAME, facts, RowNorm::backward);
        }
        if (e.op() instanceof GroupNormalisation || e.op() instanceof GroupNormalisation.Gradient) {
            return GroupNormRule.match(this, e, Laid.plain(e).layout(), facts);
        }
        if (e.op() instanceof Attention op) {
            AttentionBlocks blocks = blocks(e, facts);
            return rows(
                    e, op, PlainAttention.NAME, facts, (reads, to) -> PlainAttention.forward(blocks, reads, to.get(0)));
        }
        if (e.op() instanceof Attention.Gradient op) {
            AttentionBlocks blocks = blocks(e, facts);
            return rows(e, op, PlainAttention.NAME, facts, (reads, to) -> PlainAttention.backward(blocks, reads, to));
        }
        if (e.op() instanceof Recurrence) {
            return c.covers().size() > 1
                    ? Optional.empty()
                    : Optional.of(RecurrentLowering.inParts(
                            this, e, Laid.plain(e.input(1)).layout(), facts));
        }
        if (e.op() instanceof RecurrenceGradient op) {
            Expr weights = e.input(3 + op.cell().states());
            return Optional.of(RecurrentLowering.backward(
                    this, e, Laid.plain(weights).layout(), facts, "openblas", RecurrentParts::product));
        }
        if (e.op() instanceof Normalised.Softmax op) {
            return normalise(e, op.axis(), false);
        }
        return e.op() instanceof Normalised.LogSoftmax op ? normalise(e, op.axis(), true) : Optional.empty();
    }

    private static GatherScatter follow(Expr e, Shape indexed, Facts facts) {
        int axis = ((Indexing) e.op()).axis();
        return new GatherScatter(
                indexed, e.input(1).shape(), axis, isRepeated(e), e.origin(), Positions.of(facts.tiled(), e, 1));
    }

    /** Whether the index is one number for all that lies behind its axis, stretched over it. */
    private static boolean isRepeated(Expr e) {
        int axis = ((Indexing) e.op()).axis();
        Expr index = e.input(1);
        return index.op() instanceof Movement.Broadcast
                && index.input(0).shape().rank() == index.shape().rank()
                && IntStream.range(0, index.shape().rank())
                        .allMatch(i -> index.input(0).shape().dim(i)
                                == (i <= axis ? index.shape().dim(i) : 1));
    }

    private Optional<Match> indexed(Expr e, String implementation, Kernel kernel) {
        Expr index = isRepeated(e) ? e.input(1).input(0) : e.input(1);
        return match(e, List.of(e.input(0), index), implementation, 0, kernel);
    }

    private static AttentionBlocks blocks(Expr e, Facts facts) {
        return AttentionRule.blocks(e, e.inputs().stream().map(Laid::plain).toList(), facts);
    }

    /** Makes a kernel with several results. */
    private interface Rows {
        Step.Binder of(List<Buffer> reads, List<Buffer> places);
    }

    private Optional<Match> rows(Expr e, Compound op, String name, Facts facts, Rows kernel) {
        return Optional.of(Results.match(
                this,
                e,
                op,
                facts,
                (reads, places) -> Step.of(op.toString(), e.origin(), reads, places, name, kernel.of(reads, places))));
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
        return match(e, e.inputs(), implementation, flops, kernel);
    }

    private Optional<Match> match(Expr e, List<Expr> operands, String implementation, double flops, Kernel kernel) {
        return Optional.of(Match.plain(this, e, operands, (reads, to) -> Step.of(
                        e.op().toString(), e.origin(), reads, List.of(to), implementation, kernel.of(reads, to))
                .flops(flops)));
    }
}
