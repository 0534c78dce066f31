package dev.fluxion.engine.kernel;

import dev.fluxion.engine.plan.Buffer;
import dev.fluxion.engine.plan.Step;
import dev.fluxion.ir.Shape;
import java.nio.FloatBuffer;
import java.util.Arrays;
import java.util.List;

/**
 * Means and variances along some axes of a row-major tensor, and sums of products with deviations. Deviations are taken from the mean
 * of a quarter of the elements, which is at most √3 standard deviations off, so that their squares cancel out little.
 */
public final class MomentSums {
    /** The name of the kernels. */
    public static final String NAME = "java:moments";

    private static final int QUARTER = 4;

    private MomentSums() {}

    /**
     * Means and variances.
     *
     * @param in the shape of x, in the order in which its axes lie
     * @param out the same with the extents of the results
     * @param writes the mean and the variance
     */
    public static Step.Binder moments(Shape in, Shape out, Buffer x, List<Buffer> writes) {
        return places -> new Moments(
                Blocks.of(in, out),
                out.size(),
                places.of(x).floats(),
                places.of(writes.get(0)).floats(),
                places.of(writes.get(1)).floats());
    }

    /**
     * Sums of g and of g times x without its mean.
     *
     * @param in and {@code out} as in {@link #moments}
     * @param reads g, x and the mean
     * @param writes both sums
     */
    public static Step.Binder products(Shape in, Shape out, List<Buffer> reads, List<Buffer> writes) {
        return places -> new Products(
                Blocks.of(in, out),
                out.size(),
                reads.stream().map(b -> places.of(b).floats()).toArray(FloatBuffer[]::new),
                writes.stream().map(b -> places.of(b).floats()).toArray(FloatBuffer[]::new));
    }

    private static final class Moments implements Step.Kernel {
        private final Blocks blocks;
        private final Columns columns;
        private final FloatBuffer x;
        private final FloatBuffer mean;
        private final FloatBuffer variance;
        private final double[] sums;
        private final double[] squares;
        private final float[] piece;
        private final float[] centre;
        /** Blocks with elements of the same results. */
        private final int alike;

        private final Columns.Add add = this::add;
        private final Columns.Add addDeviations = this::addDeviations;

        Moments(Blocks blocks, int results, FloatBuffer x, FloatBuffer mean, FloatBuffer variance) {
            this.blocks = blocks;
            this.columns = new Columns(blocks);
            this.x = x;
            this.mean = mean;
            this.variance = variance;
            this.sums = new double[results];
            this.squares = new double[results];
            this.piece = new float[columns.piece()];
            this.centre = new float[columns.piece()];
            this.alike = blocks.count() * blocks.width() / results;
        }

        @Override
        public void run() {
            Arrays.fill(sums, 0);
            Arrays.fill(squares, 0);
            if (alike == 1) {
                for (int block = 0; block < blocks.count(); block++) {
                    rough(block);
                    settleRough(blocks.target(block), blocks.width());
                    deviations(block);
                }
            } else {
                for (int block = 0; block < blocks.count(); block++) {
                    rough(block);
                }
                settleRough(0, sums.length);
                for (int block = 0; block < blocks.count(); block++) {
                    deviations(block);
                }
            }
            double count = (double) alike * blocks.rows();
            for (int i = 0; i < sums.length; i++) {
                double off = sums[i] / count;
                mean.put(i, (float) (mean.get(i) + off));
                variance.put(i, (float) Math.max(squares[i] / count - off * off, 0));
            }
        }

        private void rough(int block) {
            columns.sum(block, QUARTER, add, sums, squares);
        }

        private void add(float[] first, float[] second, int start, int n) {
            x.get(start, piece, 0, n);
            for (int i = 0; i < n; i++) {
                first[i] += piece[i];
            }
        }

        private void settleRough(int from, int count) {
            double looked = (double) alike * columns.looked(QUARTER);
            for (int i = from; i < from + count; i++) {
                mean.put(i, (float) (sums[i] / looked));
                sums[i] = 0;
            }
        }

        private void deviations(int block) {
            mean.get(blocks.target(block), centre, 0, blocks.width());
            columns.spread(centre);
            columns.sum(block, 1, addDeviations, sums, squares);
        }

        private void addDeviations(float[] first, float[] second, int start, int n) {
            x.get(start, piece, 0, n);
            for (int i = 0; i < n; i++) {
                float deviation = piece[i] - centre[i];
                first[i] += deviation;
                second[i] += deviation * deviation;
            }
        }
    }

    private static final class Products implements Step.Kernel {
        private final Blocks blocks;
        private final Columns columns;
        private final FloatBuffer[] reads;
        private final FloatBuffer[] writes;
        private final double[] sums;
        private final double[] products;
        private final float[] gradients;
        private final float[] piece;
        private final float[] centre;
        private final Columns.Add add = this::add;

        Products(Blocks blocks, int results, FloatBuffer[] reads, FloatBuffer[] writes) {
            this.blocks = blocks;
            this.columns = new Columns(blocks);
            this.reads = reads;
            this.writes = writes;
            this.sums = new double[results];
            this.products = new double[results];
            this.gradients = new float[columns.piece()];
            this.piece = new float[columns.piece()];
            this.centre = new float[columns.piece()];
        }

        @Override
        public void run() {
            Arrays.fill(sums, 0);
            Arrays.fill(products, 0);
            for (int block = 0; block < blocks.count(); block++) {
                reads[2].get(blocks.target(block), centre, 0, blocks.width());
                columns.spread(centre);
                columns.sum(block, 1, add, sums, products);
            }
            for (int i = 0; i < sums.length; i++) {
                writes[0].put(i, (float) sums[i]);
                writes[1].put(i, (float) products[i]);
            }
        }

        private void add(float[] first, float[] second, int start, int n) {
            reads[0].get(start, gradients, 0, n);
            reads[1].get(start, piece, 0, n);
            for (int i = 0; i < n; i++) {
                first[i] += gradients[i];
                second[i] += gradients[i] * (piece[i] - centre[i]);
            }
        }
    }
}
