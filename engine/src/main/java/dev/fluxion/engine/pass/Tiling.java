package dev.fluxion.engine.pass;

/**
 * How a batch is divided.
 *
 * @param batch the number of samples
 * @param tiles how many tiles the batch is divided into, as equal as can be
 * @param strands how many strands the tiles are dealt to, each a run of neighbours; threads share strands, never tiles
 */
public record Tiling(int batch, int tiles, int strands) {
    /** More strands than threads that a program is likely to get bring nothing. */
    public static final int STRANDS = 8;

    /** Checks the numbers. */
    public Tiling {
        if (strands < 1 || tiles < strands || batch < tiles) {
            throw new IllegalArgumentException(batch + " samples in " + tiles + " tiles on " + strands + " strands");
        }
    }

    /** The first sample of a tile; for the number of tiles, the number of samples. */
    int start(int tile) {
        return (int) ((long) batch * tile / tiles);
    }

    /** The strand of a tile. */
    int strand(int tile) {
        return (int) ((long) tile * strands / tiles);
    }
}
