package dev.fluxion.examples.benchmarks;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class GoalsTest {
    private static final Machine MACHINE = new Machine("", "", 2, "", "", "", 0);

    /** Fluxion takes 10 µs with one thread and 5 with two, all others 20 and 10, but where it is said. */
    private final Map<String, Double> others = new HashMap<>();

    private final List<Peer> peers = new ArrayList<>(List.of(Peer.values()));

    @Test
    void everyRowMustReachAGoal() {
        assertThat(met("train, CIFAR and MNIST nets, batch 64: PyTorch's better layout"))
                .isEqualTo("yes");
        assertThat(met("train, CIFAR and MNIST nets, batch 64: PyTorch's default"))
                .isEqualTo("yes");

        others.put("mnist-64-train 2 PyTorch channels-last", 7.0);

        assertThat(met("train, CIFAR and MNIST nets, batch 64: PyTorch's better layout"))
                .isEqualTo("no, 3 of 4");
        assertThat(met("train, CIFAR and MNIST nets, batch 64: PyTorch's default"))
                .isEqualTo("yes");
        Goal goal = goal("train, CIFAR and MNIST nets, batch 64: PyTorch's better layout");
        assertThat(goal.worst()).map(Goal.Outcome::where).contains("mnist-64-train, 2 threads");
        assertThat(goal.worst()).map(Goal.Outcome::value).contains(1.4);
        assertThat(goal.best()).map(Goal.Outcome::value).contains(2.0);
    }

    @Test
    void aMissedGoalAsksForARate() {
        others.put("mnist-64-train 2 PyTorch channels-last", 6.0);

        Goal goal = goal("train, CIFAR and MNIST nets, batch 64: PyTorch's better layout");
        double rate = Work.of(new Cell("mnist", 64, Cell.Mode.TRAIN)) / 5e3;
        Goal.Outcome missed = new Goal.Outcome("mnist-64-train, 2 threads", 1.2, rate);
        assertThat(goal.missed()).containsExactly(missed);
        assertThat(goal.asked(missed)).isEqualTo(rate * 1.5 / 1.2);
        assertThat(goal("MLP 4-16-3, infer, batch 1").missed()).isEmpty();
    }

    @Test
    void theBestOfTheOthersCounts() {
        assertThat(met("train, batch 1: best of the others")).isEqualTo("no, 0 of 14");
        assertThat(met("infer, batch 1: ONNX Runtime")).isEqualTo("yes");
        assertThat(met("infer, batch 1: PyTorch's better layout")).isEqualTo("no, 0 of 14");
        assertThat(met("every other row: best of the others")).isEqualTo("yes");

        others.put("cifar-8-infer 1 DJL", 10.0);

        assertThat(met("every other row: best of the others")).startsWith("no, ");
    }

    @Test
    void aGoalSpeaksOfEveryRowOnce() {
        int rows = goal("train, CIFAR and MNIST nets, batch 64: PyTorch's better layout")
                        .outcomes()
                        .size()
                + goal("train, batch 1: best of the others").outcomes().size()
                + goal("infer, batch 1: ONNX Runtime").outcomes().size()
                + goal("infer, batch 64: better of ONNX Runtime and PyTorch")
                        .outcomes()
                        .size()
                + goal("infer, untuned nets: ONNX Runtime").outcomes().size()
                + goal("train, untuned nets: PyTorch's better layout")
                        .outcomes()
                        .size()
                + goal("infer, encoder, 1×16: ONNX Runtime").outcomes().size()
                + goal("infer, encoder, 128 steps: ONNX Runtime").outcomes().size()
                + goal("train, encoder: PyTorch").outcomes().size()
                + goal("every other row: best of the others").outcomes().size();

        assertThat(rows).isEqualTo(2 * Cell.all().size());
    }

    @Test
    void whatIsMissingIsNotMet() {
        peers.remove(Peer.PYTORCH_LAST);

        assertThat(met("train, CIFAR and MNIST nets, batch 64: PyTorch's better layout"))
                .isEqualTo("not measured");
        assertThat(met("train, CIFAR and MNIST nets, batch 64: PyTorch's default"))
                .isEqualTo("yes");
        assertThat(met("CIFAR and MNIST nets: bare oneDNN")).isEqualTo("not measured");

        others.put("cifar-64-train 1 PyTorch", Double.NaN);

        assertThat(met("train, CIFAR and MNIST nets, batch 64: PyTorch's default"))
                .isEqualTo("open, 3 of 4");
    }

    @Test
    void numbersThatAreNoRatiosToLibraries() {
        assertThat(met("MLP 4-16-3, infer, batch 1")).isEqualTo("no, 0 of 2");
        assertThat(goal("MLP 4-16-3, infer, batch 1").worst())
                .map(Goal.Outcome::value)
                .contains(10.0);
        assertThat(met("batch 64: one thread's time by that of two")).isEqualTo("yes");
        assertThat(met("peak memory of training, CIFAR net, batch 256: PyTorch's smaller process"))
                .isEqualTo("no, 0 of 1");
        assertThat(met("start of the JVM to first prediction: best of the others"))
                .isEqualTo("yes");
    }

    @Test
    void boundsPrintAsTheyAreWritten() {
        assertThat(List.of(Goal.Bound.atLeast(1.5), Goal.Bound.ahead(), Goal.Bound.atMost(2, "µs")))
                .map(Goal.Bound::toString)
                .containsExactly("≥ 1.5", "> 1", "≤ 2 µs");
        assertThat(Goal.Bound.ahead().holds(1)).isFalse();
        assertThat(Goal.Bound.atLeast(1).holds(1)).isTrue();
        assertThat(Goal.Bound.atMost(2, "µs").holds(2.1)).isFalse();
    }

    private String met(String work) {
        return goal(work).met();
    }

    private Goal goal(String work) {
        return Goals.of(results()).stream()
                .filter(goal -> goal.work().equals(work))
                .findFirst()
                .orElseThrow();
    }

    private Results results() {
        List<Results.Row> rows = new ArrayList<>();
        for (int threads : new int[] {1, 2}) {
            for (Cell cell : Cell.all()) {
                Map<String, Results.Entry> entries = new LinkedHashMap<>();
                for (Peer peer : peers) {
                    double usual = (peer == Peer.FLUXION ? 10.0 : 20.0) / threads;
                    double time = others.getOrDefault(cell + " " + threads + " " + peer.title(), usual);
                    boolean measured = peer.does(cell.mode()) && !Double.isNaN(time);
                    entries.put(peer.title(), new Results.Entry(measured ? List.of(Samples.of(time)) : List.of(), ""));
                }
                rows.add(new Results.Row(cell, threads, "", entries));
            }
        }
        Map<String, Long> memory = Map.of("Fluxion", 100L, "PyTorch", 300L, "PyTorch channels-last", 190L);
        Map<String, Samples> startUp = new HashMap<>();
        peers.forEach(peer -> startUp.put(peer.title(), Samples.of(peer == Peer.FLUXION ? 100 : 150)));
        return new Results(MACHINE, new Results.Setting(1, 1, 60), rows, memory, startUp, List.of());
    }
}
