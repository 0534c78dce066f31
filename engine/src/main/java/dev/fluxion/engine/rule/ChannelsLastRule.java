package dev.fluxion.engine.rule;

import dev.fluxion.engine.emit.Facts;
import dev.fluxion.engine.kernel.Convolutions;
import dev.fluxion.engine.plan.TensorLayout;
import dev.fluxion.ffi.Convolution;
import dev.fluxion.ffi.Layout;
import dev.fluxion.ffi.Primitive;
import dev.fluxion.ir.Contraction;
import dev.fluxion.ir.Expr;
import dev.fluxion.ir.Shape;
import java.util.Optional;

/**
 * Convolutions of a prediction over images whose channels lie last, so that few channels need no padding: by the kernels made of
 * small matrix products, the library's first choice, where they are measured to be faster, else by those written for a shape. Zeros
 * that nobody else wants around the images are theirs to put there.
 *
 * @param wide where products are faster with vectors of 16 numbers
 * @param narrow the same for narrower vectors
 * @param row so many places in a row: of channels that stay apart, kernels that move in steps make shorter rows in pieces, which
 *     products make at once
 */
record ChannelsLastRule(SmallProducts wide, SmallProducts narrow, int row) implements Rule {
    private static final int WIDE = 16;

    @Override
    public String name() {
        return "channels-last";
    }

    @Override
    public boolean takesMore() {
        return true;
    }

    @Override
    public Optional<Match> match(Candidate c, Facts facts) {
        if (!(c.core().op() instanceof Contraction.Conv) || facts.updates()) {
            return Optional.empty();
        }
        Candidate all = c.withZeros(facts.readers());
        return offered(all, facts).map(primitive -> LibraryRule.forward(name(), all, primitive));
    }

    private Optional<Primitive> offered(Candidate c, Facts facts) {
        Convolutions whole = Convolutions.of(facts.whole(c.core()));
        SmallProducts products = facts.lanes() == WIDE ? wide : narrow;
        if (products.areFaster(whole, facts.firstCache())) {
            return facts.offered(operation(c));
        }
        boolean apart = whole.isDepthwise()
                && (whole.spec().stride().w() == 1 || whole.y().dim(3) >= row);
        return facts.offered(
                operation(c), apart ? Implementations::channelByChannel : Implementations::writtenForShape);
    }

    /** The operation on images whose channels lie last. */
    static Convolution operation(Candidate c) {
        Expr conv = c.core();
        return operation(LibraryRule.forward(c), c.images().shape(), conv.shape());
    }

    static Convolution operation(Convolution requested, Shape x, Shape y) {
        return requested.layouts(Layout.channelsLast(TensorLayout.dims(x)), Layout.channelsLast(TensorLayout.dims(y)));
    }
}
