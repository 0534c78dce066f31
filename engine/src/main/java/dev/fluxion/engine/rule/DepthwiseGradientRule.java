package dev.fluxion.engine.rule;

import dev.fluxion.engine.emit.Facts;
import dev.fluxion.engine.emit.Lowering;
import dev.fluxion.engine.emit.Primitives;
import dev.fluxion.engine.kernel.Convolutions;
import dev.fluxion.engine.kernel.InTurn;
import dev.fluxion.engine.plan.Buffer;
import dev.fluxion.engine.plan.Step;
import dev.fluxion.ffi.Arg;
import dev.fluxion.ffi.Layout;
import dev.fluxion.ffi.PostOps;
import dev.fluxion.ffi.Primitive;
import dev.fluxion.ir.Contraction;
import dev.fluxion.ir.Expr;
import dev.fluxion.ir.Shape;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Gradients of the weights of depthwise convolutions, of which the library's own kernel computes none but those of three by three
 * weights. They are depthwise convolutions themselves, image by image: see {@link Convolutions#ofGradients}. Those with
 * more padding than the library takes, where {@link dev.fluxion.engine.graph.Depthwise} has left it, are columns.
 */
record DepthwiseGradientRule() implements Rule {
    private static final int WIDE = 16;
    private static final int NARROW = 8;

    @Override
    public String name() {
        return "depthwise-gradient";
    }

    @Override
    public Optional<Match> match(Candidate c, Facts facts) {
        Expr e = c.core();
        boolean alone =
                e.op() instanceof Contraction.ConvGradWeight && c.covers().size() == 1;
        if (!alone || !Convolutions.of(e).isDepthwise()) {
            return Optional.empty();
        }
        int block = facts.lanes() >= WIDE ? WIDE : NARROW;
        return Convolutions.of(e).ofGradients(block).flatMap(image -> facts.offered(image)
                .flatMap(first -> facts.offered(image.postOps(PostOps.NONE.sum(1)), other -> first.implementation())
                        .map(other -> match(c, block, first, other))));
    }

    private Match match(Candidate c, int block, Primitive first, Primitive other) {
        Expr e = c.core();
        Shape w = e.shape();
        Laid images = laid(block, e.input(0));
        Laid gradients = laid(block, e.input(1));
        Laid made = new Laid(e, Layout.channelBlocks(block, w.dim(0), 1, 1, w.dim(2), w.dim(3)));
        return new Match(
                name(),
                c,
                List.of(images, gradients),
                List.of(made),
                () -> Meanings.weightGradient(c),
                to -> emit(to.lowering(), images, gradients, made, first, other));
    }

    private static Laid laid(int block, Expr e) {
        Shape s = e.shape();
        return new Laid(e, Layout.channelBlocks(block, s.dim(0), s.dim(1), s.dim(2), s.dim(3)));
    }

    private static void emit(
            Lowering lowering, Laid images, Laid gradients, Laid made, Primitive first, Primitive other) {
        Expr e = made.value();
        Buffer x = lowering.value(images.value(), images.layout());
        Buffer g = lowering.value(gradients.value(), gradients.layout());
        Buffer to = lowering.destination(e, made.layout());
        List<Step> steps = new ArrayList<>();
        for (int i = 0; i < images.value().shape().dim(0); i++) {
            Primitive primitive = i == 0 ? first : other;
            Map<Arg, Buffer> reads = Map.of(
                    Arg.SOURCE, image(x, i, primitive.layout(Arg.SOURCE)),
                    Arg.WEIGHTS, image(g, i, primitive.layout(Arg.WEIGHTS)));
            Map<Arg, Buffer> writes = Map.of(Arg.DESTINATION, to.as(primitive.layout(Arg.DESTINATION)));
            steps.add(Primitives.step(e, primitive, reads, writes, 0));
        }
        lowering.emit(
                e,
                to,
                Step.of(
                                e,
                                List.of(x, g),
                                List.of(to),
                                first.implementation(),
                                InTurn.of(steps.stream().map(Step::binder).toList()))
                        .needing(steps.stream()
                                .flatMap(step -> step.scratch().stream())
                                .toList())
                        .flops(Convolutions.of(e).flops()));
    }

    private static Buffer image(Buffer all, int i, Layout layout) {
        return all.part(all.name(), () -> i * layout.bytes(), layout);
    }
}
