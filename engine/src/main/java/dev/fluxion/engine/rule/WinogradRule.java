package dev.fluxion.engine.rule;

import dev.fluxion.engine.emit.Facts;
import dev.fluxion.engine.kernel.Convolutions;
import dev.fluxion.engine.kernel.Winograd;
import dev.fluxion.engine.plan.TensorLayout;
import dev.fluxion.ffi.Convolution;
import dev.fluxion.ffi.Layout;
import dev.fluxion.ffi.Operation;
import dev.fluxion.ir.Contraction;
import dev.fluxion.ir.Expr;
import dev.fluxion.ir.Shape;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.IntFunction;
import java.util.stream.IntStream;

/**
 * Convolutions and their gradients in the form of {@link Winograd}, channels last, where that is measured to be faster.
 *
 * @param product multiplications at a position: fewer are done before so many kernels have been called
 * @param few tiles of a prediction: with fewer it takes as long to read the sums of weights, of which there are more than weights
 * @param tiles tiles over which weights that change in every run must be used for their sums to pay
 * @param gradientTiles the same for gradients of weights, which are made of the gradients of the sums
 * @param bytes of sums and products: more leave the cache, and want far more memory than the images
 */
public record WinogradRule(long product, long few, long tiles, long gradientTiles, long bytes) implements Rule {
    @Override
    public String name() {
        return "winograd";
    }

    @Override
    public Optional<Match> match(Candidate c, Facts facts) {
        Expr e = c.core();
        if (!(e.op() instanceof Contraction) || e.op() instanceof Contraction.MatMul) {
            return Optional.empty();
        }
        Convolutions conv = Convolutions.of(e);
        Winograd form = new Winograd(conv.x(), conv.y(), conv.spec().pad());
        if (e.op() instanceof Contraction.Conv) {
            return forward(c, conv, form, facts);
        }
        return e.op() instanceof Contraction.ConvGradInput
                ? inputGradient(c, conv, form.gradient(), facts)
                : weightGradient(c, conv, form, facts);
    }

    private Optional<Match> forward(Candidate c, Convolutions conv, Winograd form, Facts facts) {
        Expr e = c.core();
        if (!pays(conv, e, form, facts) || !isWorthSums(e, form, facts)) {
            return Optional.empty();
        }
        Convolution sums = form.productSums()
                .convolution()
                .bias(c.bias().map(b -> Layout.plain(form.filters())).orElse(null))
                .postOps(NativeFunctions.after(c.activation()));
        if (!isOffered(form, sums, facts)) {
            return Optional.empty();
        }
        List<Laid> reads = new ArrayList<>(List.of(weights(e), images(e.input(0))));
        c.bias().ifPresent(b -> reads.add(new Laid(b, TensorLayout.plain(b.shape(), Layout.Type.F32))));
        return Optional.of(new Match(
                name(), c, reads, List.of(images(c.root())), () -> List.of(Meanings.forward(c)), to -> to.winograd()
                        .forward(c, form, sums)));
    }

    private Optional<Match> inputGradient(Candidate c, Convolutions conv, Winograd form, Facts facts) {
        Expr e = c.core();
        if (!pays(conv, e, form, facts) || !isWorthSums(e, form, facts)) {
            return Optional.empty();
        }
        Convolution sums = form.productSums().convolution();
        if (!isOffered(form, sums, facts)) {
            return Optional.empty();
        }
        return Optional.of(new Match(
                name(),
                c,
                List.of(weights(e), images(e.input(0))),
                List.of(images(e)),
                () -> List.of(Meanings.inputGradient(e)),
                to -> to.winograd().inputGradient(e, form, sums)));
    }

    private Optional<Match> weightGradient(Candidate c, Convolutions conv, Winograd form, Facts facts) {
        Expr e = c.core();
        boolean many = form.tiles() >= gradientTiles && multiplications(form, e.shape()) >= 2 * product;
        if (!many || !pays(conv, e, form, facts) || !isOffered(form, facts)) {
            return Optional.empty();
        }
        List<Laid> makes = new ArrayList<>(List.of(new Laid(e, Winograd.tapsFirst(e.shape()))));
        c.bias().ifPresent(b -> makes.add(new Laid(b, TensorLayout.plain(b.shape(), Layout.Type.F32))));
        return Optional.of(new Match(
                name(),
                c,
                List.of(images(e.input(0)), images(e.input(1))),
                makes,
                () -> Meanings.weightGradient(c),
                to -> to.winograd().weightGradient(c, form)));
    }

    private static Laid weights(Expr e) {
        return new Laid(e.input(1), Winograd.tapsFirst(e.input(1).shape()));
    }

    private static Laid images(Expr x) {
        return new Laid(x, Layout.channelsLast(TensorLayout.dims(x.shape())));
    }

    /** Whether products are large enough, and not too large, and save more than the sums take. Parts are computed as the whole. */
    private boolean pays(Convolutions conv, Expr e, Winograd form, Facts facts) {
        Shape w = Convolutions.of(facts.whole(e)).w();
        Winograd whole = form.filters(w.dim(0) * w.dim(1) / form.channels());
        return Winograd.fits(conv.spec(), w)
                && multiplications(form, w) >= product
                && whole.isFaster(facts.lanes())
                && whole.bytes() <= bytes;
    }

    /** Sums of weights are made once if nobody changes them, else once in a run for all tiles of the batch. */
    private boolean isWorthSums(Expr e, Winograd form, Facts facts) {
        int images = facts.whole(e).shape().dim(0);
        return facts.isStable(e.input(1)) ? form.tiles() >= few : (long) images * form.rows() * form.columns() >= tiles;
    }

    private static long multiplications(Winograd form, Shape w) {
        return (long) form.tiles() * w.dim(0) * w.dim(1);
    }

    private static boolean isOffered(Winograd form, Convolution sums, Facts facts) {
        List<Operation> all = new ArrayList<>(sums(form::inputSums));
        all.addAll(List.of(sums, form.product(), form.weightSums()));
        return facts.areOffered(all, Implementations::channelByChannel);
    }

    private static boolean isOffered(Winograd form, Facts facts) {
        List<Operation> all = new ArrayList<>(sums(form::inputSums));
        all.addAll(sums(form::gradientSums));
        all.addAll(List.of(form.sumGradients(), form.weightGradients()));
        return facts.areOffered(all, Implementations::channelByChannel);
    }

    private static List<? extends Operation> sums(IntFunction<Winograd.Sums> at) {
        return IntStream.range(0, Winograd.POSITIONS)
                .mapToObj(at)
                .map(Winograd.Sums::convolution)
                .toList();
    }
}
