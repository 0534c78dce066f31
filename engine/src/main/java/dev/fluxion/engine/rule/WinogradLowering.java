package dev.fluxion.engine.rule;

import dev.fluxion.engine.emit.Cut;
import dev.fluxion.engine.emit.Lowering;
import dev.fluxion.engine.emit.PrimitiveStep;
import dev.fluxion.engine.emit.Primitives;
import dev.fluxion.engine.emit.Shortcut;
import dev.fluxion.engine.kernel.Calls;
import dev.fluxion.engine.kernel.Winograd;
import dev.fluxion.engine.plan.Buffer;
import dev.fluxion.engine.plan.ScheduleKey;
import dev.fluxion.engine.plan.Step;
import dev.fluxion.engine.plan.TensorLayout;
import dev.fluxion.ffi.Arg;
import dev.fluxion.ffi.Convolution;
import dev.fluxion.ffi.Gemm;
import dev.fluxion.ffi.Layout;
import dev.fluxion.ffi.Primitive;
import dev.fluxion.ffi.Reorder;
import dev.fluxion.ir.Expr;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.IntFunction;
import java.util.stream.IntStream;

/** Convolutions and their gradients in the form of {@link Winograd}, channels last. */
final class WinogradLowering {
    /** Sums of a tile's images that take more are made anew for the gradient of the weights: that is as fast as reading them. */
    private static final long KEPT = 1 << 20;

    private final Lowering lowering;
    private final Magnitudes magnitudes;
    private final PreparedWeights<WeightForm> weights;
    /** Sums of images that belong to no strand, or are few. Whoever computes with the images shares them. */
    private final Map<Images, Buffer> shared = new HashMap<>();

    private final Map<Winograd, List<Winograd.Sums>> inputSums = new HashMap<>();
    private final Map<Winograd, List<Winograd.Sums>> gradientSums = new HashMap<>();

    WinogradLowering(Lowering lowering, Magnitudes magnitudes) {
        this.lowering = lowering;
        this.magnitudes = magnitudes;
        this.weights = new PreparedWeights<>(lowering);
    }

    /** The sums of weights, for the convolution or, turned around, for the gradient of its images. */
    private enum WeightForm {
        STRAIGHT("winograd weights"),
        TURNED("winograd weights turned");

        private final String text;

        WeightForm(String text) {
            this.text = text;
        }

        @Override
        public String toString() {
            return text;
        }
    }

    /** Images, which a stage may change if they are a parameter, and the form of their sums, whatever the filters. */
    private record Images(Expr x, Winograd form, int version) {}

    /**
     * A convolution.
     *
     * @param sums the operation that makes results of products
     */
    void forward(Candidate c, Winograd form, Convolution sums) {
        Expr conv = c.core();
        Buffer products = products(c.operator(), c.root(), conv.input(0), sums(conv.input(1), false, form), form);
        Map<Arg, Buffer> bias = new LinkedHashMap<>();
        c.bias().ifPresent(b -> bias.put(Arg.BIAS, lowering.plain(b).as(Layout.plain(form.filters()))));
        results(c.root(), form, products, sums, bias, magnitudes.shortcut(c));
    }

    /** The gradient of the images. */
    void inputGradient(Expr e, Winograd form, Convolution sums) {
        Buffer products = products(e.op().toString(), e, e.input(0), sums(e.input(1), true, form), form);
        results(e, form, products, sums, Map.of(), Optional.empty());
    }

    /** The gradient of the weights, and that of a bias. */
    void weightGradient(Candidate c, Winograd form) {
        Expr e = c.core();
        Buffer inputs = inputs(e, e.input(0), form);
        Buffer from = lowering.value(e.input(1), Layout.channelsLast(TensorLayout.dims(form.y())));
        Buffer gradients = sums(
                e,
                "winograd gradients",
                from,
                form.gradients(),
                gradientSums(form),
                i -> lowering.tiled().key(e),
                false);
        Buffer sums = Buffer.temporary("winograd weights", form.sumGradients().destination());
        lowering.add(
                e,
                MatMulLowering.step(lowering, e.op() + " winograd", e, form.sumGradients(), gradients, inputs, sums));
        Buffer to = lowering.destination(e, Winograd.tapsFirst(e.shape()));
        lowering.emit(
                e,
                to,
                MatMulLowering.step(lowering, "weights", e, form.weightGradients(), factors(form, false), sums, to));
        c.bias().ifPresent(b -> biasGradient(b, gradients, form));
    }

