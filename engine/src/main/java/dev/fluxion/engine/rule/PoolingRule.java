package dev.fluxion.engine.rule;

import dev.fluxion.engine.emit.Facts;
import dev.fluxion.engine.emit.Primitives;
import dev.fluxion.engine.kernel.WindowPooling;
import dev.fluxion.engine.plan.TensorLayout;
import dev.fluxion.ffi.Arg;
import dev.fluxion.ffi.Layout;
import dev.fluxion.ffi.Pass;
import dev.fluxion.ffi.Pooling.Kind;
import dev.fluxion.ffi.Primitive;
import dev.fluxion.ffi.Window;
import dev.fluxion.ir.Expr;
import dev.fluxion.ir.PoolSpec;
import dev.fluxion.ir.Pooling;
import dev.fluxion.ir.Shape;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Pooling and its gradients by kernels of the library, in the layout of the images. A max-pooling whose gradient is wanted notes
 * the places of its maxima.
 */
record PoolingRule() implements Rule {
    @Override
    public String name() {
        return "pooling";
    }

    @Override
    public Optional<Match> match(Candidate c, Facts facts) {
        Expr e = c.core();
        if (e.op() instanceof Pooling.MaxPool op) {
            boolean noted = facts.readers().of(e.input(0)).stream()
                    .anyMatch(r -> r.op() instanceof Pooling.MaxPoolGrad grad
                            && r.input(0) == e.input(0)
                            && grad.spec().equals(op.spec()));
            return Maximum.of(e.input(0), op.spec(), e.shape(), noted, facts).map(max -> max(c, max));
        }
        if (e.op() instanceof Pooling.MaxPoolGrad op) {
            return Maximum.of(e.input(0), op.spec(), e.input(1).shape(), true, facts)
                    .flatMap(max -> facts.offered(
                                    of(Kind.MAX, max.from(), max.to(), op.spec())
                                            .pass(Pass.BACKWARD),
                                    name -> Implementations.poolingGradient(name, e.shape()))
                            .map(primitive -> gradient(c, max, primitive)));
        }
        if (e.op() instanceof Pooling.AvgPool op) {
            return average(e.input(0), op.spec(), e.shape(), facts)
                    .map(primitive -> step(
                            e,
                            primitive,
                            new Laid(e.input(0), facts.layouts().of(e.input(0))),
                            Arg.SOURCE,
                            Arg.DESTINATION,
                            flops(e.shape(), op.spec())));
        }
        return e.op() instanceof Pooling.AvgPoolGrad op ? averageGradient(e, op.spec(), facts) : Optional.empty();
    }

    @Override
    public Optional<Match> inJava(Candidate c, Facts facts) {
        Expr e = c.core();
        if (e.op() instanceof Pooling.MaxPool op) {
            WindowPooling windows = new WindowPooling(op.spec(), e.input(0).shape(), e.shape());
            return inJava(e, (reads, to) -> windows.max(reads.get(0), to));
        }
        if (e.op() instanceof Pooling.MaxPoolGrad op) {
            WindowPooling windows =
                    new WindowPooling(op.spec(), e.shape(), e.input(1).shape());
            return inJava(e, (reads, to) -> windows.maxGradient(reads.get(0), reads.get(1), to));
        }
        if (e.op() instanceof Pooling.AvgPool op) {
            WindowPooling windows = new WindowPooling(op.spec(), e.input(0).shape(), e.shape());
            return inJava(e, (reads, to) -> windows.average(reads.get(0), to));
        }
        if (e.op() instanceof Pooling.AvgPoolGrad op) {
            WindowPooling windows =
                    new WindowPooling(op.spec(), e.shape(), e.input(0).shape());
            return inJava(e, (reads, to) -> windows.averageGradient(reads.get(0), to));
        }
        return Optional.empty();
    }

    private Optional<Match> inJava(Expr e, Kernel kernel) {
        return Optional.of(Match.plain(this, e, e.inputs(), "java:pool", kernel));
    }

