package dev.fluxion.engine.rule;

import dev.fluxion.engine.emit.Facts;
import dev.fluxion.engine.emit.Placements;
import dev.fluxion.engine.kernel.AttentionBlocks;
import dev.fluxion.engine.kernel.BlockedAttention;
import dev.fluxion.engine.kernel.Guarded;
import dev.fluxion.engine.kernel.Heads;
import dev.fluxion.engine.kernel.PlainAttention;
import dev.fluxion.engine.plan.Buffer;
import dev.fluxion.engine.plan.Step;
import dev.fluxion.ffi.Operation;
import dev.fluxion.ffi.Primitive;
import dev.fluxion.ir.Attention;
import dev.fluxion.ir.Compound;
import dev.fluxion.ir.Expr;
import dev.fluxion.ir.Shape;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.IntStream;

/** Attention in blocks by the library's products and softmax, which read heads as they lie. */
record AttentionRule() implements Rule {
    @Override
    public String name() {
        return "attention";
    }

    @Override
    public Optional<Match> match(Candidate c, Facts facts) {
        Expr e = c.core();
        boolean forward = e.op() instanceof Attention;
        if (!forward && !(e.op() instanceof Attention.Gradient) || isEmpty(e)) {
            return Optional.empty();
        }
        List<Laid> reads = IntStream.range(0, e.inputs().size())
                .mapToObj(i -> laid(e, i, facts))
                .toList();
        AttentionBlocks blocks = blocks(e, reads, facts);
        boolean offered = (forward ? blocks.forward() : blocks.backward())
                .stream().allMatch(operation -> facts.offered(operation).isPresent());
        if (!offered) {
            return Optional.empty();
        }
        Function<Operation, Primitive> library =
                operation -> facts.offered(operation).orElseThrow();
        return Optional.of(Results.match(
                this,
                e,
                (Compound) e.op(),
                reads,
                facts,
                (from, to) -> forward
                        ? forward(e, blocks, library, from, to.get(0))
                        : backward(e, blocks, library, from, to)));
    }

    @Override
    public Optional<Match> inJava(Candidate c, Facts facts) {
        Expr e = c.core();
        boolean forward = e.op() instanceof Attention;
        if (!forward && !(e.op() instanceof Attention.Gradient)) {
            return Optional.empty();
        }
        AttentionBlocks blocks = blocks(e, e.inputs().stream().map(Laid::plain).toList(), facts);
        return Optional.of(Results.match(
                this,
                e,
                (Compound) e.op(),
                facts,
                PlainAttention.NAME,
                (from, to) -> forward
                        ? PlainAttention.forward(blocks, from, to.get(0))
                        : PlainAttention.backward(blocks, from, to)));
    }

    private static Step forward(
            Expr e, AttentionBlocks blocks, Function<Operation, Primitive> library, List<Buffer> reads, Buffer to) {
        Step step = BlockedAttention.forward(e.op().toString(), e.origin(), blocks, library, reads, to);
        return Guarded.step(step, to, PlainAttention.forward(blocks, reads, to));
    }

    private static Step backward(
            Expr e,
            AttentionBlocks blocks,
            Function<Operation, Primitive> library,
            List<Buffer> reads,
            List<Buffer> to) {
        Step step = BlockedAttention.backward(e.op().toString(), e.origin(), blocks, library, reads, to);
        return Guarded.step(step, to.get(0), PlainAttention.backward(blocks, reads, to));
    }

    private static boolean isEmpty(Expr e) {
        return e.inputs().stream().anyMatch(in -> in.shape().size() == 0);
    }

    /** The blocks of an attention, or of its gradients, whose operands lie as given. */
    private static AttentionBlocks blocks(Expr e, List<Laid> reads, Facts facts) {
        boolean isCausal = e.op() instanceof Attention op
                ? op.isCausal()
                : e.op() instanceof Attention.Gradient gradient && gradient.isCausal();
        double dropout = e.op() instanceof Attention op
                ? op.dropout()
                : e.op() instanceof Attention.Gradient gradient ? gradient.dropout() : 0;
        int first = first(e);
        Heads[] heads = IntStream.range(first, first + 3)
                .mapToObj(i -> heads(e.input(i).shape(), reads.get(i)))
                .toArray(Heads[]::new);
        Heads results = Heads.plain((first == 0 ? e : e.input(0)).shape());
        int last = e.inputs().size() - (dropout > 0 ? 1 : 0);
        Optional<Shape> mask =
                e.inputs().subList(first + 3, last).stream().map(Expr::shape).findFirst();
        Shape whole = facts.whole(e).input(first).shape();
        return AttentionBlocks.of(heads[0], heads[1], heads[2], results, mask, isCausal, dropout, whole);
    }

    /** Where the queries stand among the operands. */
    private static int first(Expr e) {
        return e.op() instanceof Attention ? 0 : 2;
    }

    /** Queries, keys and values may be columns of a larger matrix, whose rows are positions. */
    private static Laid laid(Expr e, int operand, Facts facts) {
        Expr heads = e.input(operand);
        int first = first(e);
        boolean strided = operand >= first && operand < first + 3;
        Expr matrix = Placements.made(heads);
        if (strided && matrix.shape().rank() == 2) {
            boolean rows = matrix.shape().dim(0)
                    == heads.shape().dim(0) * heads.shape().dim(1);
            Laid lying = new Laid(matrix, facts.layouts().of(matrix));
            long[] strides = lying.layout().strides();
            if (rows && strides.length == 2 && strides[1] == 1) {
                return lying;
            }
        }
        return Laid.plain(heads);
    }

    private static Heads heads(Shape shape, Laid laid) {
        return laid.value().shape().rank() == 2
                ? Heads.strided(shape, laid.layout().strides()[0])
                : Heads.plain(shape);
    }
}
