package dev.fluxion.dsl.layer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.fluxion.Layer;
import dev.fluxion.Scope;
import dev.fluxion.Tensor;
import dev.fluxion.dsl.CallSite;
import dev.fluxion.dsl.Numeric;
import dev.fluxion.dsl.layer.Pool.Kind;
import dev.fluxion.engine.Compiler;
import dev.fluxion.engine.Options;
import dev.fluxion.engine.Parameters;
import dev.fluxion.engine.Program;
import dev.fluxion.ir.DType;
import dev.fluxion.ir.Expr;
import dev.fluxion.ir.Graph;
import dev.fluxion.ir.Leaf;
import dev.fluxion.ir.Size;
import dev.fluxion.ir.Value;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.DoubleUnaryOperator;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/**
 * Convolutions, poolings, paddings and resizings are PyTorch's, as recorded by {@code record_spatial.py}: values, and gradients of
 * inputs and parameters. The property {@code fluxion.spatial} names a file with more cases.
 */
class SpatialTest {
    private static final String FILE = "fluxion.spatial";

    @TestFactory
    Stream<DynamicTest> valuesAndGradientsAreThoseOfPyTorch() {
        return Recorded.read("spatial.txt").stream().map(r -> DynamicTest.dynamicTest(r.name(), () -> compare(r)));
    }

    @Test
    void randomConfigurationsAreThoseOfPyTorch() throws IOException {
        if (System.getProperty(FILE) != null) {
            Recorded.read(Path.of(System.getProperty(FILE))).forEach(SpatialTest::compare);
        }
    }

    /** Weights of a resizing are numbers in float32. */
    private static void compare(Recorded r) {
        if (r.name().startsWith("special")) {
            special(r);
            return;
        }
        r.interpret(layer(r), r.text("kind").equals("resize") ? 2e-7 : 1e-13);
        r.compile(layer(r), 2e-6);
    }

    /** NaN and infinities come out where they do in PyTorch. Programs are not given NaN: it is 0/0 here. */
    private static void special(Recorded r) {
        Value x = Objects.requireNonNull(r.tensors().get("x"));
        double[] expected = Objects.requireNonNull(r.tensors().get("y")).data();
        assertThat(Numeric.run(layer(r), false, x).data()).as(r.name()).containsExactly(expected, within(2e-6));
        Expr input = new Expr(new Leaf.Input("x", x.shape(), DType.FLOAT, true), List.of());
        Expr known = Expr.input("known", x.shape());
        Expr y = layer(r).apply(Scope.root(false), input.mul(known).div(known));
        try (Parameters none = Parameters.of(Map.of());
                Program program = Compiler.compile(Graph.of(Map.of("y", y)), none, new Options(2))) {
            program.write("x", Tensor.of(each(x, v -> Double.isNaN(v) ? 0 : v)));
            program.write("known", Tensor.of(each(x, v -> Double.isNaN(v) ? 0 : 1)));
            program.run();
            double[] actual = program.read("y").toValue().data();
            assertThat(actual).as(r.name()).containsExactly(expected, within(2e-6));
        }
    }

    private static Value each(Value x, DoubleUnaryOperator function) {
        return new Value(x.shape(), Arrays.stream(x.data()).map(function).toArray());
    }

