package dev.fluxion.dsl.optim;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.fluxion.Schedule;
import dev.fluxion.dsl.Factories;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.DoubleStream;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class SchedulesTest {
    private static final Path RECORDED = Path.of("src/test/resources/dev/fluxion/dsl/optim/schedules.txt");

    /** A schedule as written, the factory that makes it, and its first factors. */
    private record Row(String factory, Schedule schedule, String text, double... factors) {}

    static Stream<Row> rows() {
        return Stream.of(
                new Row("lambda(IntToDoubleFunction)", Schedules.lambda(e -> e / 2), "lambda(…)", 0, 0, 1, 1, 2),
                new Row(
                        "multiplicative(IntToDoubleFunction)",
                        Schedules.multiplicative(e -> e),
                        "multiplicative(…)",
                        1,
                        1,
                        2,
                        6),
                new Row("constant()", Schedules.constant(), "constant()", 1, 1, 1),
                new Row("constant(double, int)", Schedules.constant(.5, 2), "constant(0.5, 2)", .5, .5, 1, 1),
                new Row("step(int, double)", Schedules.step(2, .5), "step(2, 0.5)", 1, 1, .5, .5, .25),
                new Row(
                        "multiStep(double, int[])",
                        Schedules.multiStep(.5, 3, 1),
                        "multiStep(0.5, 3, 1)",
                        1,
                        .5,
                        .5,
                        .25,
                        .25),
                new Row("exponential(double)", Schedules.exponential(.9), "exponential(0.9)", 1, .9, .81, .729),
                new Row("linear(double, double, int)", Schedules.linear(.5, 1, 2), "linear(0.5, 1, 2)", .5, .75, 1, 1),
                new Row("polynomial(int, double)", Schedules.polynomial(2, 2), "polynomial(2, 2)", 1, .25, 0, 0),
                new Row("cosine(int)", Schedules.cosine(4), "cosine(4)", 1, .853553390593, .5, .146446609407, 0, 0),
                new Row("cosine(int, double)", Schedules.cosine(2, .2), "cosine(2, 0.2)", 1, .6, .2, .2),
                new Row(
                        "cosineRestarts(int, int, double)",
                        Schedules.cosineRestarts(2, 2, 0),
                        "cosineRestarts(2, 2, 0)",
                        1,
                        .5,
                        1,
                        .853553390593,
                        .5,
                        .146446609407,
                        1),
                new Row("warmUp(int)", Schedules.warmUp(4), "warmUp(4).then(4, constant())", .25, .5, .75, 1, 1),
                new Row(
                        "warmUp(int, Schedule)",
                        Schedules.warmUp(2, Schedules.step(1, .5)),
                        "warmUp(2).then(2, step(1, 0.5))",
                        .5,
                        1,
                        1,
                        .5,
                        .25),
                new Row(
                        "warmUp(int, Schedule)",
                        Schedules.warmUp(2, Schedules.lambda(e -> 3 - e)),
                        "warmUp(2).then(2, lambda(…))",
                        1.5,
                        3,
                        3,
                        2),
                new Row(
                        "oneCycle(int)",
                        Schedules.oneCycle(5).up(.6).div(4).last(2).linear(true),
                        "oneCycle(5).up(0.6).div(4).last(2).linear(true)",
                        .25,
                        .625,
                        1,
                        .5625,
                        .125,
                        .125),
                new Row(
                        "cyclic(double, int)",
                        Schedules.cyclic(.5, 1).down(2).halving(true),
                        "cyclic(0.5, 1).down(2).halving(true)",
                        .5,
                        1,
                        .75,
                        .5,
                        .75),
                new Row("plateau(String)", Schedules.plateau("loss").by(.5), "plateau(\"loss\").by(0.5)", 1, 1));
    }

    @ParameterizedTest
    @MethodSource("rows")
    void factorsByIndex(Row row) {
        assertThat(IntStream.range(0, row.factors.length)
                        .mapToDouble(row.schedule::factor)
                        .toArray())
                .containsExactly(row.factors, within(1e-12));
        assertThat(row.schedule).hasToString(row.text);
    }

    @Test
    void everyScheduleHasARow() {
        List<String> rows = new ArrayList<>(rows().map(Row::factory).toList());
        rows.add("plot(Schedule, int, Path)");
        Factories.requireRows(Schedules.class, rows);
    }

    /** Those that the script records. */
    private static Map<String, Schedule> cases() {
        Map<String, Schedule> cases = new LinkedHashMap<>();
        OneCycle one = Schedules.oneCycle(1000);
        Cyclic halving = Schedules.cyclic(.2, 70).down(130).halving(true);
        cases.put("lambda", Schedules.lambda(i -> 1 / (1 + i * .01)));
        cases.put("multiplicative", Schedules.multiplicative(i -> i % 2 == 1 ? .99 : 1.005));
        cases.put("step", Schedules.step(30, .9));
        cases.put("multiStep", Schedules.multiStep(.5, 10, 300, 300, 700));
        cases.put("constant", Schedules.constant(.25, 100));
        cases.put("linear", Schedules.linear(.3, .9, 700));
        cases.put("exponential", Schedules.exponential(.997));
        cases.put("polynomial", Schedules.polynomial(900, 1.7));
        cases.put("cosine", Schedules.cosine(1000, .1));
        cases.put("cosineRestarts", Schedules.cosineRestarts(70, 1, .01));
        cases.put("cosineRestarts growing", Schedules.cosineRestarts(50, 2, 0));
        cases.put("oneCycle", one);
        cases.put("oneCycle momentum", one.momentum(.85 / .95));
        cases.put(
                "oneCycle linear",
                Schedules.oneCycle(1100).up(.4).linear(true).div(10).last(50));
        cases.put("oneCycle three phases", one.threePhases(true));
        cases.put("cyclic", Schedules.cyclic(.1, 90));
        cases.put("cyclic halving", halving);
        cases.put("cyclic halving momentum", halving.momentum(.8 / .9));
        cases.put("cyclic gamma", Schedules.cyclic(.1, 90).gamma(.995));
        cases.put(
                "plateau", Schedules.plateau("v").by(.7).patience(5).coolDown(3).least(.005));
        cases.put(
                "plateau largest",
                Schedules.plateau("v").largest(true).by(.9).patience(9).difference(.01));
        cases.put(
                "then",
                Schedules.linear(.1, 1, 20).then(20, Schedules.step(100, .5).then(600, Schedules.exponential(.99))));
        cases.put("times", Schedules.constant(.5, 40).times(Schedules.exponential(.998)));
        return cases;
    }

    private static Map<String, double[]> recorded() throws IOException {
        Map<String, double[]> recorded = new LinkedHashMap<>();
        List<String> lines = Files.readAllLines(RECORDED);
        for (int i = 1; i < lines.size(); i += 2) {
            recorded.put(
                    lines.get(i).substring("case ".length()),
                    Arrays.stream(lines.get(i + 1).split(" "))
                            .flatMapToDouble(SchedulesTest::numbers)
                            .toArray());
        }
        return recorded;
    }

    private static DoubleStream numbers(String word) {
        String[] parts = word.split("\\*");
        return DoubleStream.generate(() -> Double.parseDouble(parts[0]))
                .limit(parts.length == 1 ? 1 : Long.parseLong(parts[1]));
    }

    @TestFactory
    Stream<DynamicTest> aThousandFactorsArePyTorchs() throws IOException {
        Map<String, double[]> recorded = recorded();
        Map<String, Schedule> cases = cases();
        assertThat(recorded.keySet()).isEqualTo(cases.keySet());
        return recorded.entrySet().stream()
                .map(c -> DynamicTest.dynamicTest(c.getKey(), () -> {
                    double[] expected = c.getValue();
                    assertThat(expected).hasSize(1000);
                    Schedule schedule = cases.getOrDefault(c.getKey(), Schedules.constant());
                    for (int i = 0; i < expected.length; i++) {
                        double factor = schedule.factor(i);
                        assertThat(factor)
                                .as("factor %d", i)
                                .isCloseTo(expected[i], within(1e-9 * expected[i] + 1e-15));
                        double value = 1 / (1.0 + i % 400 / 7) + i * 37 % 11 / 1000.0;
                        schedule = schedule.after(Map.of("v", value));
                    }
                }));
    }

    @Test
    void everyFactoryIsRecorded() {
        assertThat(cases().keySet().stream().map(name -> name.replaceFirst(" .*", "")))
                .containsAll(Factories.of(Schedules.class).stream()
                        .map(factory -> factory.replaceFirst("\\(.*", ""))
                        .filter(name -> !List.of("warmUp", "plot").contains(name))
                        .collect(Collectors.toSet()));
    }

    @Test
    void partsCountTheSame() {
        Schedule epochs = Schedules.step(2, .5);
        Schedule steps = Schedules.cosine(10).bySteps();
        assertThat(steps).hasToString("cosine(10).bySteps()");
        assertThat(Schedules.warmUp(3, steps).unit()).isEqualTo(Schedule.Unit.STEP);
        assertThat(Schedules.warmUp(3, epochs).unit()).isEqualTo(Schedule.Unit.EPOCH);
        assertThatThrownBy(() -> epochs.then(2, steps))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("then: one schedule counts epochs and the other one steps: step(2, 0.5) and "
                        + "cosine(10).bySteps()");
        assertThatThrownBy(() -> steps.times(epochs)).hasMessageStartingWith("times: one schedule counts epochs");
        assertThatThrownBy(() -> epochs.then(-1, epochs))
                .hasMessage("then: the index of a schedule must be at least 0 but is -1");
        assertThat(epochs.times(epochs)).hasToString("step(2, 0.5).times(step(2, 0.5))");
    }

    @Test
    void aPlateauKnowsItsValue() {
        assertThatThrownBy(() -> Schedules.plateau("f1").after(Map.of("accuracy", 1.0)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("plateau(\"f1\"): an epoch has no value 'f1'; there are [accuracy]");
    }

    @Test
    void whatFollowsValuesDoesSoWithinOthers() {
        Schedule plateau = Schedules.plateau("v").patience(0);
        Schedule all = Schedules.warmUp(1, plateau).times(plateau).bySteps();
        for (double value : new double[] {1, 1}) {
            all = all.after(Map.of("v", value));
        }
        assertThat(all.factor(5)).isCloseTo(.01, within(1e-15));
    }

    @Test
    void theCurveIsDrawn(@TempDir Path folder) throws IOException {
        Path file = folder.resolve("rate.svg");
        Schedules.plot(Schedules.oneCycle(100), 100, file);
        assertThat(file).content().contains("<polyline", "oneCycle(100)", ">step<", "Learning rate by step");
        assertThatThrownBy(() -> Schedules.plot(Schedules.constant(), 5, folder.resolve("none/rate.svg")))
                .isInstanceOf(IOException.class);
    }

    @Test
    void badNumbersAreRefused() {
        assertThatThrownBy(() -> Schedules.step(0, .1))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("step: every must be at least 1 but is 0");
        assertThatThrownBy(() -> Schedules.exponential(-1))
                .hasMessage("exponential: gamma must be finite and at least 0 but is -1");
        assertThatThrownBy(() -> Schedules.warmUp(0)).hasMessage("warmUp: the count must be at least 1 but is 0");
        assertThatThrownBy(() -> Schedules.multiStep(.1, 3, -2))
                .hasMessage("multiStep: a milestone must be at least 0 but is -2");
        assertThatThrownBy(() -> Schedules.polynomial(3, 0))
                .hasMessage("polynomial: the power must be finite and above 0 but is 0");
        assertThatThrownBy(() -> Schedules.oneCycle(0))
                .hasMessage("oneCycle: the number of steps must be at least 1 but is 0");
        assertThatThrownBy(() -> Schedules.oneCycle(10).up(2)).hasMessage("oneCycle: up must be in [0, 1] but is 2");
        assertThatThrownBy(() -> Schedules.cyclic(.1, 5).down(0))
                .hasMessage("cyclic: down must be at least 1 but is 0");
        assertThatThrownBy(() -> Schedules.plateau("loss").by(1)).hasMessage("plateau: by must be in [0, 1) but is 1");
        assertThatThrownBy(() -> Optimizers.adam(1).cycle(Schedules.cosine(5)))
                .hasMessage("adam: a momentum goes by steps but cosine(5) counts epochs; append bySteps()");
    }
}
