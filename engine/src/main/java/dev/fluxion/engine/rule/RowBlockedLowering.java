package dev.fluxion.engine.rule;

import dev.fluxion.engine.emit.Lowering;
import dev.fluxion.engine.emit.Primitives;
import dev.fluxion.engine.kernel.RowBlocked;
import dev.fluxion.engine.plan.Buffer;
import dev.fluxion.engine.plan.TensorLayout;
import dev.fluxion.ffi.Arg;
import dev.fluxion.ffi.Layout;
import dev.fluxion.ffi.MatMul;
import dev.fluxion.ffi.Primitive;
import dev.fluxion.ir.Expr;
import java.util.LinkedHashMap;
import java.util.Map;

/** Convolutions, and gradients of images, in strips. */
final class RowBlockedLowering {
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

    RowBlockedLowering(Lowering lowering) {
        this.lowering = lowering;
        this.weights = new PreparedWeights<>(lowering);
    }

    /** The convolution of a candidate, or the gradient of its images. */
    void lower(Candidate c, RowBlocked strip, Primitive primitive) {
        Expr core = c.core();
        Expr root = c.root();
        Map<Arg, Buffer> reads = new LinkedHashMap<>();
        reads.put(Arg.SOURCE, lowering.value(core.input(0), primitive.layout(Arg.SOURCE)));
        reads.put(Arg.WEIGHTS, filters(strip, core.input(1), primitive.layout(Arg.WEIGHTS)));
        c.bias().ifPresent(b -> reads.put(Arg.BIAS, bias(strip, b)));
        Buffer to = lowering.destination(root, Layout.channelsLast(TensorLayout.dims(root.shape())));
        Map<Arg, Buffer> writes = Map.of(Arg.DESTINATION, to.as(primitive.layout(Arg.DESTINATION)));
        String operator = c.operator() + " in strips of " + strip.width();
        double flops = 2.0 * root.shape().size() * strip.taps() * strip.x().dim(1);
        lowering.emit(root, to, Primitives.step(operator, root.origin(), primitive, reads, writes, flops));
    }

    private Buffer filters(RowBlocked strip, Expr w, Layout layout) {
        Form form = new Form(strip.turned() ? Part.TURNED_WEIGHTS : Part.WEIGHTS, strip.width());
        return weights.of(w, form, layout, packed -> {
            Buffer plain = Buffer.temporary(form.toString(), strip.plainFilters());
            MatMul product = strip.filterPlaces();
            Buffer places = lowering.constants().of(strip.places(), product.right());
            lowering.add(w, MatMulLowering.step(lowering, "weights", w, product, lowering.plain(w), places, plain));
            lowering.reorder(w, plain, packed);
        });
    }

    private Buffer bias(RowBlocked strip, Expr bias) {
        return weights.of(bias, new Form(Part.BIAS, strip.width()), strip.plainBias(), all -> {
            MatMul product = strip.biasPlaces();
            Buffer ones = lowering.constants().of(new float[] {1}, product.left());
            lowering.add(bias, MatMulLowering.step(lowering, "bias", bias, product, ones, lowering.plain(bias), all));
        });
    }
}