    private List<Winograd.Sums> inputSums(Winograd form) {
        return inputSums.computeIfAbsent(form, f -> positions(f::inputSums));
    }

    private List<Winograd.Sums> gradientSums(Winograd form) {
        return gradientSums.computeIfAbsent(form, f -> positions(f::gradientSums));
    }

    private static List<Winograd.Sums> positions(IntFunction<Winograd.Sums> at) {
        return IntStream.range(0, Winograd.POSITIONS).mapToObj(at).toList();
    }

    private void biasGradient(Expr bias, Buffer gradients, Winograd form) {
        int k = form.filters();
        long start = (long) Winograd.wholeTile() * form.tiles() * k * Float.BYTES;
        Buffer sums = gradients.part("sums", () -> start, Layout.plain(form.tiles(), k));
        Buffer ones = lowering.constants().of(new float[] {1}, Layout.plain(form.tiles()));
        Buffer to = lowering.destination(bias);
        Gemm gemm = Gemm.of(1, k, form.tiles());
        Step.Binder binder = places -> Calls.one(gemm.bind(places.of(ones), places.of(sums), places.of(to)));
        lowering.emit(
                bias,
                to,
                Step.of("bias gradient", bias.origin(), List.of(ones, sums), List.of(to), "openblas", binder)
                        .flops(2.0 * k * form.tiles()));
    }

    private Buffer products(String operator, Expr e, Expr x, Buffer sums, Winograd form) {
        Buffer inputs = inputs(e, x, form);
        Buffer products = Buffer.temporary("winograd products", form.products());
        Buffer to = products.as(form.product().destination());
        lowering.add(e, MatMulLowering.step(lowering, operator + " winograd", e, form.product(), inputs, sums, to));
        return products;
    }

    /** Sums of images. The parts of a convolution share those of images that they all read whole. */
    private Buffer inputs(Expr e, Expr x, Winograd form) {
        ScheduleKey key = lowering.tiled().key(e);
        boolean own = lowering.tiled().key(x).isStrand();
        if (own && form.inputs().bytes() > KEPT) {
            return inputs(e, x, form, i -> key);
        }
        int strands =
                own || lowering.tiled().origin(e) == e ? 1 : lowering.tiled().strands();
        return shared.computeIfAbsent(
                new Images(x, form.filters(1), lowering.version(x)),
                k -> inputs(e, x, form, i -> strands == 1 ? key : new ScheduleKey(i % strands, key.order())));
    }

    private Buffer inputs(Expr e, Expr x, Winograd form, IntFunction<ScheduleKey> keys) {
        Buffer from = lowering.value(x, Layout.channelsLast(TensorLayout.dims(form.x())));
        return sums(e, "winograd inputs", from, form.inputs(), inputSums(form), keys, areByRows(e, form));
    }

    /** Whether threads make rows of all sums, each those that it multiplies, in place of all rows of some. */
    private boolean areByRows(Expr e, Winograd form) {
        return !lowering.tiled().key(e).isStrand()
                && Cut.isByRows(lowering.primitives().required(form.product()));
    }

    /** Sums over the channels of images, each for itself, at all positions. */
    private Buffer sums(
            Expr e,
            String name,
            Buffer from,
            Layout layout,
            List<Winograd.Sums> all,
            IntFunction<ScheduleKey> keys,
            boolean byRows) {
        Buffer to = Buffer.temporary(name, layout);
        long bytes = layout.bytes() / Winograd.POSITIONS;
        for (int i = 0; i < all.size(); i++) {
            long start = i * bytes;
            Buffer part = to.part(name, () -> start, all.get(i).convolution().destination());
            lowering.addToRun(sums(name, e, all.get(i), Map.of(Arg.SOURCE, from), part, Optional.empty())
                    .oneOf(i, all.size(), byRows)
                    .at(keys.apply(i)));
        }
        return to;
    }

