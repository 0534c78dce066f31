package dev.fluxion.dsl.optim;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fluxion.Optimizer;
import dev.fluxion.dsl.Factories;
import dev.fluxion.dsl.optim.Trajectories.Net;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/**
 * Steps of each optimizer on a small net, beside those of PyTorch, which a script has recorded: all thousand of them with {@code
 * -Psweep}.
 */
class TrajectoriesTest {
    private static final int STEPS = Integer.getInteger("fluxion.steps", 100);
    /** Of the largest weight, in double precision. */
    private static final double EXACT = 1e-9;
    /** The same where line searches multiply what rounding does. */
    private static final double SEARCHED = 1e-6;
    /** Of the largest weight, in the engine's single precision behind a hundred steps. */
    private static final double SINGLE = 1e-5;

    private static final Map<String, TreeMap<Integer, double[]>> RECORDED = Trajectories.recorded();
    private static final Map<String, Optimizer> CASES = new LinkedHashMap<>(OptimizerCases.all());

    static {
        CASES.putAll(OptimizerCases.composites());
        CASES.putAll(OptimizerCases.tables());
    }

    @Test
    void everyCaseIsRecorded() {
        Set<String> all = new LinkedHashSet<>(CASES.keySet());
        all.addAll(OptimizerCases.searches().keySet());
        assertThat(RECORDED.keySet()).isEqualTo(all);
    }

    @Test
    void everyOptimizerHasCases() {
        assertThat(Stream.of(OptimizerCases.all(), OptimizerCases.searches(), OptimizerCases.tables())
                        .flatMap(cases -> cases.keySet().stream())
                        .map(name -> name.replaceFirst(" .*", "") + "(double)")
                        .collect(Collectors.toSet()))
                .isEqualTo(Factories.of(Optimizers.class));
    }

    /** A graph is one step, so several batches that make one are left to the engine. */
    @TestFactory
    Stream<DynamicTest> inDoublePrecisionTheWeightsArePyTorchs() {
        return CASES.entrySet().stream()
                .filter(c -> c.getValue().batches() == 1)
                .map(c -> DynamicTest.dynamicTest(c.getKey(), () -> {
                    SortedMap<Integer, double[]> expected = recorded(c.getKey(), STEPS);
                    Map<Integer, double[]> found = Trajectories.inDouble(
                            net(c.getKey()), c.getValue(), OptimizerCases.schedule(c.getKey()), expected.keySet());
                    expected.forEach((step, weights) -> assertClose(step, found.get(step), weights, EXACT));
                }));
    }

    @TestFactory
    Stream<DynamicTest> searchesInDoublePrecisionAreAsFarAsPyTorchs() {
        return OptimizerCases.searches().entrySet().stream()
                .map(c -> DynamicTest.dynamicTest(c.getKey(), () -> {
                    SortedMap<Integer, double[]> expected = recorded(c.getKey(), STEPS);
                    Map<Integer, double[]> found = Trajectories.searched(c.getValue(), expected.keySet());
                    expected.forEach((step, weights) -> assertClose(step, found.get(step), weights, SEARCHED));
                }));
    }

    /** While steps are few: the method multiplies what rounding does. */
    @TestFactory
    Stream<DynamicTest> searchesInTheEngineBeginAlike() {
        return OptimizerCases.searches().entrySet().stream()
                .map(c -> DynamicTest.dynamicTest(c.getKey(), () -> {
                    boolean small = c.getValue().iterations() == 1;
                    SortedMap<Integer, double[]> expected = recorded(c.getKey(), small ? 10 : 1);
                    Map<Integer, double[]> found =
                            Trajectories.inFloat(Net.DENSE, c.getValue(), Schedules.constant(), expected.keySet());
                    expected.forEach(
                            (step, weights) -> assertClose(step, found.get(step), weights, small ? SINGLE : 1e-3));
                }));
    }

    @TestFactory
    Stream<DynamicTest> inTheEngineTheyAreClose() {
        Map<String, Optimizer> some = new LinkedHashMap<>(OptimizerCases.composites());
        some.putAll(STEPS > 100 ? CASES : OptimizerCases.tables());
        return some.entrySet().stream()
                .map(c -> DynamicTest.dynamicTest(c.getKey(), () -> {
                    SortedMap<Integer, double[]> expected = recorded(c.getKey(), 100);
                    Map<Integer, double[]> found = Trajectories.inFloat(
                            net(c.getKey()), c.getValue(), OptimizerCases.schedule(c.getKey()), expected.keySet());
                    expected.forEach((step, weights) -> assertClose(step, found.get(step), weights, SINGLE));
                }));
    }

    private static Net net(String name) {
        return OptimizerCases.tables().containsKey(name) ? Net.TABLE : Net.DENSE;
    }

    private static SortedMap<Integer, double[]> recorded(String name, int steps) {
        return RECORDED.getOrDefault(name, new TreeMap<>()).headMap(steps, true);
    }

    private static void assertClose(int step, double[] found, double[] expected, double part) {
        double most = 0;
        double off = 0;
        for (int i = 0; i < expected.length; i++) {
            most = Math.max(most, Math.abs(expected[i]));
            off = Math.max(off, Math.abs(found[i] - expected[i]));
        }
        assertThat(off / most).as("step %d", step).isLessThan(part);
    }
}
