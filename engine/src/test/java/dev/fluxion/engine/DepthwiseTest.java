package dev.fluxion.engine;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fluxion.ir.ConvSpec;
import dev.fluxion.ir.Expr;
import dev.fluxion.ir.Graph;
import dev.fluxion.ir.Shape;
import dev.fluxion.ir.Size;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Depthwise convolutions and their gradients. */
class DepthwiseTest {
    private static final int CASES = 300;
    private static final int[] CHANNELS = {2, 3, 8, 16, 17, 40};

    /** Strides, dilations, and padding of two axes, on images that windows fill or do not. */
    @Test
    void everyGeometry() {
        for (int seed = 0; seed < CASES; seed++) {
            SplittableRandom random = new SplittableRandom(seed);
            Size kernel = size(random, 1, 8);
            Size dilation = size(random, 1, 4);
            int channels = CHANNELS[random.nextInt(CHANNELS.length)];
            ConvSpec spec =
                    new ConvSpec(size(random, 1, 4), size(random, 0, random.nextInt(1, 13)), dilation, channels);
            Size reach = new Size((kernel.h() - 1) * dilation.h() + 1, (kernel.w() - 1) * dilation.w() + 1);
            int height = Math.max(1, reach.h() - 2 * spec.pad().h()) + random.nextInt(8);
            int width = Math.max(1, reach.w() - 2 * spec.pad().w()) + random.nextInt(8);
            Leaves leaves = new Leaves(0.3);
            Graph graph = graph(leaves, Shape.of(random.nextInt(1, 4), channels, height, width), kernel, spec);
            Match.check("seed " + seed, graph, leaves.values, seed, random.nextInt(1, 3));
        }
    }

    /** With more than 3×3 weights, with gaps between them, or with more padding than kernels take. */
    @ParameterizedTest
    @CsvSource({
        "5, 1, 1",
        "7, 2, 1",
        "9, 1, 1",
        "5, 1, 2",
        "3, 1, 2",
        "7, 1, 3",
        "3, 1, 12",
        "15, 1, 1",
        "15, 2, 1",
        "21, 1, 1"
    })
    void haveKernelsOfTheirOwn(int side, int stride, int dilation) {
        Vectors.require(8);
        ConvSpec spec = new ConvSpec(Size.of(stride), Size.of(side / 2 * dilation), Size.of(dilation), 40);
        Leaves leaves = new Leaves(0.3);
        Graph graph = graph(leaves, Shape.of(6, 40, 14, 13), Size.of(side), spec);
        try (Parameters parameters = Match.parameters(graph, leaves.values);
                Program program = Compiler.compile(graph, parameters, new Options(2))) {
            assertThat(program.explain().steps())
                    .filteredOn(step -> step.operator().startsWith("conv"))
                    .isNotEmpty()
                    .allMatch(step -> step.implementation().matches("(jit|brdgmm)_dw:.*"));
        }
        Match.check("side " + side, graph, leaves.values, 1, 2);
    }

    /** Gaps of a million columns do not become memory. */
    @Test
    void imagesDoNotConsistOfPadding() {
        ConvSpec spec = new ConvSpec(Size.of(1), Size.of(1_000_000), Size.of(1_000_000), 40);
        Leaves leaves = new Leaves(0.3);
        Graph graph = graph(leaves, Shape.of(1, 40, 3, 5), Size.of(3), spec);
        try (Parameters parameters = Match.parameters(graph, leaves.values);
                Program program = Compiler.compile(graph, parameters, new Options(1))) {
            assertThat(program.explain().toString()).doesNotContain("pad[");
        }
        Match.check("gaps", graph, leaves.values, 1, 2);
    }

    /** A single window, which lies in the padding alone, or reaches just into the image. */
    @ParameterizedTest
    @CsvSource({"5, 3, 10, 30", "5, 11, 10, 30", "5, 12, 10, 30", "1, 3, 9, 25"})
    void windowsThatSeeLittle(int width, int kernel, int pad, int stride) {
        ConvSpec spec = new ConvSpec(new Size(1, stride), new Size(0, pad), Size.of(1), 16);
        Leaves leaves = new Leaves(0.3);
        Graph graph = graph(leaves, Shape.of(2, 16, 3, width), new Size(1, kernel), spec);
        Match.check("single window", graph, leaves.values, 1, 2);
    }

    /** Long rows with long margins: more elements beside than ints of a product of both would count. */
    @ParameterizedTest
    @CsvSource({"1, 160000, 1, 12000", "10000, 64, 0, 6000"})
    void longMarginsAreCounted(int rows, int columns, int axis, int margin) {
        Leaves leaves = new Leaves(0.3);
        Graph graph = Graph.of(Map.of("y", leaves.input("x", rows, columns).pad(axis, margin, margin / 2, 0)));
        Match.check("margins", graph, leaves.values, 1, 1);
    }

    private static Size size(SplittableRandom random, int least, int below) {
        return new Size(random.nextInt(least, below), random.nextInt(least, below));
    }

    private static Graph graph(Leaves leaves, Shape x, Size kernel, ConvSpec spec) {
        Expr w = leaves.parameter("w", spec.groups(), 1, kernel.h(), kernel.w());
        Expr bias = leaves.parameter("bias", spec.groups());
        Expr images = leaves.input("x", x.dims());
        Expr y = images.conv(w, spec).add(bias.reshape(1, spec.groups(), 1, 1));
        return Match.withGradients(y, List.of(images, w, bias), leaves.values, 5);
    }
}