    private Step sums(
            String name,
            Expr e,
            Winograd.Sums sums,
            Map<Arg, Buffer> operands,
            Buffer to,
            Optional<Shortcut> shortcut) {
        Primitive primitive = sums(sums.convolution());
        Map<Arg, Buffer> reads = new LinkedHashMap<>(operands);
        reads.put(Arg.WEIGHTS, lowering.constants().of(sums.factors(), primitive.layout(Arg.WEIGHTS)));
        double flops = 2.0 * to.layout().elements() * sums.factors().length;
        return lowering.primitives()
                .step(
                        new PrimitiveStep(
                                name, e.origin(), reads, Map.of(Arg.DESTINATION, to), Optional.empty(), shortcut),
                        primitive,
                        flops);
    }

    private Primitive sums(Convolution convolution) {
        return lowering.primitives()
                .offered(convolution, Implementations::channelByChannel)
                .orElseThrow();
    }

    private Buffer factors(Winograd form, boolean turned) {
        return lowering.constants()
                .of(Winograd.factors(turned), form.weightSums().left());
    }

    /** Sums of weights at all positions, as a product wants them. */
    private Buffer sums(Expr w, boolean turned, Winograd form) {
        Layout layout = lowering.primitives().required(form.product()).layout(Arg.WEIGHTS);
        WeightForm kind = turned ? WeightForm.TURNED : WeightForm.STRAIGHT;
        return weights.of(w, kind, layout, packed -> {
            long[] dims = layout.dims();
            Layout stored =
                    turned ? Layout.plain(dims) : Layout.strided(dims, new long[] {dims[1] * dims[2], 1, dims[1]});
            Buffer sums = Buffer.temporary(kind.toString(), stored);
            Buffer taps = lowering.value(w, Winograd.tapsFirst(w.shape()));
            Buffer matrix = sums.as(form.weightSums().destination());
            lowering.add(
                    w,
                    MatMulLowering.step(
                            lowering, "weights", w, form.weightSums(), factors(form, turned), taps, matrix));
            lowering.reorder(w, sums, packed);
        });
    }

    /** Sums of products, which are the results, brought from tiles into rows. */
    private void results(
            Expr root,
            Winograd form,
            Buffer products,
            Convolution sums,
            Map<Arg, Buffer> bias,
            Optional<Shortcut> shortcut) {
        Buffer tiles = Buffer.temporary("winograd results", form.results());
        Map<Arg, Buffer> reads = new LinkedHashMap<>(bias);
        reads.put(Arg.SOURCE, products);
        Winograd.Sums all = new Winograd.Sums(sums, form.productSums().factors());
        lowering.add(root, sums("winograd results", root, all, reads, tiles, shortcut));
        Buffer to = lowering.destination(root, Layout.channelsLast(TensorLayout.dims(form.y())));
        for (Stretch down : Stretch.of(form.y().dim(2))) {
            for (Stretch across : Stretch.of(form.y().dim(3))) {
                lowering.add(root, move(root, form, tiles, to, down, across));
            }
        }
        lowering.record(root, to);
    }

    /** Tiles from {@code first} on, {@code tiles} of them, of which so many rows or columns are wanted. */
    private record Stretch(int first, int tiles, int wanted) {
        static List<Stretch> of(int size) {
            List<Stretch> all = new ArrayList<>();
            if (size > 1) {
                all.add(new Stretch(0, size / 2, 2));
            }
            if (size % 2 == 1) {
                all.add(new Stretch(size / 2, 1, 1));
            }
            return all;
        }
    }

    private Step move(Expr root, Winograd form, Buffer tiles, Buffer to, Stretch down, Stretch across) {
        long k = form.filters();
        long tile = 4 * k;
        long line = form.y().dim(3) * k;
        long[] dims = {form.x().dim(0), down.tiles, across.tiles, down.wanted, across.wanted * k};
        long row = form.columns() * tile;
        long[] source = {form.rows() * row, row, tile, 2 * k, 1};
        long[] target = {form.y().dim(2) * line, 2 * line, 2 * k, line, 1};
        long from = (down.first * source[1] + across.first * source[2]) * Float.BYTES;
        long at = (down.first * target[1] + across.first * target[2]) * Float.BYTES;
        Primitive primitive =
                lowering.primitives().required(Reorder.of(Layout.strided(dims, source), Layout.strided(dims, target)));
        return Primitives.step(
                "reorder",
                root.origin(),
                primitive,
                Map.of(Arg.SOURCE, tiles.part("tiles", () -> from, primitive.layout(Arg.SOURCE))),
                Map.of(Arg.DESTINATION, to.part("rows", () -> at, primitive.layout(Arg.DESTINATION))),
                0);
    }
}
