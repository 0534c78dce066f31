package dev.fluxion.engine;

import dev.fluxion.engine.kernel.Strip;
import dev.fluxion.engine.plan.Buffer;
import dev.fluxion.ffi.Arg;
import dev.fluxion.ffi.Layout;
import dev.fluxion.ffi.MatMul;
import dev.fluxion.ffi.NativeLibrary;
import dev.fluxion.ffi.Primitive;
import dev.fluxion.ir.ConvSpec;
import dev.fluxion.ir.Expr;
import dev.fluxion.ir.Shape;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Convolutions of few filters, and the gradients of images of few channels, in strips where that is faster. Each method says
 * whether it is, and has lowered it then.
 */
final class StripLowering {
    /** Filters that change in every run are made in it, for all tiles of a batch: so much they must save, about 10 µs. */
    private static final double WORTH = 40_000;

    private final Lowering lowering;
    private final PreparedWeights<Form> weights;

    /** What is made for strips of a width. */
    private record Form(Part part, int width) {
        @Override
        public String toString() {
            return part.text + " for strips of " + width;
        }
    }

    private enum Part {
        WEIGHTS("weights"),
        TURNED_WEIGHTS("turned weights"),
        BIAS("bias");

        private final String text;

        Part(String text) {
            this.text = text;
        }
    }

    StripLowering(Lowering lowering) {
        this.lowering = lowering;
        this.weights = new PreparedWeights<>(lowering);
    }

    /** The convolution that ends in {@code root}. */
    boolean forward(Expr root, Fusion.Contracted fused, ConvSpec spec) {
        Expr conv = fused.core();
        Shape x = conv.input(0).shape();
        Shape w = conv.input(1).shape();
        return lower(root, fused, Strip.of(x, w, conv.shape(), spec, NativeLibrary.lanes()));
    }

    /** The gradient of the images. */
    boolean inputGradient(Expr e, ConvSpec spec) {
        Shape g = e.input(0).shape();
        Shape w = e.input(1).shape();
        Fusion.Contracted alone = new Fusion.Contracted(e, Optional.empty(), Optional.empty());
        return lower(e, alone, Strip.ofGradient(g, w, e.shape(), spec, NativeLibrary.lanes()));
    }

    private boolean lower(Expr root, Fusion.Contracted fused, List<Strip> widths) {
        Optional<Strip> strip = widths.stream()
                .filter(s -> pays(s, fused.core()) && isOffered(s, fused))
                .findFirst();
        strip.ifPresent(s -> lower(root, fused, s));
        return strip.isPresent();
    }

    private boolean pays(Strip strip, Expr e) {
        int images = lowering.tiled.origin(e).shape().dim(0);
        return lowering.isStable(e.input(1)) || strip.saved(images, NativeLibrary.lanes()) >= WORTH;
    }

    /** Whether the library has kernels for all of it, and one that is written for the shape of the convolution. */
    private boolean isOffered(Strip strip, Fusion.Contracted fused) {
        return convolution(strip, fused)
                        .filter(p -> p.implementation().startsWith("jit:"))
                        .isPresent()
                && lowering.primitives.offered(strip.filterPlaces()).isPresent()
                && (fused.bias().isEmpty()
                        || lowering.primitives.offered(strip.biasPlaces()).isPresent());
    }

    private Optional<Primitive> convolution(Strip strip, Fusion.Contracted fused) {
        return lowering.primitives.offered(
                strip.convolution()
                        .bias(fused.bias().map(b -> strip.plainBias()).orElse(null))
                        .postOps(EltwiseLowering.after(fused.activation())),
                ConvChoice::rival);
    }

    private void lower(Expr root, Fusion.Contracted fused, Strip strip) {
        Expr core = fused.core();
        Primitive primitive = convolution(strip, fused).orElseThrow();
        Map<Arg, Buffer> reads = new LinkedHashMap<>();
        reads.put(Arg.SOURCE, lowering.value(core.input(0), primitive.layout(Arg.SOURCE)));
        reads.put(Arg.WEIGHTS, filters(strip, core.input(1), primitive.layout(Arg.WEIGHTS)));
        fused.bias().ifPresent(b -> reads.put(Arg.BIAS, bias(strip, b)));
        Buffer to = lowering.destination(root, Layout.channelsLast(Lowering.dims(root.shape())));
        Map<Arg, Buffer> writes = Map.of(Arg.DESTINATION, to.as(primitive.layout(Arg.DESTINATION)));
        String operator = fused + " in strips of " + strip.width();
        double flops = 2.0 * root.shape().size() * strip.taps() * strip.x().dim(1);
        lowering.emit(root, to, lowering.primitive(operator, root.origin(), primitive, reads, writes, flops));
    }

    private Buffer filters(Strip strip, Expr w, Layout layout) {
        Form form = new Form(strip.turned() ? Part.TURNED_WEIGHTS : Part.WEIGHTS, strip.width());
        return weights.of(w, form, layout, packed -> {
            Buffer plain = Buffer.temporary(form.toString(), strip.plainFilters());
            MatMul product = strip.filterPlaces();
            Buffer places = lowering.constants.of(strip.places(), product.right());
            lowering.add(w, MatMulLowering.step(lowering, "weights", w, product, lowering.plain(w), places, plain));
            lowering.reorder(w, plain, packed);
        });
    }

    private Buffer bias(Strip strip, Expr bias) {
        return weights.of(bias, new Form(Part.BIAS, strip.width()), strip.plainBias(), all -> {
            MatMul product = strip.biasPlaces();
            Buffer ones = lowering.constants.of(new float[] {1}, product.left());
            lowering.add(bias, MatMulLowering.step(lowering, "bias", bias, product, ones, lowering.plain(bias), all));
        });
    }
}
