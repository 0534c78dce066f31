package dev.fluxion.engine.kernel;

import dev.fluxion.engine.plan.Buffer;
import dev.fluxion.engine.plan.Step;
import dev.fluxion.ffi.Layout;
import dev.fluxion.ir.PoolSpec;
import dev.fluxion.ir.Shape;
import java.nio.ByteBuffer;
import java.nio.FloatBuffer;

/**
 * Pooling that the native library has no kernel for, and its gradients, in plain layouts and in others in which channels lie
 * side by side.
 */
public final class WindowPooling {
    private final PoolSpec spec;
    private final Shape x;
    private final Shape y;
    private final double area;
    /** The channels that lie side by side at a place. */
    private final int block;
    /** How many planes there are, padding of blocks included. */
    private final int planes;

    /** The windows of images of shape {@code x}, whose results have shape {@code y}, in plain layouts. */
    public WindowPooling(PoolSpec spec, Shape x, Shape y) {
        this(spec, x, y, 1);
    }

    /** The same where so many channels lie side by side at each place. */
    public WindowPooling(PoolSpec spec, Shape x, Shape y, int block) {
        this.spec = spec;
        this.x = x;
        this.y = y;
        this.area = spec.area();
        this.block = block;
        this.planes = x.dim(0) * ((x.dim(1) + block - 1) / block * block);
    }

    /** The largest element of each window. */
    public Step.Binder max(Buffer images, Buffer results) {
        return at -> {
            FloatBuffer from = at.of(images).floats();
            FloatBuffer to = at.of(results).floats();
            return () -> {
                for (int i = 0; i < planes * y.dim(2) * y.dim(3); i++) {
                    to.put(i, from.get(largest(from, i)));
                }
            };
        };
    }

    /** The same, and which tap of each window it is, as the native library notes it: in bytes, or in integers for large windows. */
    public Step.Binder max(Buffer images, Buffer results, Buffer taps) {
        return at -> {
            FloatBuffer from = at.of(images).floats();
            FloatBuffer to = at.of(results).floats();
            ByteBuffer winners = at.of(taps).buffer();
            boolean bytes = taps.layout().type() == Layout.Type.U8;
            return () -> {
                for (int i = 0; i < planes * y.dim(2) * y.dim(3); i++) {
                    int largest = largest(from, i);
                    to.put(i, from.get(largest));
                    if (bytes) {
                        winners.put(i, (byte) tap(i, largest));
                    } else {
                        winners.putInt(i * Integer.BYTES, tap(i, largest));
                    }
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
                for (int i = 0; i < planes * y.dim(2) * y.dim(3); i++) {
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
                for (int i = 0; i < planes * y.dim(2) * y.dim(3); i++) {
                    double sum = 0;
                    int right = right(i);
                    for (int h = top(i); h < bottom(i); h++) {
                        for (int w = left(i); w < right; w++) {
                            sum += from.get(at(i, h, w));
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
                for (int i = 0; i < planes * y.dim(2) * y.dim(3); i++) {
                    float share = (float) (g.get(i) / area);
                    int right = right(i);
                    for (int h = top(i); h < bottom(i); h++) {
                        for (int w = left(i); w < right; w++) {
                            int place = at(i, h, w);
                            to.put(place, to.get(place) + share);
                        }
                    }
                }
            };
        };
    }

    private void clear(FloatBuffer sums) {
        for (int i = 0; i < planes * x.dim(2) * x.dim(3); i++) {
            sums.put(i, 0);
        }
    }

    /** The place of the largest element of window i, the first of equals; a NaN wins. */
    private int largest(FloatBuffer from, int i) {
        int best = at(i, top(i), left(i));
        int right = right(i);
        for (int h = top(i); h < bottom(i); h++) {
            for (int w = left(i); w < right; w++) {
                int at = at(i, h, w);
                if (from.get(at) > from.get(best) || Float.isNaN(from.get(at))) {
                    best = at;
                }
            }
        }
        return best;
    }

    /** Where the element of a row and a column lies, in the plane that result i is of. */
    private int at(int i, int h, int w) {
        int plane = i / block / (y.dim(2) * y.dim(3));
        return ((plane * x.dim(2) + h) * x.dim(3) + w) * block + i % block;
    }

    private int tap(int i, int at) {
        int h = at / block / x.dim(3) % x.dim(2);
        int w = at / block % x.dim(3);
        return (h - above(i)) * spec.kernel().w() + w - before(i);
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
        return i / block / y.dim(3) % y.dim(2) * spec.stride().h() - spec.pad().h();
    }

    private int before(int i) {
        return i / block % y.dim(3) * spec.stride().w() - spec.pad().w();
    }
}
