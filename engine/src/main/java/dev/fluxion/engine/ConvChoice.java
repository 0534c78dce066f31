package dev.fluxion.engine;

import dev.fluxion.ffi.Arg;
import dev.fluxion.ffi.Convolution;
import dev.fluxion.ffi.Layout;
import dev.fluxion.ffi.Primitive;
import dev.fluxion.ir.Contraction;
import dev.fluxion.ir.ConvSpec;
import dev.fluxion.ir.Expr;
import dev.fluxion.ir.Shape;
import java.util.Optional;

/**
 * Which of the library's kernels computes a convolution of a prediction: one for images whose channels lie last, so that few
 * channels need no padding. Kernels written for a shape are measured to be faster there than the library's first choice, which
 * is made of small matrix products, but for a single image with many weights, which the first choice reads faster from memory.
 */
final class ConvChoice {
    /** So many weights are not in a cache any more when they are read again, other layers' beside them. */
    private static final int STREAMED = 1 << 19;

    private final Lowering lowering;
    private final Expr conv;
    private final ConvSpec spec;
    /** What the convolution is a part of. */
    private final Expr whole;

    ConvChoice(Lowering lowering, Expr conv) {
        this.lowering = lowering;
        this.conv = conv;
        this.spec = ((Contraction.Conv) conv.op()).spec();
        this.whole = lowering.tiled.origin(conv);
    }

    /** The kernel; empty if there is none. */
    Optional<Primitive> offered(Convolution wanted) {
        Convolution last = channelsLast(wanted, conv.input(0).shape(), conv.shape());
        Optional<Primitive> found = streams() && addsUpAlike(wanted)
                ? lowering.primitives.offered(last)
                : lowering.primitives.offered(last, ConvChoice::rival);
        return found.or(() -> lowering.primitives.offered(wanted));
    }

    /** The kernel written for a shape in place of the one made of products. */
    static String rival(String implementation) {
        return implementation.replace("brg_conv_fwd:", "jit:");
    }

    private boolean streams() {
        return conv.shape().dim(0) == 1
                && whole.shape().dim(1) % 2 == 0
                && whole.input(1).shape().size() >= STREAMED
                && spec.groups() == 1;
    }

    /**
     * Whether the first choice computes half of the filters as it computes all of them, as two threads do: for kernels no larger
     * than the images, and others are not divided, it is measured to add up in the same order if it wants weights in the same
     * blocks.
     */
    private boolean addsUpAlike(Convolution wanted) {
        int filters = whole.shape().dim(1);
        Optional<String> blocks = blocks(wanted, filters);
        return blocks.isPresent() && blocks.equals(blocks(wanted, filters / 2));
    }

    /** How the first choice for some of the filters wants them to lie. */
    private Optional<String> blocks(Convolution wanted, int filters) {
        Layout any = Lowering.any(whole.input(1).shape().with(0, filters));
        Convolution some = Convolution.of(any, any, any, wanted.window())
                .bias(wanted.bias() == null ? null : Layout.plain(filters))
                .postOps(wanted.postOps());
        Shape y = whole.shape().with(1, filters);
        return lowering.primitives
                .offered(channelsLast(some, whole.input(0).shape(), y))
                .map(primitive -> primitive.layout(Arg.WEIGHTS).tag());
    }

    private static Convolution channelsLast(Convolution wanted, Shape x, Shape y) {
        return wanted.layouts(Layout.channelsLast(Lowering.dims(x)), Layout.channelsLast(Lowering.dims(y)));
    }
}
