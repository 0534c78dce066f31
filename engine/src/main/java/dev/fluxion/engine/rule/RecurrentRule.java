package dev.fluxion.engine.rule;

import dev.fluxion.engine.emit.Facts;
import dev.fluxion.engine.emit.Primitives;
import dev.fluxion.engine.kernel.Recurrent;
import dev.fluxion.engine.plan.Buffer;
import dev.fluxion.engine.plan.Step;
import dev.fluxion.ffi.Arg;
import dev.fluxion.ffi.Eltwise;
import dev.fluxion.ffi.Layout;
import dev.fluxion.ffi.MatMul;
import dev.fluxion.ffi.PostOps;
import dev.fluxion.ffi.Primitive;
import dev.fluxion.ir.Expr;
import dev.fluxion.ir.Recurrence;
import dev.fluxion.ir.RecurrenceGradient;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/** Recurrences and their gradients with products and functions of the library, the weights being packed once for all steps. */
record RecurrentRule() implements Rule {
    @Override
    public String name() {
        return "recurrent";
    }

    @Override
    public Optional<Match> match(Candidate c, Facts facts) {
        Expr e = c.core();
        if (e.op() instanceof Recurrence op) {
            Recurrent sizes = RecurrentLowering.sizes(op, e);
            Optional<Primitive> logistic = facts.offered(function(Eltwise.Function.LOGISTIC, sizes.products()));
            Optional<Primitive> tangent = facts.offered(function(Eltwise.Function.TANH, sizes.state()));
            Optional<Primitive> product = facts.offered(sum(sizes));
            return logistic.isEmpty() || tangent.isEmpty()
                    ? Optional.empty()
                    : product.map(p -> RecurrentLowering.forward(
                            this,
                            e,
                            p.layout(Arg.WEIGHTS).permute(1, 0),
                            facts,
                            p.implementation(),
                            (weights, bias, scratch) -> new Recurrent.Native(
                                    product(p, scratch.state(), weights, bias, scratch.products()),
                                    function(logistic.get(), scratch.products()),
                                    function(tangent.get(), scratch.tangent()))));
        }
        if (e.op() instanceof RecurrenceGradient op) {
            Recurrent sizes = RecurrentLowering.sizes(op, e);
            return facts.offered(product(sizes.products(), sizes.state()))
                    .map(p -> RecurrentLowering.backward(
                            this,
                            e,
                            p.layout(Arg.WEIGHTS),
                            facts,
                            p.implementation(),
                            (products, weights, state) -> product(p, products, weights, state)));
        }
        return Optional.empty();
    }

    private static MatMul product(Layout left, Layout result) {
        return MatMul.of(left, Layout.any(left.dims()[1], result.dims()[1]), result);
    }

    /** What is added to the products of the inputs. */
    private static MatMul sum(Recurrent sizes) {
        return product(sizes.state(), sizes.products())
                .bias(Layout.plain(1, sizes.products().dims()[1]))
                .postOps(PostOps.NONE.sum(1));
    }

    private static Step product(Primitive primitive, Buffer left, Buffer weights, Buffer result) {
        return product(primitive, Map.of(Arg.SOURCE, left, Arg.WEIGHTS, weights), result);
    }

    private static Step product(Primitive primitive, Buffer left, Buffer weights, Buffer bias, Buffer result) {
        return product(primitive, Map.of(Arg.SOURCE, left, Arg.WEIGHTS, weights, Arg.BIAS, bias), result);
    }

    private static Step product(Primitive primitive, Map<Arg, Buffer> reads, Buffer result) {
        Map<Arg, Buffer> laid = new LinkedHashMap<>();
        reads.forEach((arg, buffer) -> laid.put(arg, buffer.as(primitive.layout(arg))));
        return Primitives.step("matmul", "", primitive, laid, Map.of(Arg.DESTINATION, result), 0);
    }

    private static Eltwise function(Eltwise.Function function, Layout layout) {
        return Eltwise.of(function, 0, 0, layout);
    }

    private static Step function(Primitive primitive, Buffer values) {
        return Primitives.step("", "", primitive, Map.of(Arg.SOURCE, values), Map.of(Arg.DESTINATION, values), 0);
    }
}
