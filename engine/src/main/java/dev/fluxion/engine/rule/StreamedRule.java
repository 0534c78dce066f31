package dev.fluxion.engine.rule;

import dev.fluxion.engine.emit.Facts;
import dev.fluxion.engine.plan.TensorLayout;
import dev.fluxion.ffi.Arg;
import dev.fluxion.ffi.Convolution;
import dev.fluxion.ffi.Layout;
import dev.fluxion.ir.Contraction;
import dev.fluxion.ir.Expr;
import dev.fluxion.ir.Shape;
import java.util.Optional;

/**
 * Convolutions of a single image of a prediction with many weights, over channels that lie last: the library's first choice is
 * measured to read them faster from memory than kernels written for a shape.
 *
 * @param weights so many are not in a cache any more when they are read again, other layers' beside them
 */
public record StreamedRule(int weights) implements Rule {
    /** On narrow vectors, computing takes longer than reading. */
    private static final int WIDE = 16;

    @Override
    public String name() {
        return "streamed";
    }

    @Override
    public Optional<Match> match(Candidate c, Facts facts) {
        Expr conv = c.core();
        if (!(conv.op() instanceof Contraction.Conv op) || facts.updates()) {
            return Optional.empty();
        }
        Expr whole = facts.whole(conv);
        boolean streams = facts.lanes() == WIDE
                && conv.shape().dim(0) == 1
                && whole.shape().dim(1) % 2 == 0
                && whole.input(1).shape().size() >= weights
                && op.spec().groups() == 1;
        return streams && addsUpAlike(LibraryRule.forward(c), whole, facts)
                ? facts.offered(ChannelsLastRule.operation(c))
                        .map(primitive -> LibraryRule.forward(name(), c, primitive))
                : Optional.empty();
    }

    /**
     * Whether the first choice computes half of the filters as it computes all of them, as two threads do: for kernels no larger
     * than the images, and others are not divided, it is measured to add up in the same order if it wants weights in the same
     * blocks.
     */
    private static boolean addsUpAlike(Convolution requested, Expr whole, Facts facts) {
        int filters = whole.shape().dim(1);
        Optional<String> blocks = blocks(requested, whole, filters, facts);
        return blocks.isPresent() && blocks.equals(blocks(requested, whole, filters / 2, facts));
    }

    /** How the first choice for some of the filters wants them to lie. */
    private static Optional<String> blocks(Convolution requested, Expr whole, int filters, Facts facts) {
        Layout any = TensorLayout.any(whole.input(1).shape().with(0, filters));
        Convolution some = Convolution.of(any, any, any, requested.window())
                .bias(requested.bias() == null ? null : Layout.plain(filters))
                .postOps(requested.postOps());
        Shape y = whole.shape().with(1, filters);
        return facts.offered(ChannelsLastRule.operation(some, whole.input(0).shape(), y))
                .map(primitive -> primitive.layout(Arg.WEIGHTS).tag());
    }
}