    private static Layer layer(Recorded r) {
        int axes = r.number("axes");
        CallSite here = CallSite.caller();
        return switch (r.text("kind")) {
            case "conv" ->
                new Conv(
                        axes,
                        r.number("inputs"),
                        r.number("outputs"),
                        size(r, "kernel", 1),
                        size(r, "stride", 1),
                        size(r, "pad", 0),
                        r.is("same"),
                        size(r, "dilation", 1),
                        r.number("groups"),
                        r.is("bias"),
                        Initializers.fanIn(),
                        null,
                        "",
                        here);
            case "convTranspose" ->
                new ConvTranspose(
                        axes,
                        r.number("inputs"),
                        r.number("outputs"),
                        size(r, "kernel", 1),
                        size(r, "stride", 1),
                        size(r, "pad", 0),
                        size(r, "outputPad", 0),
                        size(r, "dilation", 1),
                        r.number("groups"),
                        r.is("bias"),
                        Initializers.fanIn(),
                        null,
                        "",
                        here);
            case "maxPool" -> pool(r, Kind.MAX, size(r, "dilation", 1), true, 0);
            case "avgPool" -> pool(r, Kind.AVG, Size.of(1), r.is("count"), r.number("divisor"));
            case "lpPool" ->
                LpPool.of(Double.parseDouble(r.text("norm")), axes, size(r, "kernel", 1), here)
                        .with(size(r, "stride", 1))
                        .ceilMode(r.is("ceil"));
            case "adaptiveAvgPool" -> new AdaptivePool(Kind.AVG, axes, size(r, "size", 1), "", here);
            case "adaptiveMaxPool" -> new AdaptivePool(Kind.MAX, axes, size(r, "size", 1), "", here);
            case "pad" -> pad(r);
            case "resize" -> resize(r);
            case "unfold" ->
                new Unfold(
                        size(r, "kernel", 1),
                        size(r, "stride", 1),
                        size(r, "pad", 0),
                        size(r, "dilation", 1),
                        "",
                        here);
            case "fold" ->
                new Fold(
                        size(r, "size", 1),
                        size(r, "kernel", 1),
                        size(r, "stride", 1),
                        size(r, "pad", 0),
                        size(r, "dilation", 1),
                        "",
                        here);
            case "maxUnpool" -> unpooled(r);
            case "conv3d" ->
                new Conv3d(
                        r.number("inputs"),
                        r.number("outputs"),
                        volume(r, "kernel"),
                        volume(r, "stride"),
                        volume(r, "pad"),
                        false,
                        volume(r, "dilation"),
                        r.number("groups"),
                        r.is("bias"),
                        Initializers.fanIn(),
                        null,
                        "",
                        here);
            case "pool3d" ->
                new Pool3d(
                        r.is("mean") ? Kind.AVG : Kind.MAX,
                        volume(r, "kernel"),
                        volume(r, "stride"),
                        volume(r, "pad"),
                        r.is("ceil"),
                        r.is("count"),
                        "",
                        here);
            case "pixelShuffle" -> Layers.pixelShuffle(r.number("factor"));
            case "pixelUnshuffle" -> Layers.pixelUnshuffle(r.number("factor"));
            default -> Layers.globalMaxPool();
        };
    }

    private static Pool pool(Recorded r, Kind kind, Size dilation, boolean withPadding, int divisor) {
        return new Pool(
                kind,
                r.number("axes"),
                size(r, "kernel", 1),
                size(r, "stride", 1),
                size(r, "pad", 0),
                dilation,
                r.is("ceil"),
                withPadding,
                divisor,
                "",
                "",
                CallSite.caller());
    }

    /** What a pooling found, back where it was. */
    private static Layer unpooled(Recorded r) {
        int axes = r.number("axes");
        Size kernel = size(r, "kernel", 1);
        Size stride = size(r, "stride", 1);
        Size pad = size(r, "pad", 0);
        Pool pool =
                new Pool(Kind.MAX, axes, kernel, stride, pad, Size.of(1), false, true, 0, "at", "", CallSite.caller());
        Size whole = r.is("whole") ? size(r, "size", 1) : null;
        return Seq.of(pool, new MaxUnpool("at", axes, kernel, stride, pad, whole, "", CallSite.caller()));
    }

    private static Pad pad(Recorded r) {
        int[] n = numbers(r, "pads");
        Pad pad = n.length == 2 ? Layers.pad1d(n[0], n[1]) : Layers.pad(n[0], n[1], n[2], n[3]);
        return switch (r.text("mode")) {
            case "reflect" -> pad.reflect();
            case "replicate" -> pad.replicate();
            case "circular" -> pad.circular();
            default -> pad.value(Double.parseDouble(r.text("value")));
        };
    }

    private static Resize resize(Recorded r) {
        int[] size = numbers(r, "size");
        Resize resize =
                size[0] == 0 ? Layers.upsample(Double.parseDouble(r.text("scale"))) : Layers.resize(size[0], size[1]);
        return switch (r.text("mode")) {
            case "nearest" -> resize;
            case "nearest-exact" -> resize.exact();
            case "bilinear" -> resize.bilinear();
            case "bicubic" -> resize.bicubic();
            case "bicubic-aligned" -> resize.bicubic().alignCorners();
            default -> resize.bilinear().alignCorners();
        };
    }

    private static Volume volume(Recorded r, String setting) {
        int[] n = numbers(r, setting);
        return new Volume(n[0], n[1], n[2]);
    }

    private static Size size(Recorded r, String setting, int neutral) {
        int[] n = numbers(r, setting);
        return n.length == 1 ? Size.of(neutral, n[0]) : Size.of(n[0], n[1]);
    }

    private static int[] numbers(Recorded r, String setting) {
        return Arrays.stream(r.text(setting).split("x", -1))
                .mapToInt(Integer::parseInt)
                .toArray();
    }
}
