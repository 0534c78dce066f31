package dev.fluxion.engine;

import dev.fluxion.engine.plan.Buffer;
import dev.fluxion.ffi.Arg;
import dev.fluxion.ffi.Convolution;
import dev.fluxion.ffi.Layout;
import dev.fluxion.ffi.NoImplementationException;
import dev.fluxion.ffi.Pass;
import dev.fluxion.ffi.Primitive;
import dev.fluxion.ffi.Window;
import dev.fluxion.ir.Contraction;
import dev.fluxion.ir.ConvSpec;
import dev.fluxion.ir.Expr;
import dev.fluxion.ir.Shape;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/** Convolutions and their gradients. They choose the layouts of what they read and write. */
final class ConvLowering {
    private final Lowering lowering;
    private final ColumnLowering columns;
    private final StripLowering strips;
    private final WinogradLowering winograd;

    ConvLowering(Lowering lowering) {
        this.lowering = lowering;
        this.columns = new ColumnLowering(lowering);
        this.strips = new StripLowering(lowering);
        this.winograd = new WinogradLowering(lowering);
    }

    void forward(Expr root) {
        Fusion.Contracted fused = lowering.fusion.contracted(root);
        Expr conv = fused.core();
        ConvSpec spec = ((Contraction.Conv) conv.op()).spec();
        Shape w = conv.input(1).shape();
        if (strips.forward(root, fused, spec) || winograd.forward(root, fused, spec)) {
            return;
        }
        Convolution wanted = convolution(spec, conv.input(0).shape(), w, conv.shape())
                .bias(fused.bias().map(b -> Layout.plain(w.dim(0))).orElse(null))
                .postOps(EltwiseLowering.after(fused.activation()));
        Optional<Primitive> offered = lowering.updates
                ? lowering.primitives.offered(wanted.pass(Pass.TRAINING))
                : new ConvChoice(lowering, conv).offered(wanted);
        if (offered.isEmpty()) {
            if (root == conv) {
                columns.forward(conv, spec);
            } else {
                lowering.fusion.separate(root);
            }
            return;
        }
        Primitive primitive = offered.get();
        Map<Arg, Buffer> reads = new LinkedHashMap<>();
        reads.put(Arg.SOURCE, lowering.value(conv.input(0), primitive.layout(Arg.SOURCE)));
        reads.put(Arg.WEIGHTS, lowering.value(conv.input(1), primitive.layout(Arg.WEIGHTS)));
        fused.bias().ifPresent(b -> reads.put(Arg.BIAS, lowering.plain(b).as(primitive.layout(Arg.BIAS))));
        Buffer to = lowering.destination(root, primitive.layout(Arg.DESTINATION));
        lowering.emit(
                root,
                to,
                lowering.primitive(
                        fused.toString(),
                        root.origin(),
                        primitive,
                        reads,
                        Map.of(Arg.DESTINATION, to),
                        flops(w, conv.shape())));
    }

    void inputGradient(Expr e, Contraction.ConvGradInput op) {
        Expr g = e.input(0);
        Expr w = e.input(1);
        if (strips.inputGradient(e, op.spec()) || winograd.inputGradient(e, op.spec())) {
            return;
        }
        Optional<Primitive> offered = lowering.primitives.offered(
                convolution(op.spec(), e.shape(), w.shape(), g.shape()).pass(Pass.BACKWARD));
        if (offered.isEmpty()) {
            columns.inputGradient(e, op.spec());
            return;
        }
        Primitive primitive = offered.get();
        Map<Arg, Buffer> reads = new LinkedHashMap<>();
        reads.put(Arg.DESTINATION_GRADIENT, lowering.value(g, primitive.layout(Arg.DESTINATION_GRADIENT)));
        reads.put(Arg.WEIGHTS, lowering.value(w, primitive.layout(Arg.WEIGHTS)));
        Buffer to = lowering.destination(e, primitive.layout(Arg.SOURCE_GRADIENT));
        lowering.emit(
                e,
                to,
                lowering.primitive(
                        op.toString(),
                        e.origin(),
                        primitive,
                        reads,
                        Map.of(Arg.SOURCE_GRADIENT, to),
                        flops(w.shape(), g.shape())));
    }

    void weightGradient(Expr e, Contraction.ConvGradWeight op) {
        Expr x = e.input(0);
        Expr g = e.input(1);
        Optional<Expr> bias = lowering.fusion.biasGradient(op, e);
        if (winograd.weightGradient(e, bias, op.spec())) {
            return;
        }
        Optional<Primitive> offered =
                lowering.primitives.offered(convolution(op.spec(), x.shape(), e.shape(), g.shape())
                        .pass(Pass.BACKWARD_WEIGHTS)
                        .bias(bias.map(b -> Layout.plain(e.shape().dim(0))).orElse(null)));
        if (offered.isEmpty()) {
            lowering.fusion.separateBias(e);
            columns.weightGradient(e, op.spec());
            return;
        }
        Primitive primitive = offered.get();
        Map<Arg, Buffer> reads = new LinkedHashMap<>();
        reads.put(Arg.SOURCE, lowering.value(x, primitive.layout(Arg.SOURCE)));
        reads.put(Arg.DESTINATION_GRADIENT, lowering.value(g, primitive.layout(Arg.DESTINATION_GRADIENT)));
        Map<Arg, Buffer> writes = new LinkedHashMap<>();
        Buffer to = lowering.destination(e, primitive.layout(Arg.WEIGHTS_GRADIENT));
        writes.put(Arg.WEIGHTS_GRADIENT, to);
        bias.ifPresent(b -> {
            Buffer sum = lowering.destination(b);
            lowering.holds(b, sum);
            writes.put(Arg.BIAS_GRADIENT, sum.as(primitive.layout(Arg.BIAS_GRADIENT)));
        });
        lowering.emit(
                e,
                to,
                lowering.primitive(
                        op + bias.map(b -> " + bias").orElse(""),
                        e.origin(),
                        primitive,
                        reads,
                        writes,
                        flops(e.shape(), g.shape())));
    }

    /** Whether the library's kernel for a weight gradient wants images in blocks of channels. */
    static boolean readsBlocks(Expr e) {
        Contraction.ConvGradWeight op = (Contraction.ConvGradWeight) e.op();
        Convolution gradient = convolution(
                        op.spec(), e.input(0).shape(), e.shape(), e.input(1).shape())
                .pass(Pass.BACKWARD_WEIGHTS);
        try (Primitive primitive = Primitive.of(gradient)) {
            return !primitive.layout(Arg.SOURCE).isPlain();
        } catch (NoImplementationException none) {
            return true;
        }
    }

    static double flops(Shape w, Shape y) {
        return 2.0 * y.size() * w.dim(1) * w.dim(2) * w.dim(3);
    }

    private static Convolution convolution(ConvSpec spec, Shape x, Shape w, Shape y) {
        Window window = Window.of(w.dim(2), w.dim(3))
                .stride(spec.stride().h(), spec.stride().w())
                .dilation(spec.dilation().h(), spec.dilation().w())
                .padding(spec.pad().h(), spec.pad().w());
        return Convolution.of(Lowering.any(x), weights(spec.groups(), w), Lowering.any(y), window);
    }

    /** The native library wants the groups as an axis of their own. */
    private static Layout weights(int groups, Shape w) {
        return groups == 1 ? Lowering.any(w) : Layout.any(groups, w.dim(0) / groups, w.dim(1), w.dim(2), w.dim(3));
    }
}
