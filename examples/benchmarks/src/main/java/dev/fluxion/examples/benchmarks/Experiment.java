package dev.fluxion.examples.benchmarks;

import java.io.IOException;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.function.Supplier;

/**
 * The comparison itself. All libraries have a cell open at once and take turns, so that what slows the machine down slows
 * all of them; the first turn of each is thrown away, and who begins a round changes from round to round.
 */
final class Experiment {
    /** Whose memory is measured. */
    static final Cell LARGEST_TRAINING = new Cell("cifar", 256, Cell.Mode.TRAIN);

    private static final Cell FIRST_PREDICTION = new Cell("cifar", 1, Cell.Mode.INFER);

    private static final int MOST_TIMES = 3;

    private final Results.Setting setting;
    private final List<Peer> peers;

    Experiment(Results.Setting setting, List<Peer> peers) {
        this.setting = setting;
        this.peers = peers;
    }

    /** Starts what takes its turns with a number of threads. */
    interface Starter {
        Runner start() throws IOException;
    }

    /**
     * Measures cells.
     *
     * @param starters what takes its turns; what died in one cell is started again for the next
     * @param profiles gets what the runners tell of their steps
     * @param done gets each row
     */
    void rows(
            List<Cell> cells,
            int threads,
            List<Starter> starters,
            Consumer<String> profiles,
            Consumer<Results.Row> done)
            throws IOException {
        List<Runner> runners = new ArrayList<>();
        try {
            for (Starter starter : starters) {
                runners.add(starter.start());
            }
            for (Cell cell : cells) {
                for (int i = 0; i < runners.size(); i++) {
                    if (runners.get(i) instanceof Child child && !child.alive()) {
                        runners.set(i, starters.get(i).start());
                    }
                }
                done.accept(row(cell, threads, runners, profiles));
            }
        } finally {
            runners.forEach(Runner::close);
        }
    }

    private Results.Row row(Cell cell, int threads, List<Runner> runners, Consumer<String> profiles) {
        Map<String, String> errors = new LinkedHashMap<>();
        Map<String, float[]> values = new LinkedHashMap<>();
        Map<String, List<Samples>> rounds = new LinkedHashMap<>();
        List<Runner> ready = new ArrayList<>();
        for (Runner runner : runners) {
            attempt(runner, errors, () -> {
                values.put(runner.name(), runner.open(cell));
                rounds.put(runner.name(), new ArrayList<>());
                ready.add(runner);
            });
        }
        String error = Agreement.check(cell.mode(), values);
        Results.Row row = row(cell, threads, error, runners, rounds, errors);
        if (error.isEmpty()) {
            row = calmest(() -> {
                rounds.values().forEach(List::clear);
                takeTurns(ready, rounds, errors);
                return row(cell, threads, error, runners, rounds, errors);
            });
            ready.forEach(runner -> attempt(runner, errors, () -> profiles.accept(runner.profile())));
        }
        ready.forEach(Runner::done);
        return row;
    }

    /** A row that seems disturbed is measured again, up to so often in all; the one whose turns lie closest together counts. */
    static Results.Row calmest(Supplier<Results.Row> measurement) {
        Results.Row calmest = measurement.get();
        for (int times = 1; times < MOST_TIMES && calmest.disturbed(); times++) {
            Results.Row again = measurement.get();
            calmest = again.unrest() < calmest.unrest() ? again : calmest;
        }
        return calmest;
    }

    private static Results.Row row(
            Cell cell,
            int threads,
            String error,
            List<Runner> runners,
            Map<String, List<Samples>> rounds,
            Map<String, String> errors) {
        Map<String, Results.Entry> entries = new LinkedHashMap<>();
        for (Runner runner : runners) {
            String failure = errors.getOrDefault(runner.name(), "");
            List<Samples> measured =
                    failure.isEmpty() ? List.copyOf(rounds.getOrDefault(runner.name(), List.of())) : List.of();
            entries.put(runner.name(), new Results.Entry(measured, failure));
        }
        return new Results.Row(cell, threads, error, entries);
    }

    private void takeTurns(List<Runner> ready, Map<String, List<Samples>> rounds, Map<String, String> errors) {
        for (int round = 0; round <= setting.rounds(); round++) {
            boolean counts = round > 0;
            for (int i = 0; i < ready.size(); i++) {
                Runner runner = ready.get((i + round) % ready.size());
                attempt(runner, errors, () -> {
                    Samples samples = runner.run(setting.millis());
                    if (counts) {
                        rounds.getOrDefault(runner.name(), new ArrayList<>()).add(samples);
                    }
                });
            }
        }
    }

    /** What a runner does, until it fails. */
    private interface Action {
        void run() throws IOException;
    }

    private static void attempt(Runner runner, Map<String, String> errors, Action action) {
        if (errors.containsKey(runner.name())) {
            return;
        }
        try {
            action.run();
        } catch (IOException e) {
            errors.put(runner.name(), String.valueOf(e.getMessage()));
        }
    }

    /**
     * The peak of resident memory of a process that trains the CIFAR net with batches of 256, in kilobytes, by name.
     *
     * @param failures gets a sentence for a library that failed
     */
    Map<String, Long> memory(Consumer<String> failures) {
        Map<String, Long> peaks = new LinkedHashMap<>();
        for (Peer peer : peers) {
            if (!peer.does(LARGEST_TRAINING.mode())) {
                continue;
            }
            try (Child child = new Child(peer, 1, setting.timeout())) {
                child.open(LARGEST_TRAINING);
                child.run(setting.millis());
                peaks.put(peer.title(), child.peakMemory());
            } catch (IOException e) {
                failures.accept(Plan.MEMORY + ": " + peer.title() + ": " + e.getMessage());
            }
        }
        return peaks;
    }

    /**
     * The time from starting a process to its first prediction of the CIFAR net for one image, by name. A library that
     * fails once is not started again.
     *
     * @param failures gets a sentence for a library that failed
     */
    Map<String, Samples> startUp(Consumer<String> failures) {
        Map<Peer, List<Double>> times = new EnumMap<>(Peer.class);
        peers.forEach(peer -> times.put(peer, new ArrayList<>()));
        for (int round = 0; round <= setting.rounds(); round++) {
            for (Peer peer : List.copyOf(times.keySet())) {
                try {
                    double micros = firstPrediction(peer);
                    if (round > 0) {
                        times.getOrDefault(peer, new ArrayList<>()).add(micros);
                    }
                } catch (IOException e) {
                    times.remove(peer);
                    failures.accept(Plan.START_UP + ": " + peer.title() + ": " + e.getMessage());
                }
            }
        }
        Map<String, Samples> summaries = new LinkedHashMap<>();
        times.forEach((peer, all) -> summaries.put(
                peer.title(),
                Samples.of(all.stream().mapToDouble(Double::doubleValue).toArray())));
        return summaries;
    }

    private double firstPrediction(Peer peer) throws IOException {
        long start = System.nanoTime();
        try (Child child = new Child(peer, 1, setting.timeout())) {
            child.open(FIRST_PREDICTION);
            return (System.nanoTime() - start) / 1e3;
        }
    }
}
