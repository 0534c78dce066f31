package dev.fluxion.examples.benchmarks;

import dev.fluxion.examples.benchmarks.Goal.Bound;
import dev.fluxion.examples.benchmarks.Goal.Outcome;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.function.BiFunction;
import java.util.function.Predicate;
import java.util.stream.Stream;

/**
 * What Fluxion is meant to reach, held against results. A goal speaks of fixed rows, whether they were measured or not, and a
 * ratio to several libraries needs all of them: what is missing cannot make a goal look met.
 */
final class Goals {
    private static final List<Integer> THREADS = List.of(1, 2);
    private static final Set<String> TUTORIALS = Set.of("cifar", "mnist");
    private static final Set<Peer> TUTORIAL_PYTORCH = EnumSet.of(Peer.PYTORCH);
    private static final Set<Peer> PYTORCH = EnumSet.of(Peer.PYTORCH, Peer.PYTORCH_LAST);
    private static final Set<Peer> ONNX = EnumSet.of(Peer.ONNXRUNTIME);
    private static final Set<Peer> ONNX_AND_PYTORCH = EnumSet.of(Peer.ONNXRUNTIME, Peer.PYTORCH, Peer.PYTORCH_LAST);
    private static final Set<Peer> ALL = EnumSet.complementOf(EnumSet.of(Peer.FLUXION));

    private final Results results;

    private Goals(Results results) {
        this.results = results;
    }

    /** All goals. */
    static List<Goal> of(Results results) {
        return new Goals(results).all();
    }

    private List<Goal> all() {
        return List.of(
                goal("train, CIFAR and MNIST nets, batch 64: PyTorch's better layout", 1.5, Goals::tutorial, PYTORCH),
                goal("train, CIFAR and MNIST nets, batch 64: PyTorch's default", 2, Goals::tutorial, TUTORIAL_PYTORCH),
                goal("train, batch 1: best of the others", 4, cell -> is(cell, Cell.Mode.TRAIN, 1), ALL),
                goal("infer, batch 1: ONNX Runtime", 1.4, cell -> is(cell, Cell.Mode.INFER, 1), ONNX),
                goal("infer, batch 1: PyTorch's better layout", 3, cell -> is(cell, Cell.Mode.INFER, 1), PYTORCH),
                goal(
                        "infer, batch 64: better of ONNX Runtime and PyTorch",
                        1.2,
                        cell -> is(cell, Cell.Mode.INFER, 64),
                        ONNX_AND_PYTORCH),
                new Goal(
                        "infer, untuned nets: ONNX Runtime",
                        Bound.ahead(),
                        ratios(cell -> untuned(cell, Cell.Mode.INFER), ONNX)),
                new Goal(
                        "train, untuned nets: PyTorch's better layout",
                        Bound.ahead(),
                        ratios(cell -> untuned(cell, Cell.Mode.TRAIN), PYTORCH)),
                goal(
                        "infer, encoder, 1×16: ONNX Runtime",
                        1.25,
                        cell -> Language.is(cell, "encoder16", Cell.Mode.INFER),
                        ONNX),
                goal(
                        "infer, encoder, 128 steps: ONNX Runtime",
                        1.5,
                        cell -> Language.is(cell, "encoder128", Cell.Mode.INFER),
                        ONNX),
                goal("train, encoder: PyTorch", 1.2, Goals::encoderTraining, PYTORCH),
                new Goal("every other row: best of the others", Bound.ahead(), ratios(Goals::other, ALL)),
                new Goal(
                        "CIFAR and MNIST nets: " + Yardstick.NAME,
                        Bound.atLeast(1),
                        outcomes(cell -> TUTORIALS.contains(cell.net()), this::yardstick)),
                new Goal(
                        "MLP 4-16-3, infer, batch 1",
                        Bound.atMost(2, "µs"),
                        outcomes(
                                cell -> cell.net().equals("tiny") && is(cell, Cell.Mode.INFER, 1),
                                (cell, threads) ->
                                        new Outcome(where(cell, threads), median(cell, threads, Peer.FLUXION)))),
                scaling("batch 64: one thread's time by that of two", cell -> cell.batch() == 64),
                scaling("batch 16: one thread's time by that of two", cell -> cell.batch() == 16),
                new Goal(
                        "peak memory of training, CIFAR net, batch 256: PyTorch's smaller process",
                        Bound.atLeast(2),
                        List.of(new Outcome(Plan.MEMORY, memory()))),
                new Goal(
                        "start of the JVM to first prediction: best of the others",
                        Bound.ahead(),
                        List.of(new Outcome(Plan.START_UP, startUp()))));
    }

