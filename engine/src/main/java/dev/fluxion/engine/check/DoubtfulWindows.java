package dev.fluxion.engine.check;

import dev.fluxion.ir.PoolSpec;
import dev.fluxion.ir.Shape;

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
        int taps = spec.kernel().h() * spec.kernel().w();
        double sure = Double.NEGATIVE_INFINITY;
        for (int k = 0; k < taps; k++) {
            int i = offset(plane, top, left, k);
            sure = i < 0 ? sure : Math.max(sure, x[i] - error[i]);
        }
        int candidates = 0;
        boolean exact = true;
        for (int k = 0; k < taps; k++) {
            int i = offset(plane, top, left, k);
            if (i >= 0 && x[i] + error[i] >= sure) {
                candidates++;
                exact &= error[i] == 0;
            }
        }
        for (int k = 0; k < taps && candidates > 1 && !exact; k++) {
            int i = offset(plane, top, left, k);
            if (i >= 0 && x[i] + error[i] >= sure) {
                out[i] += size;
            }
        }
    }

    /** The offset of a tap of a window; −1 outside of the image. */
    private int offset(int plane, int top, int left, int tap) {
        int row = top + tap / spec.kernel().w();
        int column = left + tap % spec.kernel().w();
        boolean inside = row >= 0 && row < shape.dim(2) && column >= 0 && column < shape.dim(3);
        return inside ? (plane * shape.dim(2) + row) * shape.dim(3) + column : -1;
    }
}
