package dev.fluxion.engine.kernel;

import dev.fluxion.engine.plan.Buffer;
import dev.fluxion.engine.plan.Step;
import dev.fluxion.ir.Shape;
import java.nio.FloatBuffer;

/**
 * Softmax, or its logarithm, along any axis of a row-major tensor, in double precision. The native logarithm is off by up
 * to 6·10⁻⁶, which shows in the loss of a network that has almost learned its samples; this one is exact to the last bit.
 */
public final class Normalise implements Step.Kernel {
    private final boolean logarithm;
    private final FloatBuffer from;
    private final FloatBuffer to;
    private final int lines;
    private final int step;
    private final double[] line;

    private Normalise(boolean logarithm, Shape shape, int axis, FloatBuffer from, FloatBuffer to) {
        this.logarithm = logarithm;
        this.from = from;
        this.to = to;
        this.step = shape.strides()[axis];
        this.line = new double[shape.dim(axis)];
        this.lines = shape.size() / line.length;
    }

    /** Binds the softmax along an axis, or its logarithm. */
    public static Step.Binder of(boolean logarithm, Shape shape, int axis, Buffer from, Buffer to) {
        return places -> new Normalise(
                logarithm, shape, axis, places.of(from).floats(), places.of(to).floats());
    }

    @Override
    public void run() {
        for (int i = 0; i < lines; i++) {
            int start = i / step * step * line.length + i % step;
            double max = Double.NEGATIVE_INFINITY;
            for (int k = 0; k < line.length; k++) {
                line[k] = from.get(start + k * step);
                max = Math.max(max, line[k]);
            }
            if (logarithm) {
                logarithms(start, max);
            } else {
                shares(start, max);
            }
        }
    }

    private void logarithms(int start, double max) {
        double sum = 0;
        for (double x : line) {
            sum += Math.exp(x - max);
        }
        double shift = max + Math.log(sum);
        for (int k = 0; k < line.length; k++) {
            to.put(start + k * step, (float) (line[k] - shift));
        }
    }

    private void shares(int start, double max) {
        double sum = 0;
        for (int k = 0; k < line.length; k++) {
            line[k] = Math.exp(line[k] - max);
            sum += line[k];
        }
        for (int k = 0; k < line.length; k++) {
            to.put(start + k * step, (float) (line[k] / sum));
        }
    }
}
