package dev.fluxion.engine.rule;

import dev.fluxion.engine.emit.Facts;
import dev.fluxion.engine.plan.TensorLayout;
import dev.fluxion.ffi.Convolution;
import dev.fluxion.ffi.Layout;
import dev.fluxion.ir.Contraction;
import dev.fluxion.ir.Expr;
import dev.fluxion.ir.Shape;
import java.util.Optional;

/**
 * Convolutions of a prediction over images whose channels lie last, so that few channels need no padding. Kernels written for
 * a shape are measured to be faster there than the library's first choice, which is made of small matrix products.
 */
record ChannelsLastRule() implements Rule {
    @Override
    public String name() {
        return "channels-last";
    }

    @Override
    public boolean addsValues() {
        return true;
    }

    @Override
    public Optional<Match> match(Candidate c, Facts facts) {
        if (!(c.core().op() instanceof Contraction.Conv) || facts.updates()) {
            return Optional.empty();
        }
        return facts.offered(operation(c), Implementations::writtenForShape)
                .map(primitive -> LibraryRule.forward(name(), c, primitive));
    }

    /** The operation on images whose channels lie last. */
    static Convolution operation(Candidate c) {
        Expr conv = c.core();
        return operation(LibraryRule.forward(c), conv.input(0).shape(), conv.shape());
    }

    static Convolution operation(Convolution requested, Shape x, Shape y) {
        return requested.layouts(Layout.channelsLast(TensorLayout.dims(x)), Layout.channelsLast(TensorLayout.dims(y)));
    }
}
