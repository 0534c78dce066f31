package dev.fluxion.engine;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fluxion.engine.check.ErrorBound;
import dev.fluxion.engine.plan.Phase;
import dev.fluxion.engine.plan.Step;
import dev.fluxion.ir.ConvSpec;
import dev.fluxion.ir.Expr;
import dev.fluxion.ir.Graph;
import dev.fluxion.ir.Shape;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.function.Function;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/** Copies and reductions in Java that threads share: each makes some of the result, as it lies. */
class SharedCopiesTest {
    private static Map<String, Function<Leaves, Expr>> graphs() {
        Map<String, Function<Leaves, Expr>> all = new LinkedHashMap<>();
        all.put("columns around an image", l -> image(l, 1).pad(3, 9, 5, 0));
        all.put("rows around an image", l -> image(l, 1).pad(2, 9, 5, 0));
        all.put("columns behind several images", l -> image(l, 3).pad(3, 0, 20, 0));
        all.put("another number around an image", l -> image(l, 1).pad(2, 1, 2, 1.5));
        all.put("margins that are longer than what is copied at once", l -> l.input("x", 1, 2, 9, 300)
                .pad(2, 8, 0, 0));
        all.put(
                "images side by side",
                l -> Expr.concat(
                        3, List.of(l.input("x", 2, 3, 16, 10), l.input("z", 2, 3, 16, 1), l.input("u", 2, 3, 16, 30))));
        all.put("columns out of an image", l -> l.input("x", 2, 8, 9, 30).slice(3, 5, 28));
        all.put("rows out of images", l -> l.input("x", 2, 8, 30, 9).slice(2, 5, 28));
        all.put("a row for each place", l -> l.input("x", 16, 1, 40).broadcastTo(Shape.of(16, 25, 40)));
        all.put("places of a row", l -> l.input("x", 8, 40, 1).broadcastTo(Shape.of(8, 40, 25)));
        return all;
    }

    private static Map<String, Function<Leaves, Expr>> reductions() {
        Map<String, Function<Leaves, Expr>> all = new LinkedHashMap<>();
        all.put("channels of an image", l -> image(l, 1).sum(1));
        all.put("largest channels of images", l -> image(l, 7).maxOver(1));
        all.put("rows", l -> l.input("x", 1, 9, 300).sum(2));
        all.put("the largest of columns", l -> l.input("x", 9, 30, 20).maxOver(1));
        all.put("what lies around something", l -> l.input("x", 9, 4, 5, 6).sum(1, 3));
        return all;
    }

    /** Parts of what is summed would be summed in another order. */
    @Test
    void whatIsReducedOutermostIsNotShared() {
        Leaves leaves = new Leaves(0.3);
        Graph graph = Graph.of(Map.of("y", leaves.input("x", 9, 40, 5).sum(0, 2)));
        try (Parameters parameters = Match.parameters(graph, leaves.values);
                Program program = Divided.compile(graph, parameters, 2, 0)) {
            assertThat(program.plan().phases().stream().flatMap(Phase::steps))
                    .isNotEmpty()
                    .noneMatch(step -> step.key().isStrand());
        }
        Divided.check("outermost", graph, leaves);
    }

    /** Images whose channels lie last where kernels like that. */
    private static Expr image(Leaves l, int images) {
        return l.input("x", images, 16, 12, 14).conv(l.parameter("w", 32, 16, 1, 1), ConvSpec.of());
    }

    @TestFactory
    Stream<DynamicTest> copiesAreSharedAndGiveTheSame() {
        return graphs().entrySet().stream()
                .map(g -> DynamicTest.dynamicTest(g.getKey(), () -> check(g.getKey(), "java:copy", g.getValue())));
    }

    @TestFactory
    Stream<DynamicTest> reductionsAreSharedAndGiveTheSame() {
        return reductions().entrySet().stream()
                .map(g -> DynamicTest.dynamicTest(g.getKey(), () -> check(g.getKey(), "java:reduce", g.getValue())));
    }

    @TestFactory
    Stream<DynamicTest> drawnMarginsAreSharedAndGiveTheSame() {
        return IntStream.range(0, 40)
                .mapToObj(seed -> DynamicTest.dynamicTest(
                        "seed " + seed,
                        () -> check("seed " + seed, "java:copy", l -> drawn(new SplittableRandom(seed), l))));
    }

    private static Expr drawn(SplittableRandom random, Leaves l) {
        int rank = 1 + random.nextInt(4);
        int[] dims = IntStream.range(0, rank)
                .map(i -> random.nextInt(3) == 0 ? 1 : 1 + random.nextInt(12))
                .toArray();
        int axis = random.nextInt(rank);
        dims[axis] += 8;
        double value = random.nextBoolean() ? 0 : -2;
        return l.input("x", dims).pad(axis, random.nextInt(12), 1 + random.nextInt(12), value);
    }

    private static void check(String name, String kernel, Function<Leaves, Expr> made) {
        Leaves leaves = new Leaves(0.3);
        Graph graph = Graph.of(Map.of("y", made.apply(leaves)));
        for (int threads : new int[] {1, 2, 5}) {
            try (Parameters parameters = Match.parameters(graph, leaves.values);
                    Program program = Divided.compile(graph, parameters, threads, 0)) {
                List<Step> steps = program.plan().phases().stream()
                        .flatMap(Phase::steps)
                        .filter(step -> step.implementation().equals(kernel))
                        .toList();
                assertThat(steps)
                        .as(name)
                        .isNotEmpty()
                        .allMatch(step -> step.key().isStrand() == threads > 1);
                Match.write(program, graph, leaves.values);
                program.run();
                Match.check(name, program, graph, new ErrorBound(Match.interpreter(leaves.values, 1)));
            }
        }
        Divided.check(name, graph, leaves);
    }
}
