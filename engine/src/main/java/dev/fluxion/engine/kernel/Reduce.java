package dev.fluxion.engine.kernel;

import dev.fluxion.engine.plan.Buffer;
import dev.fluxion.engine.plan.Step;
import dev.fluxion.ir.Shape;
import java.nio.FloatBuffer;
import java.util.Arrays;

/** Sums, in double precision, and largest elements along axes of a row-major tensor. */
public final class Reduce implements Step.Kernel {
    private static final int CHUNK = 1024;

    private final boolean sum;
    private final FloatBuffer from;
    private final FloatBuffer to;
    private final int size;
    private final int run;
    private final int runStride;
    private final int[] dims;
    private final int[] strides;
    private final double[] result;
    private final float[] chunk = new float[CHUNK];

    private Reduce(boolean sum, Shape in, Shape out, FloatBuffer from, FloatBuffer to) {
        this.sum = sum;
        this.from = from;
        this.to = to;
        this.size = in.size();
        int[] own = out.strides();
        for (int i = 0; i < own.length; i++) {
            own[i] = out.dim(i) == 1 ? 0 : own[i];
        }
        int inner = in.rank() - 1;
        int length = in.dim(inner);
        while (inner > 0 && own[inner - 1] == own[inner] * length) {
            length *= in.dim(--inner);
        }
        this.run = length;
        this.runStride = own[in.rank() - 1];
        this.dims = Arrays.copyOf(in.dims(), inner);
        this.strides = Arrays.copyOf(own, inner);
        this.result = new double[out.size()];
    }

    /** Binds a sum, or a search for the largest, of {@code in} into {@code out}, whose reduced extents are 1. */
    public static Step.Binder of(boolean sum, Shape in, Shape out, Buffer from, Buffer to) {
        return places ->
                new Reduce(sum, in, out, places.of(from).floats(), places.of(to).floats());
    }

    @Override
    public void run() {
        Arrays.fill(result, sum ? 0 : Double.NEGATIVE_INFINITY);
        for (int start = 0; start < size; start += run) {
            int target = target(start / run);
            for (int at = 0; at < run; at += CHUNK) {
                int n = Math.min(CHUNK, run - at);
                from.get(start + at, chunk, 0, n);
                if (runStride == 0) {
                    fold(target, n);
                } else {
                    spread(target + at * runStride, n);
                }
            }
        }
        for (int i = 0; i < result.length; i++) {
            to.put(i, (float) result[i]);
        }
    }

    private int target(int line) {
        int target = 0;
        int rest = line;
        for (int axis = dims.length - 1; axis >= 0; axis--) {
            target += rest % dims[axis] * strides[axis];
            rest /= dims[axis];
        }
        return target;
    }

    private void fold(int target, int n) {
        double acc = result[target];
        for (int i = 0; i < n; i++) {
            acc = sum ? acc + chunk[i] : Math.max(acc, chunk[i]);
        }
        result[target] = acc;
    }

    private void spread(int target, int n) {
        if (sum && runStride == 1) {
            for (int i = 0; i < n; i++) {
                result[target + i] += chunk[i];
            }
            return;
        }
        for (int i = 0; i < n; i++) {
            int at = target + i * runStride;
            result[at] = sum ? result[at] + chunk[i] : Math.max(result[at], chunk[i]);
        }
    }
}
