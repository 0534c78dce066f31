package dev.fluxion.engine.kernel;

import dev.fluxion.engine.plan.Buffer;
import dev.fluxion.engine.plan.Step;
import dev.fluxion.ir.Attention;
import dev.fluxion.ir.Noise;
import java.nio.FloatBuffer;
import java.nio.IntBuffer;
import java.util.Arrays;

/** What pairs of seeds draw, a row at a time: see {@link Noise#drawn}. */
public final class Drawing {
    private static final int SEEDS = 2;
    private static final float STEP = 0x1p-24f;

    private final int threshold;
    private final int scale;
    private final int[] steps;
    private final int[] row;

    /**
     * Numbers in place of weights of an attention.
     *
     * @param dropout the probability with which they are 0
     * @param keys the most of a row
     */
    Drawing(double dropout, int keys) {
        this.threshold = (int) Math.ceil((float) dropout * 0x1p24);
        this.scale = Float.floatToRawIntBits((float) Attention.keptScale(dropout));
        this.row = new int[keys];
        this.steps = new int[keys];
        Arrays.setAll(steps, Noise::steps);
    }

    /** The numbers of all pairs of seeds. */
    public static Step.Binder of(int count, Buffer seeds, Buffer to) {
        return places -> {
            FloatBuffer from = places.of(seeds).floats();
            FloatBuffer out = places.of(to).floats();
            return () -> {
                for (int i = 0; i < out.limit(); i++) {
                    int pair = i / count * SEEDS;
                    out.put(
                            i,
                            Noise.drawn(Noise.seed(from.get(pair)), Noise.seed(from.get(pair + 1)), i % count) * STEP);
                }
            };
        };
    }

    /** What the weights of a query are multiplied by: the first {@code n}, to an index on, as bits. */
    void keep(FloatBuffer seeds, int pair, IntBuffer to, int at, int n) {
        int first = Noise.seed(seeds.get(pair));
        int second = Noise.seed(seeds.get(pair + 1));
        draw(first, second, threshold, scale, steps, row, n);
        to.put(at, row, 0, n);
    }

    /** What the weight of a key is multiplied by. */
    float kept(FloatBuffer seeds, int pair, int key) {
        int drawn = Noise.drawn(Noise.seed(seeds.get(pair)), Noise.seed(seeds.get(pair + 1)), key);
        return drawn < threshold ? 0 : Float.intBitsToFloat(scale);
    }

    private static void draw(int first, int second, int threshold, int scale, int[] steps, int[] row, int n) {
        for (int i = 0; i < n; i++) {
            row[i] = ~((Noise.drawnBehind(first, second, steps[i]) - threshold) >> 31) & scale;
        }
    }
}
