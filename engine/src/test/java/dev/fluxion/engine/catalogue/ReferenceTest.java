package dev.fluxion.engine.catalogue;

import dev.fluxion.ir.Contraction;
import dev.fluxion.ir.ConvSpec;
import dev.fluxion.ir.Indexing;
import dev.fluxion.ir.PoolSpec;
import dev.fluxion.ir.Pooling;
import dev.fluxion.ir.Shape;
import dev.fluxion.ir.Size;
import dev.fluxion.ir.Value;
import java.util.function.Consumer;
import java.util.function.Function;
import org.junit.jupiter.api.Test;

/** Contractions, pooling and indexing against loops written from the formula. */
class ReferenceTest {
    private static final int CASES = 40;

    private static void check(String row, Function<Case, Value> reference) {
        for (int seed = 0; seed < CASES; seed++) {
            Case c = OperatorCatalogue.row(row).at(seed);
            Close.check(row + ", seed " + seed, c.expected(), reference.apply(c), 1e-13);
        }
    }

    @Test
    void matmul() {
        check("matmul", c -> {
            Grid a = new Grid(c.inputs().get("a"));
            Grid b = new Grid(c.inputs().get("b"));
            Shape shape = c.output().shape();
            int m = shape.dim(-2);
            int n = shape.dim(-1);
            int k = a.shape.dim(-1);
            double[] out = new double[shape.size()];
            for (int batch = 0; batch < out.length / (m * n); batch++) {
                for (int i = 0; i < m; i++) {
                    for (int j = 0; j < n; j++) {
                        for (int p = 0; p < k; p++) {
                            out[(batch * m + i) * n + j] +=
                                    a.data[(batch * m + i) * k + p] * b.data[(batch * k + p) * n + j];
                        }
                    }
                }
            }
            return new Value(shape, out);
        });
    }

    /** y[n,o,i,j] = Σ x[n,c,i·s−p+a·d,j·s−p+b·d]·w[o,c′,a,b]. */
    @Test
    void conv() {
        check("conv", c -> {
            Grid y = new Grid(c.output().shape());
            Grid x = new Grid(c.inputs().get("x"));
            Grid w = new Grid(c.inputs().get("w"));
            products(((Contraction.Conv) c.output().op()).spec(), x.shape, w.shape, y.shape, (xi, wi, yi) -> {
                y.add(x.get(xi) * w.get(wi), yi);
            });
            return y.value();
        });
    }

    @Test
    void convGradInput() {
        check("convGradInput", c -> {
            Grid x = new Grid(c.output().shape());
            Grid w = new Grid(c.inputs().get("w"));
            Grid y = new Grid(c.inputs().get("dy"));
            products(((Contraction.ConvGradInput) c.output().op()).spec(), x.shape, w.shape, y.shape, (xi, wi, yi) -> {
                x.add(y.get(yi) * w.get(wi), xi);
            });
            return x.value();
        });
    }

    @Test
    void convGradWeight() {
        check("convGradWeight", c -> {
            Grid x = new Grid(c.inputs().get("x"));
            Grid w = new Grid(c.output().shape());
            Grid y = new Grid(c.inputs().get("dy"));
            products(((Contraction.ConvGradWeight) c.output().op()).spec(), x.shape, w.shape, y.shape, (xi, wi, yi) -> {
                w.add(y.get(yi) * x.get(xi), wi);
            });
            return w.value();
        });
    }

    @Test
    void maxPool() {
        check("maxPool", c -> {
            Grid x = new Grid(c.inputs().get("x"));
            Grid y = new Grid(c.output().shape());
            windows(c, x.shape, y.shape, (n, ch, i, j, top, left, bottom, right) -> {
                double largest = Double.NEGATIVE_INFINITY;
                for (int a = top; a < bottom; a++) {
                    for (int b = left; b < right; b++) {
                        largest = Math.max(largest, x.get(n, ch, a, b));
                    }
                }
                y.add(largest, n, ch, i, j);
            });
            return y.value();
        });
    }

    /** Ties are frequent here: the first largest element in row-major order gets the gradient. */
    @Test
    void maxPoolGrad() {
        check("maxPoolGrad", c -> {
            Grid x = new Grid(c.inputs().get("x"));
            Grid dy = new Grid(c.inputs().get("dy"));
            Grid dx = new Grid(x.shape);
            windows(c, x.shape, dy.shape, (n, ch, i, j, top, left, bottom, right) -> {
                int[] best = {top, left};
                for (int a = top; a < bottom; a++) {
                    for (int b = left; b < right; b++) {
                        best = x.get(n, ch, a, b) > x.get(n, ch, best[0], best[1]) ? new int[] {a, b} : best;
                    }
                }
                dx.add(dy.get(n, ch, i, j), n, ch, best[0], best[1]);
            });
            return dx.value();
        });
    }

    @Test
    void avgPool() {
        check("avgPool", c -> {
            Grid x = new Grid(c.inputs().get("x"));
            Grid y = new Grid(c.output().shape());
            Size kernel = ((Pooling) c.output().op()).spec().kernel();
            windows(c, x.shape, y.shape, (n, ch, i, j, top, left, bottom, right) -> {
                for (int a = top; a < bottom; a++) {
                    for (int b = left; b < right; b++) {
                        y.add(x.get(n, ch, a, b) / (kernel.h() * kernel.w()), n, ch, i, j);
                    }
                }
            });
            return y.value();
        });
    }

