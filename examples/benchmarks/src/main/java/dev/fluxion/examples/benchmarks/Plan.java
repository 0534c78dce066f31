package dev.fluxion.examples.benchmarks;

import java.util.List;

/**
 * What is to be measured, and about how long that takes on a quiet machine.
 *
 * @param cells the cells
 * @param threads numbers of threads, for each of which all cells are measured
 * @param peers the libraries
 * @param memory whether the memory of training is measured
 * @param startUp whether the time to the first prediction is measured
 * @param setting how
 */
record Plan(
        List<Cell> cells,
        List<Integer> threads,
        List<Peer> peers,
        boolean memory,
        boolean startUp,
        Results.Setting setting) {
    /** The option's word for the row of peak memory. */
    static final String MEMORY = "memory";
    /** The option's word for the row of the first prediction. */
    static final String START_UP = "startup";

    /** Operations a second and thread that libraries reach in large nets, for the estimate. */
    private static final double SPEED = 50e9;
    /** Seconds of a step that are long for a quick plan. */
    private static final double LONG = 0.3;
    /** Seconds from the start of a process to its first answer. */
    private static final double START = 2;
    /** Seconds that opening a cell takes besides its steps. */
    private static final double OPENING = 0.3;

    /**
     * The plan for rows.
     *
     * @param patterns what {@link Cell#matching} takes, {@value #MEMORY} and {@value #START_UP}; none for all
     */
    static Plan of(List<String> patterns, List<Integer> threads, List<Peer> peers, Results.Setting setting) {
        List<String> cells = patterns.stream()
                .filter(row -> !row.equals(MEMORY) && !row.equals(START_UP))
                .toList();
        boolean all = patterns.isEmpty();
        return new Plan(
                cells.isEmpty() && !all ? List.of() : Cell.matching(cells),
                threads.stream().distinct().toList(),
                peers.stream().distinct().toList(),
                all || patterns.contains(MEMORY),
                all || patterns.contains(START_UP),
                setting);
    }

    /** This plan without what takes long: rows of long steps, and whole processes. */
    Plan quick() {
        List<Cell> few = cells.stream().filter(cell -> step(cell, 1) <= LONG).toList();
        return new Plan(few, threads, peers, false, false, setting);
    }

    /** How many rows there will be. */
    int rows() {
        return cells.size() * threads.size() + (memory ? 1 : 0) + (startUp ? 1 : 0);
    }

    /** Estimated seconds of everything. */
    double seconds() {
        double all = (memory ? memorySeconds() : 0) + (startUp ? startUpSeconds() : 0);
        for (int count : threads) {
            all += cells.isEmpty() ? 0 : START * peers.size();
            for (Cell cell : cells) {
                all += seconds(cell, count);
            }
        }
        return all;
    }

    /** Estimated seconds of a row. */
    double seconds(Cell cell, int count) {
        double step = step(cell, count);
        double turn = step > setting.seconds() ? step : setting.seconds() + step;
        long libraries = peers.stream().filter(peer -> peer.does(cell.mode())).count();
        return libraries * (OPENING + opening(cell) * step + (setting.rounds() + 1) * turn);
    }

    /** Estimated seconds of measuring memory. */
    double memorySeconds() {
        Cell cell = Experiment.LARGEST_TRAINING;
        long libraries = peers.stream().filter(peer -> peer.does(cell.mode())).count();
        return libraries * (START + (opening(cell) + 1) * step(cell, 1) + setting.seconds());
    }

    /** Estimated seconds of measuring first predictions. */
    double startUpSeconds() {
        return peers.size() * START * (setting.rounds() + 1);
    }

    private static double step(Cell cell, int threads) {
        return Work.of(cell) / (SPEED * threads);
    }

    private static int opening(Cell cell) {
        return cell.mode() == Cell.Mode.TRAIN ? Worker.TRAINING_STEPS : 1;
    }
}
