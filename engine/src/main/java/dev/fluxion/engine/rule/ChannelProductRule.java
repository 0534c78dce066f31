package dev.fluxion.engine.rule;

import dev.fluxion.engine.emit.Facts;
import dev.fluxion.engine.emit.Primitives;
import dev.fluxion.engine.plan.Buffer;
import dev.fluxion.engine.plan.TensorLayout;
import dev.fluxion.ffi.Arg;
import dev.fluxion.ffi.Binary;
import dev.fluxion.ffi.Layout;
import dev.fluxion.ffi.Primitive;
import dev.fluxion.ir.BinaryFn;
import dev.fluxion.ir.Elementwise;
import dev.fluxion.ir.Expr;
import dev.fluxion.ir.Movement;
import dev.fluxion.ir.Shape;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Products of images whose channels lie last with a number for each channel, as gates have, by a kernel of the library. It begins anew
 * at each place, which takes as long as some channels do.
 *
 * @param wide channels from which on it is faster with vectors of 16 numbers
 * @param narrow the same for narrower vectors
 */
public record ChannelProductRule(int wide, int narrow) implements Rule {
    private static final int WIDE = 16;

    @Override
    public String name() {
        return "channel-products";
    }

    @Override
    public Optional<Match> match(Candidate c, Facts facts) {
        Expr e = c.root();
        boolean multiplies =
                c.covers().size() == 1 && e.op() instanceof Elementwise.Binary op && op.fn() == BinaryFn.MUL;
        if (!multiplies || e.shape().rank() != 4) {
            return Optional.empty();
        }
        return match(e, e.input(0), e.input(1), facts).or(() -> match(e, e.input(1), e.input(0), facts));
    }

    private Optional<Match> match(Expr e, Expr x, Expr other, Facts facts) {
        if (!(other.op() instanceof Movement.Broadcast)) {
            return Optional.empty();
        }
        Expr factors = other.input(0);
        Layout images = Layout.channelsLast(TensorLayout.dims(e.shape()));
        int channels = e.shape().dim(1);
        boolean suits = channels >= (facts.lanes() == WIDE ? wide : narrow)
                && isOfChannels(factors.shape(), e.shape())
                && !(x.op() instanceof Movement.Broadcast)
                && facts.layouts().of(x).equals(images);
        return suits
                ? facts.offered(product(images, factors.shape().size() / channels))
                        .map(primitive -> match(e, new Laid(x, images), factors, primitive))
                : Optional.empty();
    }

    /** The product with a number for each channel of so many images, or of all. */
    private static Binary product(Layout images, int count) {
        return Binary.of(Binary.Function.MUL, images, Layout.plain(count, images.dims()[1], 1, 1), images);
    }

    /** Whether there is a number for each channel, or for each channel of each image. */
    private static boolean isOfChannels(Shape factors, Shape images) {
        int rank = factors.rank();
        return rank >= 3
                && factors.dim(rank - 3) == images.dim(1)
                && factors.dim(rank - 2) == 1
                && factors.dim(rank - 1) == 1
                && (rank == 3 || factors.dim(0) == 1 || factors.dim(0) == images.dim(0));
    }

    private Match match(Expr e, Laid images, Expr factors, Primitive primitive) {
        return Match.step(this, e, List.of(images, Laid.plain(factors)), images.layout(), (reads, to) -> {
            Map<Arg, Buffer> operands = new LinkedHashMap<>();
            operands.put(Arg.SOURCE, reads.get(0));
            operands.put(Arg.RIGHT, reads.get(1).as(primitive.layout(Arg.RIGHT)));
            return Primitives.step(
                    e,
                    primitive,
                    operands,
                    Map.of(Arg.DESTINATION, to),
                    e.shape().size());
        });
    }
}
