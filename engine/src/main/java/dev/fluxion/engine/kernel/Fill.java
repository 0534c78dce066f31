package dev.fluxion.engine.kernel;

import dev.fluxion.engine.plan.Buffer;
import dev.fluxion.engine.plan.Step;
import dev.fluxion.ir.Noise;
import java.nio.FloatBuffer;
import java.nio.IntBuffer;
import java.util.function.LongSupplier;

/** Kernels that write without reading. */
public final class Fill {
    private Fill() {}

    /** The same number everywhere. */
    public static Step.Binder constant(float value, int size, Buffer to) {
        return places -> {
            FloatBuffer out = places.of(to).floats();
            return () -> {
                for (int i = 0; i < size; i++) {
                    out.put(i, value);
                }
            };
        };
    }

    /** The same integer everywhere. */
    public static Step.Binder constant(int value, int size, Buffer to) {
        return places -> {
            IntBuffer out = places.of(to).ints();
            return () -> {
                for (int i = 0; i < size; i++) {
                    out.put(i, value);
                }
            };
        };
    }

    /** Zero at some places. */
    public static Step.Binder zeros(int[] indices, Buffer to) {
        return places -> {
            FloatBuffer out = places.of(to).floats();
            return () -> {
                for (int i : indices) {
                    out.put(i, 0);
                }
            };
        };
    }

    /** 0, 1, 2 … */
    public static Step.Binder iota(int size, Buffer to) {
        return places -> {
            IntBuffer out = places.of(to).ints();
            return () -> {
                for (int i = 0; i < size; i++) {
                    out.put(i, i);
                }
            };
        };
    }

    /** Random numbers of the stream that {@code key} names at each run. */
    public static Step.Binder uniform(LongSupplier key, int size, Buffer to) {
        return places -> {
            FloatBuffer out = places.of(to).floats();
            return () -> {
                long stream = key.getAsLong();
                for (int i = 0; i < size; i++) {
                    out.put(i, Noise.uniform(stream, i));
                }
            };
        };
    }
}