    private static dev.fluxion.ffi.Pooling of(Kind kind, Layout x, Layout y, PoolSpec spec) {
        Window window = Window.of(spec.kernel().h(), spec.kernel().w())
                .stride(spec.stride().h(), spec.stride().w())
                .padding(spec.pad().h(), spec.pad().w());
        return dev.fluxion.ffi.Pooling.of(kind, x, y, window);
    }

    /**
     * A max-pooling.
     *
     * @param y the shape of its result
     * @param noted whether it notes the places of its maxima
     */
    record Maximum(Expr x, Layout from, PoolSpec spec, Shape y, boolean noted, Primitive primitive) {
        /** The library's kernel; empty if it has none that leaves channels at their places. */
        static Optional<Maximum> of(Expr x, PoolSpec spec, Shape y, boolean noted, Facts facts) {
            Layout from = facts.layouts().of(x);
            return facts.offered(
                            PoolingRule.of(Kind.MAX, from, TensorLayout.any(y), spec)
                                    .pass(noted ? Pass.TRAINING : Pass.INFERENCE),
                            name -> Implementations.pooling(name, x.shape()))
                    .map(primitive -> new Maximum(x, from, spec, y, noted, primitive))
                    .filter(max -> from.channelsAtPlace().isPresent()
                            && from.channelsAtPlace().equals(max.to().channelsAtPlace()));
        }

        Layout to() {
            return primitive.layout(Arg.DESTINATION);
        }

        double flops() {
            return PoolingRule.flops(y, spec);
        }
    }

    private Match max(Candidate c, Maximum max) {
        return new Match(
                name(),
                c,
                List.of(new Laid(max.x, max.from())),
                List.of(new Laid(c.root(), max.to())),
                () -> List.of(c.root()),
                to -> to.pools().max(c.root(), max));
    }

    private Match gradient(Candidate c, Maximum max, Primitive primitive) {
        Expr e = c.root();
        return new Match(
                name(),
                c,
                List.of(new Laid(max.x, max.from()), new Laid(e.input(1), max.to())),
                List.of(new Laid(e, primitive.layout(Arg.SOURCE_GRADIENT))),
                () -> List.of(e),
                to -> to.pools().maxGradient(e, max, primitive));
    }

    private static Optional<Primitive> average(Expr x, PoolSpec spec, Shape y, Facts facts) {
        return facts.offered(
                of(Kind.PADDED_MEAN, facts.layouts().of(x), TensorLayout.any(y), spec),
                name -> Implementations.pooling(name, x.shape()));
    }

    /** The gradient lies as the images do whose pooling it belongs to. */
    private Optional<Match> averageGradient(Expr e, PoolSpec spec, Facts facts) {
        Expr g = e.input(0);
        Optional<Expr> pooling = facts.readers().pooling(e);
        Optional<Primitive> forward = pooling.flatMap(pool -> average(pool.input(0), spec, pool.shape(), facts));
        Layout x = forward.isPresent()
                ? facts.layouts().of(pooling.get().input(0))
                : Laid.plain(e).layout();
        Layout y =
                forward.map(p -> p.layout(Arg.DESTINATION)).orElse(Laid.plain(g).layout());
        return facts.offered(
                        of(Kind.PADDED_MEAN, x, y, spec).pass(Pass.BACKWARD),
                        name -> Implementations.poolingGradient(name, e.shape()))
                .map(primitive -> step(
                        e,
                        primitive,
                        new Laid(g, y),
                        Arg.DESTINATION_GRADIENT,
                        Arg.SOURCE_GRADIENT,
                        flops(g.shape(), spec)));
    }

    private Match step(Expr e, Primitive primitive, Laid operand, Arg source, Arg target, double flops) {
        return Match.step(
                this,
                e,
                List.of(operand),
                primitive.layout(target),
                (reads, to) -> Primitives.step(e, primitive, Map.of(source, reads.get(0)), Map.of(target, to), flops));
    }

    private static double flops(Shape y, PoolSpec spec) {
        return (double) y.size() * spec.kernel().h() * spec.kernel().w();
    }
}
