package dev.fluxion.examples.benchmarks;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** What is measured: a net at a batch size, training or inference. */
record Cell(String net, int batch, Mode mode) {
    /** What a step is. */
    enum Mode {
        /** Forward, backward and the update of plain stochastic gradient descent. */
        TRAIN,
        /** Forward. */
        INFER;

        String text() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    /**
     * A cell of any batch size.
     *
     * @throws IllegalArgumentException if there is no such net
     */
    Cell {
        Net.named(net);
    }

    /** All cells, in the order of the tables. */
    static List<Cell> all() {
        List<Cell> cells = new ArrayList<>();
        for (Net net : Net.all()) {
            for (Mode mode : Mode.values()) {
                net.batches().forEach(batch -> cells.add(new Cell(net.name(), batch, mode)));
            }
        }
        return cells;
    }

    /** The cells of the given patterns, each {@code net}, {@code net-batch} or {@code net-batch-mode}. */
    static List<Cell> matching(List<String> patterns) {
        for (String pattern : patterns) {
            if (all().stream().noneMatch(cell -> cell.matches(pattern))) {
                throw new IllegalArgumentException(Errors.noRow(pattern));
            }
        }
        return all().stream()
                .filter(cell -> patterns.isEmpty() || patterns.stream().anyMatch(cell::matches))
                .toList();
    }

    /** The cell that {@link #toString} names. */
    static Cell parse(String text) {
        return all().stream()
                .filter(cell -> cell.toString().equals(text))
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException(Errors.noRow(text)));
    }

    private boolean matches(String pattern) {
        return (this + "-").startsWith(pattern + "-") || pattern.equals(net + "-" + mode.text());
    }

    @Override
    public String toString() {
        return net + "-" + batch + "-" + mode.text();
    }
}
