package dev.fluxion.engine.kernel;

import dev.fluxion.engine.plan.Buffer;
import dev.fluxion.engine.plan.Step;
import dev.fluxion.ir.Elementwise;
import java.nio.FloatBuffer;
import java.util.function.IntFunction;

/** Brings all elements of a dense buffer between bounds, where they lie. NaN stays. */
public final class Clip implements Step.Kernel {
    /** What explanations call it. */
    public static final String NAME = "java:clip";

    private final float least;
    private final float most;
    private final IntFunction<FloatBuffer> values;
    private final float[] chunk = new float[Fused.CHUNK];
    private int tile;

    private Clip(Elementwise.Clip bounds, IntFunction<FloatBuffer> values) {
        this.least = (float) bounds.least();
        this.most = (float) bounds.most();
        this.values = values;
    }

    /** Binds it to a buffer. */
    public static Step.Binder of(Elementwise.Clip bounds, Buffer values) {
        return places -> new Clip(bounds, places.each(at -> at.of(values).floats()));
    }

    @Override
    public void at(int next) {
        tile = next;
    }

    @Override
    public void run() {
        FloatBuffer all = values.apply(tile);
        for (int start = 0; start < all.limit(); start += chunk.length) {
            int n = Math.min(chunk.length, all.limit() - start);
            all.get(start, chunk, 0, n);
            ArrayMath.clip(least, most, chunk, chunk, n);
            all.put(start, chunk, 0, n);
        }
    }
}