    @Test
    void avgPoolGrad() {
        check("avgPoolGrad", c -> {
            Grid dy = new Grid(c.inputs().get("dy"));
            Grid dx = new Grid(c.output().shape());
            Size kernel = ((Pooling) c.output().op()).spec().kernel();
            windows(c, dx.shape, dy.shape, (n, ch, i, j, top, left, bottom, right) -> {
                for (int a = top; a < bottom; a++) {
                    for (int b = left; b < right; b++) {
                        dx.add(dy.get(n, ch, i, j) / (kernel.h() * kernel.w()), n, ch, a, b);
                    }
                }
            });
            return dx.value();
        });
    }

    private static void products(ConvSpec s, Shape x, Shape w, Shape y, Product product) {
        for (int n = 0; n < y.dim(0); n++) {
            for (int o = 0; o < y.dim(1); o++) {
                int group = o * s.groups() / y.dim(1);
                for (int[] at : positions(y.dim(2), y.dim(3))) {
                    for (int c = 0; c < w.dim(1); c++) {
                        for (int[] tap : positions(w.dim(2), w.dim(3))) {
                            int h = at[0] * s.stride().h()
                                    + tap[0] * s.dilation().h()
                                    - s.pad().h();
                            int v = at[1] * s.stride().w()
                                    + tap[1] * s.dilation().w()
                                    - s.pad().w();
                            if (0 <= h && h < x.dim(2) && 0 <= v && v < x.dim(3)) {
                                int[] input = {n, group * w.dim(1) + c, h, v};
                                product.at(input, new int[] {o, c, tap[0], tap[1]}, new int[] {n, o, at[0], at[1]});
                            }
                        }
                    }
                }
            }
        }
    }

    @Test
    void gather() {
        check("gather", c -> {
            Grid x = new Grid(c.inputs().get("x"));
            Grid index = new Grid(c.inputs().get("i"));
            Grid y = new Grid(c.output().shape());
            int axis = ((Indexing) c.output().op()).axis();
            index.forEach(at -> y.add(x.get(moved(at, axis, index)), at));
            return y.value();
        });
    }

    @Test
    void scatterAdd() {
        check("scatterAdd", c -> {
            Grid x = new Grid(c.inputs().get("x"));
            Grid index = new Grid(c.inputs().get("i"));
            Grid y = new Grid(c.output().shape());
            int axis = ((Indexing) c.output().op()).axis();
            index.forEach(at -> y.add(x.get(at), moved(at, axis, index)));
            return y.value();
        });
    }

    /** The place that an element of an index points at. */
    private static int[] moved(int[] at, int axis, Grid index) {
        int[] to = at.clone();
        to[axis] = (int) index.get(at);
        return to;
    }

    private static int[][] positions(int height, int width) {
        int[][] all = new int[height * width][];
        for (int i = 0; i < all.length; i++) {
            all[i] = new int[] {i / width, i % width};
        }
        return all;
    }

    private static void windows(Case c, Shape x, Shape y, Window window) {
        PoolSpec s = ((Pooling) c.output().op()).spec();
        for (int n = 0; n < y.dim(0); n++) {
            for (int ch = 0; ch < y.dim(1); ch++) {
                for (int[] at : positions(y.dim(2), y.dim(3))) {
                    int top = at[0] * s.stride().h() - s.pad().h();
                    int left = at[1] * s.stride().w() - s.pad().w();
                    int bottom = Math.min(top + s.kernel().h(), x.dim(2));
                    int right = Math.min(left + s.kernel().w(), x.dim(3));
                    window.at(n, ch, at[0], at[1], Math.max(top, 0), Math.max(left, 0), bottom, right);
                }
            }
        }
    }

    private interface Product {
        void at(int[] x, int[] w, int[] y);
    }

    private interface Window {
        void at(int n, int c, int i, int j, int top, int left, int bottom, int right);
    }

    /** A tensor read and written by index. */
    private static final class Grid {
        private final Shape shape;
        private final double[] data;

        Grid(Value value) {
            this.shape = value.shape();
            this.data = value.data();
        }

        Grid(Shape shape) {
            this.shape = shape;
            this.data = new double[shape.size()];
        }

        double get(int... index) {
            return data[offset(index)];
        }

        void add(double x, int... index) {
            data[offset(index)] += x;
        }

        Value value() {
            return new Value(shape, data);
        }

        void forEach(Consumer<int[]> visit) {
            for (int offset = 0; offset < data.length; offset++) {
                int[] at = new int[shape.rank()];
                for (int i = at.length - 1, rest = offset; i >= 0; rest /= shape.dim(i--)) {
                    at[i] = rest % shape.dim(i);
                }
                visit.accept(at);
            }
        }

        private int offset(int[] index) {
            int offset = 0;
            for (int i = 0; i < index.length; i++) {
                offset = offset * shape.dim(i) + index[i];
            }
            return offset;
        }
    }
}
