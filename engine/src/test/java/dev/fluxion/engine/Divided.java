package dev.fluxion.engine;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fluxion.Tensor;
import dev.fluxion.engine.plan.Phase;
import dev.fluxion.engine.plan.Step;
import dev.fluxion.ir.ConvSpec;
import dev.fluxion.ir.Expr;
import dev.fluxion.ir.Graph;
import dev.fluxion.ir.PoolSpec;
import dev.fluxion.ir.Size;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/** Programs whose steps threads share, and what the tests of them ask. */
final class Divided {
    private static final int[] THREADS = {1, 2, 3, 4, 8};

    private Divided() {}

    static Expr joined(Leaves l) {
        Expr x = conv(l, 16, 24, 24, 3, spec(1, 1, 1, 1));
        Expr y = x.conv(l.parameter("v", 32, 64, 1, 1), ConvSpec.of());
        return Expr.concat(1, List.of(x, y, y.relu())).maxPool(PoolSpec.of(Size.of(2)));
    }

    /** A convolution along images of a single row. */
    static Expr sequence(
            Leaves l,
            int images,
            int channels,
            int filters,
            int length,
            int kernel,
            int step,
            int pad,
            int dilation,
            int groups) {
        ConvSpec along = new ConvSpec(new Size(1, step), new Size(0, pad), new Size(1, dilation), groups);
        return l.input("x", images, channels, 1, length)
                .conv(l.parameter("w", filters, channels / groups, 1, kernel), along);
    }

    /** A convolution by kernels of 1×1 with a bias, of square images. */
    static Expr single(Leaves l, int channels, int filters, int side, int step, int bias) {
        return l.input("x", 1, channels, side, side)
                .conv(l.parameter("w", filters, channels, 1, 1), spec(step, 0, 1, 1))
                .add(l.parameter("b", bias).reshape(1, bias, 1, 1));
    }

    static ConvSpec spec(int stride, int pad, int dilation, int groups) {
        return new ConvSpec(Size.of(stride), Size.of(pad), Size.of(dilation), groups);
    }

    static Expr conv(Leaves leaves, int channels, int height, int width, int kernel, ConvSpec spec) {
        return leaves.input("x", 1, channels, height, width)
                .conv(leaves.parameter("w", 64, channels, kernel, kernel), spec);
    }

    static Program compile(Graph graph, Parameters parameters, int threads, double scale) {
        return Compiler.compile(
                graph, parameters, RunState.of(parameters), new Options(threads), g -> Optional.empty(), scale);
    }

    static long strands(Graph graph, Leaves leaves, int threads) {
        try (Parameters parameters = Match.parameters(graph, leaves.values);
                Program program = compile(graph, parameters, threads, 0)) {
            return strands(program);
        }
    }

    static long strands(Program program) {
        return program.plan().phases().stream()
                .flatMap(Phase::steps)
                .filter(step -> step.key().isStrand())
                .map(Step::key)
                .distinct()
                .count();
    }

    static void check(String name, Graph graph, Leaves leaves) {
        Map<Integer, List<Tensor>> results = new LinkedHashMap<>();
        try (Parameters parameters = Match.parameters(graph, leaves.values)) {
            for (int threads : THREADS) {
                try (Program program = compile(graph, parameters, threads, 0);
                        Program undivided = compile(graph, parameters, threads, 1e9)) {
                    assertThat(kernels(program)).as(name).isEqualTo(kernels(undivided));
                    Match.write(program, graph, leaves.values);
                    program.run();
                    results.put(
                            threads,
                            graph.stages().stream()
                                    .flatMap(stage -> stage.outputs().keySet().stream())
                                    .map(program::read)
                                    .toList());
                }
            }
        }
        List<Tensor> alone = results.get(1);
        assertThat(List.copyOf(results.values())).as(name).allMatch(alone::equals);
    }

    /** What computes, by operator; a part may be copied to its place, and what is repaired is so by a step of its own. */
    static Set<String> kernels(Program program) {
        return program.plan().phases().stream()
                .flatMap(Phase::steps)
                .filter(step -> !Set.of("reorder", "repair").contains(step.operator()))
                .map(step -> step.operator() + " " + step.implementation())
                .collect(Collectors.toSet());
    }
}
