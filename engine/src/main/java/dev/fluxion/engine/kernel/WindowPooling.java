package dev.fluxion.engine.kernel;

import dev.fluxion.engine.plan.Buffer;
import dev.fluxion.engine.plan.Step;
import dev.fluxion.ir.PoolSpec;
import dev.fluxion.ir.Shape;
import java.nio.FloatBuffer;

/** Pooling that the native library has no kernel for, and its gradients, in plain layouts. */
public final class WindowPooling {
    private final PoolSpec spec;
    private final Shape x;
    private final Shape y;
    private final double area;

    /** The windows of images of shape {@code x}, whose results have shape {@code y}. */
    public WindowPooling(PoolSpec spec, Shape x, Shape y) {
        this.spec = spec;
        this.x = x;
        this.y = y;
        this.area = spec.area();
    }

    /** The largest element of each window. */
    public Step.Binder max(Buffer images, Buffer results) {
        return at -> {
            FloatBuffer from = at.of(images).floats();
            FloatBuffer to = at.of(results).floats();
            return () -> {
                for (int i = 0; i < y.size(); i++) {
                    to.put(i, from.get(largest(from, i)));
                }
            };
        };
    }

    /** What reaches the largest element of each window, the first of equals. */
    public Step.Binder maxGradient(Buffer images, Buffer gradients, Buffer sums) {
        return at -> {
            FloatBuffer from = at.of(images).floats();
            FloatBuffer g = at.of(gradients).floats();
            FloatBuffer to = at.of(sums).floats();
            return () -> {
                clear(to);
                for (int i = 0; i < y.size(); i++) {
                    int winner = largest(from, i);
                    to.put(winner, to.get(winner) + g.get(i));
                }
            };
        };
    }

    /** The mean of each window, padding counted. */
    public Step.Binder average(Buffer images, Buffer results) {
        return at -> {
            FloatBuffer from = at.of(images).floats();
            FloatBuffer to = at.of(results).floats();
            return () -> {
                for (int i = 0; i < y.size(); i++) {
                    double sum = 0;
                    int right = right(i);
                    for (int h = top(i); h < bottom(i); h++) {
                        for (int w = left(i); w < right; w++) {
                            sum += from.get(line(i, h) + w);
                        }
                    }
                    to.put(i, (float) (sum / area));
                }
            };
        };
    }

    /** The share of each window's gradient that its elements get. */
    public Step.Binder averageGradient(Buffer gradients, Buffer sums) {
        return at -> {
            FloatBuffer g = at.of(gradients).floats();
            FloatBuffer to = at.of(sums).floats();
            return () -> {
                clear(to);
                for (int i = 0; i < y.size(); i++) {
                    float share = (float) (g.get(i) / area);
                    int right = right(i);
                    for (int h = top(i); h < bottom(i); h++) {
                        for (int w = left(i); w < right; w++) {
                            to.put(line(i, h) + w, to.get(line(i, h) + w) + share);
                        }
                    }
                }
            };
        };
    }

    private void clear(FloatBuffer sums) {
        for (int i = 0; i < x.size(); i++) {
            sums.put(i, 0);
        }
    }

    /** The place of the largest element of window i, the first of equals; a NaN wins. */
    private int largest(FloatBuffer from, int i) {
        int best = line(i, top(i)) + left(i);
        int right = right(i);
        for (int h = top(i); h < bottom(i); h++) {
            for (int at = line(i, h) + left(i); at < line(i, h) + right; at++) {
                if (from.get(at) > from.get(best) || Float.isNaN(from.get(at))) {
                    best = at;
                }
            }
        }
        return best;
    }

    private int line(int i, int h) {
        return (i / (y.dim(2) * y.dim(3)) * x.dim(2) + h) * x.dim(3);
    }

    private int top(int i) {
        return Math.max(above(i), 0);
    }

    private int bottom(int i) {
        return Math.min(above(i) + spec.kernel().h(), x.dim(2));
    }

    private int left(int i) {
        return Math.max(before(i), 0);
    }

    private int right(int i) {
        return Math.min(before(i) + spec.kernel().w(), x.dim(3));
    }

    private int above(int i) {
        return i / y.dim(3) % y.dim(2) * spec.stride().h() - spec.pad().h();
    }

    private int before(int i) {
        return i % y.dim(3) * spec.stride().w() - spec.pad().w();
    }
}