    private static boolean is(Cell cell, Cell.Mode mode, int batch) {
        return cell.mode() == mode && cell.batch() == batch && !Untuned.is(cell) && !Language.is(cell);
    }

    private static boolean untuned(Cell cell, Cell.Mode mode) {
        return cell.mode() == mode && Untuned.is(cell);
    }

    private static boolean encoderTraining(Cell cell) {
        return Language.is(cell, "encoder16", Cell.Mode.TRAIN) || Language.is(cell, "encoder128", Cell.Mode.TRAIN);
    }

    private static boolean tutorial(Cell cell) {
        return TUTORIALS.contains(cell.net()) && is(cell, Cell.Mode.TRAIN, 64);
    }

    /** A row that no goal but being ahead speaks of. */
    private static boolean other(Cell cell) {
        return Language.is(cell)
                ? cell.net().equals("lstm")
                : !Untuned.is(cell) && cell.batch() != 1 && !is(cell, Cell.Mode.INFER, 64) && !tutorial(cell);
    }

    private Goal goal(String work, double ratio, Predicate<Cell> rows, Set<Peer> against) {
        return new Goal(work, Bound.atLeast(ratio), ratios(rows, against));
    }

    private List<Outcome> ratios(Predicate<Cell> rows, Set<Peer> against) {
        return outcomes(rows, (cell, threads) -> {
            double best = least(against.stream()
                    .filter(peer -> peer.does(cell.mode()))
                    .mapToDouble(peer -> median(cell, threads, peer))
                    .toArray());
            double own = median(cell, threads, Peer.FLUXION);
            return new Outcome(where(cell, threads), best / own, Work.rate(cell, own));
        });
    }

    private static List<Outcome> outcomes(Predicate<Cell> rows, BiFunction<Cell, Integer, Outcome> outcome) {
        return THREADS.stream()
                .flatMap(threads -> Cell.all().stream().filter(rows).map(cell -> outcome.apply(cell, threads)))
                .toList();
    }

    private static String where(Cell cell, int threads) {
        return cell + ", " + threads + (threads == 1 ? " thread" : " threads");
    }

    private Outcome yardstick(Cell cell, int threads) {
        double own = median(cell, threads, Peer.FLUXION);
        return new Outcome(where(cell, threads), median(cell, threads, Yardstick.NAME) / own, Work.rate(cell, own));
    }

    private Goal scaling(String work, Predicate<Cell> rows) {
        List<Outcome> outcomes = Cell.all().stream()
                .filter(rows)
                .map(cell -> new Outcome(cell.toString(), scaling(cell)))
                .toList();
        return new Goal(work, Bound.atLeast(1.9), outcomes);
    }

    private double scaling(Cell cell) {
        return median(cell, 1, Peer.FLUXION) / median(cell, 2, Peer.FLUXION);
    }

    private double memory() {
        double pytorch = least(PYTORCH.stream().mapToDouble(this::memory).toArray());
        return pytorch / memory(Peer.FLUXION);
    }

    private double memory(Peer peer) {
        Long peak = results.memory().get(peer.title());
        return peak == null ? Double.NaN : peak;
    }

    private double startUp() {
        return least(ALL.stream().mapToDouble(this::startUp).toArray()) / startUp(Peer.FLUXION);
    }

    private double startUp(Peer peer) {
        Samples times = results.startUp().get(peer.title());
        return times == null ? Double.NaN : times.median();
    }

    private double median(Cell cell, int threads, Peer peer) {
        return median(cell, threads, peer.title());
    }

    /** Not a number if it was not measured. */
    private double median(Cell cell, int threads, String name) {
        return results.rows().stream()
                .filter(row -> row.cell().equals(cell) && row.threads() == threads)
                .flatMap(row -> Stream.ofNullable(row.entries().get(name)))
                .filter(Results.Entry::measured)
                .mapToDouble(entry -> entry.summary().median())
                .findFirst()
                .orElse(Double.NaN);
    }

    /** The least; not a number if one is not. */
    private static double least(double... values) {
        return Arrays.stream(values).reduce(Double.POSITIVE_INFINITY, Math::min);
    }
}
