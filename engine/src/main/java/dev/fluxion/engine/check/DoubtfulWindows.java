package dev.fluxion.engine.check;

import dev.fluxion.ir.PoolSpec;
import dev.fluxion.ir.Shape;
import java.util.stream.IntStream;

/** The windows of a max-pooling whose largest element float32 may see elsewhere. */
final class DoubtfulWindows {
    private final PoolSpec spec;
    private final Shape shape;
    private final Shape pooled;
    private final double[] x;
    private final double[] error;

    DoubtfulWindows(PoolSpec spec, Shape shape, Shape pooled, double[] x, double[] error) {
        this.spec = spec;
        this.shape = shape;
        this.pooled = pooled;
        this.x = x;
        this.error = error;
    }

    /** How far the gradient may be off because it may go to another element than it should. */
    double[] gradient(double[] dy, double[] dyError) {
        double[] out = new double[x.length];
        int columns = pooled.dim(3);
        int rows = pooled.dim(2);
        for (int i = 0; i < dy.length; i++) {
            int plane = i / (rows * columns);
            int top = i / columns % rows * spec.stride().h() - spec.pad().h();
            int left = i % columns * spec.stride().w() - spec.pad().w();
            window(plane, top, left, Math.abs(dy[i]) + dyError[i], out);
        }
        return out;
    }

    private void window(int plane, int top, int left, double size, double[] out) {
        int[] inside = inside(plane, top, left);
        double sure = Double.NEGATIVE_INFINITY;
        for (int i : inside) {
            sure = Math.max(sure, x[i] - error[i]);
        }
        int candidates = 0;
        boolean exact = true;
        for (int i : inside) {
            if (x[i] + error[i] >= sure) {
                candidates++;
                exact &= error[i] == 0;
            }
        }
        for (int i : inside) {
            if (candidates > 1 && !exact && x[i] + error[i] >= sure) {
                out[i] += size;
            }
        }
    }

    /** The offsets of a window's elements, without padding. */
    private int[] inside(int plane, int top, int left) {
        int from = Math.max(left, 0);
        int to = Math.min(left + spec.kernel().w(), shape.dim(3));
        return IntStream.range(Math.max(top, 0), Math.min(top + spec.kernel().h(), shape.dim(2)))
                .map(row -> (plane * shape.dim(2) + row) * shape.dim(3))
                .flatMap(line -> IntStream.range(line + from, line + to))
                .toArray();
    }
}
