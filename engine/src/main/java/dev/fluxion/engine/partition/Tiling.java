package dev.fluxion.engine.partition;

import dev.fluxion.engine.plan.ScheduleKey;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;

/**
 * How a batch is divided.
 *
 * @param batch the number of samples
 * @param tiles about how many tiles the batch is divided into
 * @param strands how many strands the tiles are dealt to, each a run of neighbours; threads share strands, never tiles
 */
public record Tiling(int batch, int tiles, int strands) {
    /** More strands than threads that a program is likely to get bring nothing. */
    public static final int STRANDS = 8;

    /** So many samples are spread over tiles as evenly as can be. */
    static final int FEW = 64;

    /** Checks the numbers. */
    public Tiling {
        if (strands < 1 || tiles < strands || batch < tiles) {
            throw new IllegalArgumentException(batch + " samples in " + tiles + " tiles on " + strands + " strands");
        }
    }

    /**
     * Neighbouring tiles of a strand and of one size: a loop computes them.
     *
     * @param strand the strand
     * @param from the first sample
     * @param size the samples of a tile
     * @param times the number of tiles
     */
    record Run(int strand, int from, int size, int times) {
        /** The sample behind the last. */
        int end() {
            return from + size * times;
        }

        /** When the tiles are computed. */
        ScheduleKey key() {
            return new ScheduleKey(strand, from, times);
        }

        /** When is computed what needs all tiles up to here: with the last of them, or behind their loop. */
        ScheduleKey after() {
            return times == 1 ? key() : new ScheduleKey(strand, from + 1);
        }
    }

    /** The tiles of all strands, in their order. */
    List<Run> runs() {
        return IntStream.range(0, strands)
                .boxed()
                .flatMap(s -> runs(s).stream())
                .toList();
    }

    /** The tiles of a strand. */
    List<Run> runs(int strand) {
        List<Run> runs = new ArrayList<>();
        for (int tile = first(strand); tile < first(strand + 1); tile++) {
            append(runs, new Run(strand, start(tile), start(tile + 1) - start(tile), 1));
        }
        return runs;
    }

    /** Adds a tile to those before it, in one run if they are of the same size. */
    private static void append(List<Run> runs, Run next) {
        int last = runs.size() - 1;
        if (last >= 0 && runs.get(last).size == next.size) {
            Run run = runs.get(last);
            runs.set(last, new Run(run.strand, run.from, run.size, run.times + 1));
        } else {
            runs.add(next);
        }
    }

    /** Whether tiles are of about the same size, else all but the last are of the same. */
    private boolean isEven() {
        return batch <= FEW || tiles == strands;
    }

    /** How many samples a tile has: as many as divide the batch without rest, if these are half the samples of an even tile or more. */
    private int size() {
        int most = (batch + tiles - 1) / tiles;
        return IntStream.iterate(most, size -> 2 * size >= most, size -> size - 1)
                .filter(size -> batch % size == 0)
                .findFirst()
                .orElse(most);
    }

    /** The first tile of a strand; for the number of strands, the number of tiles. */
    private int first(int strand) {
        int count = isEven() ? tiles : (batch + size() - 1) / size();
        return (int) (((long) strand * count + strands - 1) / strands);
    }

    /** The first sample of a tile; for the number of tiles, the number of samples. */
    private int start(int tile) {
        return isEven() ? (int) ((long) batch * tile / tiles) : (int) Math.min(batch, (long) tile * size());
    }
}
