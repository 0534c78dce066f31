package dev.fluxion.engine.rule;

import dev.fluxion.engine.emit.Facts;
import dev.fluxion.engine.emit.Primitives;
import dev.fluxion.engine.kernel.NativeNorm;
import dev.fluxion.engine.kernel.RowNorm;
import dev.fluxion.engine.plan.Buffer;
import dev.fluxion.engine.plan.Step;
import dev.fluxion.ffi.Arg;
import dev.fluxion.ffi.LayerNormalization;
import dev.fluxion.ffi.Layout;
import dev.fluxion.ffi.Pass;
import dev.fluxion.ffi.Primitive;
import dev.fluxion.ir.Expr;
import dev.fluxion.ir.LayerNormalisation;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Layer normalisations and their gradients by kernels of the library, which take each row in one dimension. */
record LayerNormRule() implements Rule {
    private static final List<Arg> OPERANDS = List.of(Arg.SOURCE, LayerNormalization.SCALE, LayerNormalization.SHIFT);
    private static final List<Arg> RESULTS =
            List.of(Arg.DESTINATION, LayerNormalization.MEAN, LayerNormalization.VARIANCE);
    private static final List<Arg> GRADIENT_OPERANDS = List.of(
            Arg.DESTINATION_GRADIENT,
            Arg.SOURCE,
            LayerNormalization.MEAN,
            LayerNormalization.VARIANCE,
            LayerNormalization.SCALE);
    private static final List<Arg> GRADIENTS =
            List.of(Arg.SOURCE_GRADIENT, LayerNormalization.SCALE_GRADIENT, LayerNormalization.SHIFT_GRADIENT);
    /** Where the variance stands among the operands of the gradient. */
    private static final int VARIANCE = 3;

    @Override
    public String name() {
        return "layer-norm";
    }

    @Override
    public Optional<Match> match(Candidate c, Facts facts) {
        Expr e = c.core();
        if (e.op() instanceof LayerNormalisation op) {
            return facts.offered(forward(op, rows(e, e.input(1))))
                    .map(p -> Results.match(this, e, op, facts, (reads, places) -> forward(p, e, op, reads, places)
                            .shared((count, library) -> parts(p, e, op, reads, places, count, library))));
        }
        if (e.op() instanceof LayerNormalisation.Gradient op) {
            LayerNormalization backward = new LayerNormalization(Pass.BACKWARD, rows(e, e.input(4)), 0);
            return facts.offered(backward)
                    .map(p -> Results.match(this, e, op, facts, (reads, places) -> gradient(p, e, reads, places)));
        }
        return Optional.empty();
    }

    @Override
    public Optional<Match> inJava(Candidate c, Facts facts) {
        Expr e = c.core();
        if (e.op() instanceof LayerNormalisation op) {
            return Optional.of(Results.match(
                    this, e, op, facts, RowNorm.NAME, (reads, places) -> RowNorm.forward(op.eps(), reads, places)));
        }
        return e.op() instanceof LayerNormalisation.Gradient op
                ? Optional.of(Results.match(this, e, op, facts, RowNorm.NAME, RowNorm::backward))
                : Optional.empty();
    }

    private static LayerNormalization forward(LayerNormalisation op, Layout rows) {
        return new LayerNormalization(Pass.TRAINING, rows, (float) op.eps());
    }

    private static Step forward(
            Primitive primitive, Expr e, LayerNormalisation op, List<Buffer> reads, List<Buffer> places) {
        return NativeNorm.forward(step(primitive, e, OPERANDS, reads, RESULTS, places), op.eps(), reads, places);
    }

    /** Each part some of the rows, by the same kernel; none if there are fewer. */
    private static List<Step> parts(
            Primitive whole,
            Expr e,
            LayerNormalisation op,
            List<Buffer> reads,
            List<Buffer> places,
            int count,
            Step.Library library) {
        int length = e.input(1).shape().size();
        int rows = e.shape().size() / length;
        return Step.Division.ofUnits(rows, count, (from, to) -> {
            List<Buffer> read = List.of(rows(reads.get(0), length, from, to), reads.get(1), reads.get(2));
            List<Buffer> written = List.of(
                    rows(places.get(0), length, from, to),
                    rows(places.get(1), 1, from, to),
                    rows(places.get(2), 1, from, to));
            return library.offered(forward(op, Layout.plain(to - from, length)), first -> whole.implementation())
                    .filter(primitive -> primitive.implementation().equals(whole.implementation()))
                    .map(primitive -> forward(primitive, e, op, read, written));
        });
    }

    private static Buffer rows(Buffer all, long length, int from, int to) {
        return all.elements(from * length, to * length);
    }

    private static Layout rows(Expr e, Expr weight) {
        int length = weight.shape().size();
        return Layout.plain(e.shape().size() / length, length);
    }

    /** The library takes variances, which are made of what is given. */
    private static Step gradient(Primitive primitive, Expr e, List<Buffer> reads, List<Buffer> places) {
        Buffer variance = Buffer.temporary("variance", reads.get(VARIANCE).layout());
        List<Buffer> operands = new ArrayList<>(reads);
        operands.set(VARIANCE, variance);
        Step step = step(primitive, e, GRADIENT_OPERANDS, operands, GRADIENTS, places);
        return NativeNorm.backward(step, variance, reads, places);
    }

    private static Step step(
            Primitive primitive, Expr e, List<Arg> operands, List<Buffer> from, List<Arg> results, List<Buffer> to) {
        return Primitives.step(
                e,
                primitive,
                arguments(primitive, operands, from),
                arguments(primitive, results, to),
                8.0 * e.shape().size());
    }

    private static Map<Arg, Buffer> arguments(Primitive primitive, List<Arg> args, List<Buffer> buffers) {
        Map<Arg, Buffer> all = new LinkedHashMap<>();
        for (int i = 0; i < args.size(); i++) {
            all.put(args.get(i), buffers.get(i).as(primitive.layout(args.get(i))));
        }
        return all;
    }
}
