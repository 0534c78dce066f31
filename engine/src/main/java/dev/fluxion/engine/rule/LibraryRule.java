package dev.fluxion.engine.rule;

import dev.fluxion.engine.emit.Facts;
import dev.fluxion.engine.kernel.Convolutions;
import dev.fluxion.engine.plan.TensorLayout;
import dev.fluxion.ffi.Arg;
import dev.fluxion.ffi.Binary;
import dev.fluxion.ffi.Convolution;
import dev.fluxion.ffi.Layout;
import dev.fluxion.ffi.NoImplementationException;
import dev.fluxion.ffi.Pass;
import dev.fluxion.ffi.PostOps;
import dev.fluxion.ffi.Primitive;
import dev.fluxion.ir.Contraction;
import dev.fluxion.ir.Expr;
import dev.fluxion.ir.Movement;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Convolutions and their gradients by the library's first choice, in the layouts that it likes. Where it offers nothing in those, as
 * for groups of few channels, it may have a kernel for images whose channels lie last.
 */
public record LibraryRule() implements Rule {
    @Override
    public String name() {
        return "library";
    }

    @Override
    public Optional<Match> match(Candidate c, Facts facts) {
        Expr e = c.core();
        if (e.op() instanceof Contraction.Conv) {
            Convolution requested = forward(c);
            return offered(facts.updates() ? requested.pass(Pass.TRAINING) : requested, e, facts)
                    .map(primitive -> forward(name(), c, primitive));
        }
        if (e.op() instanceof Contraction.ConvGradInput) {
            return offered(Convolutions.of(e).operation().pass(Pass.BACKWARD), e, facts)
                    .map(primitive -> inputGradient(c, primitive));
        }
        return e.op() instanceof Contraction.ConvGradWeight
                ? offered(weightGradient(c), e, facts).map(primitive -> weightGradient(c, primitive))
                : Optional.empty();
    }

    /** What it has for the weights of channels that stay apart, if they lie last, takes these for groups: {@link DepthwiseGradientRule}. */
    private static Optional<Primitive> offered(Convolution liked, Expr e, Facts facts) {
        Convolutions conv = Convolutions.of(e);
        Optional<Primitive> first = facts.offered(liked);
        return first.isPresent() || liked.pass() == Pass.BACKWARD_WEIGHTS && conv.isDepthwise()
                ? first
                : facts.offered(ChannelsLastRule.operation(liked, conv.x(), conv.y()));
    }

    /** The operation of a convolution with its bias, what is added and its activation. */
    static Convolution forward(Candidate c) {
        Expr conv = c.core();
        return Convolutions.of(conv)
                .operation(c.images().shape(), c.zeros(Movement.Pad::before), c.zeros(Movement.Pad::after))
                .bias(c.bias().map(b -> Layout.plain(conv.shape().dim(1))).orElse(null))
                .postOps(NativeFunctions.after(
                        c.addend().map(LibraryRule::adding).orElse(PostOps.NONE), c.activation()));
    }

    /** Adds a value whose channels lie last. */
    private static PostOps adding(Expr addend) {
        return PostOps.NONE.binary(Binary.Function.ADD, Layout.channelsLast(TensorLayout.dims(addend.shape())));
    }

    /** The match of a convolution with a kernel of the library. */
    static Match forward(String name, Candidate c, Primitive primitive) {
        Expr conv = c.core();
        List<Laid> reads = new ArrayList<>();
        reads.add(new Laid(c.images(), primitive.layout(Arg.SOURCE)));
        reads.add(new Laid(conv.input(1), primitive.layout(Arg.WEIGHTS)));
        c.bias().ifPresent(b -> reads.add(new Laid(b, TensorLayout.plain(b.shape(), Layout.Type.F32))));
        c.addend().ifPresent(a -> reads.add(new Laid(a, primitive.layout(Arg.postOp(0)))));
        return new Match(
                name,
                c,
                reads,
                List.of(new Laid(c.root(), primitive.layout(Arg.DESTINATION))),
                () -> List.of(Meanings.forward(c)),
                to -> to.convolutions().forward(c, primitive));
    }

    private Match inputGradient(Candidate c, Primitive primitive) {
        Expr e = c.core();
        return new Match(
                name(),
                c,
                List.of(
                        new Laid(e.input(0), primitive.layout(Arg.DESTINATION_GRADIENT)),
                        new Laid(e.input(1), primitive.layout(Arg.WEIGHTS))),
                List.of(new Laid(e, primitive.layout(Arg.SOURCE_GRADIENT))),
                () -> List.of(Meanings.inputGradient(e)),
                to -> to.convolutions().inputGradient(e, primitive));
    }

    private static Convolution weightGradient(Candidate c) {
        return Convolutions.of(c.core())
                .operation()
                .pass(Pass.BACKWARD_WEIGHTS)
                .bias(c.bias().map(b -> Layout.plain(c.core().shape().dim(0))).orElse(null));
    }

    private Match weightGradient(Candidate c, Primitive primitive) {
        Expr e = c.core();
        List<Laid> makes = new ArrayList<>();
        makes.add(new Laid(e, primitive.layout(Arg.WEIGHTS_GRADIENT)));
        c.bias().ifPresent(b -> makes.add(new Laid(b, TensorLayout.plain(b.shape(), Layout.Type.F32))));
        return new Match(
                name(),
                c,
                List.of(
                        new Laid(e.input(0), primitive.layout(Arg.SOURCE)),
                        new Laid(e.input(1), primitive.layout(Arg.DESTINATION_GRADIENT))),
                makes,
                () -> Meanings.weightGradient(c),
                to -> to.convolutions().weightGradient(c, primitive));
    }

    /** Whether the library's kernel for a weight gradient of images of one channel wants them in blocks of channels. */
    public static boolean readsBlocks(Expr e) {
        try (Primitive primitive = Primitive.of(weightGradient(Candidate.alone(e)))) {
            return !primitive.layout(Arg.SOURCE).isPlain();
        } catch (NoImplementationException none) {
            return true;
        }
    }
}
