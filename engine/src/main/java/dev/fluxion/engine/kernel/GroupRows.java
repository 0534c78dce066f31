package dev.fluxion.engine.kernel;

import dev.fluxion.engine.plan.Buffer;
import dev.fluxion.engine.plan.Step;
import java.nio.FloatBuffer;
import java.util.Arrays;
import java.util.List;

/**
 * Group normalisation, sample by sample while it is in the cache: sums of deviations from the mean of a quarter of a group's elements,
 * as {@link MomentSums} takes them, then one pass over the sample. Groups whose variance, or whose factors, are no ordinary numbers in
 * single precision are computed in double precision.
 */
public final class GroupRows {
    /** The name of the kernels. */
    public static final String NAME = "java:groups";

    private static final int QUARTER = 4;
    private static final double SMALLEST = 1e-30;
    private static final double LARGEST = 1e30;

    private GroupRows() {}

    /**
     * The normalisation.
     *
     * @param reads x, weight, bias
     * @param writes y, and for each sample and group the mean and 1 / √(variance + ε)
     */
    public static Step.Binder forward(Grouped groups, double eps, List<Buffer> reads, List<Buffer> writes) {
        return places -> new Forward(groups, eps, floats(reads, places), floats(writes, places));
    }

    static FloatBuffer[] floats(List<Buffer> buffers, Step.Places places) {
        return buffers.stream().map(b -> places.of(b).floats()).toArray(FloatBuffer[]::new);
    }

    static boolean isOrdinary(double positive) {
        return positive > SMALLEST && positive < LARGEST;
    }

    private static final class Forward implements Step.Kernel {
        private final Grouped groups;
        private final double eps;
        private final FloatBuffer x;
        private final FloatBuffer y;
        private final FloatBuffer mean;
        private final FloatBuffer inverse;
        private final float[] weight;
        private final float[] bias;
        private final FloatBuffer[] affine;
        /** What is added up where rows have several channels: each channel. */
        private final Blocks blocks;

        private final Columns columns;
        private final RunSums runs;
        private final double[] sums;
        private final double[] squares;
        private final float[] piece;
        private final float[] centre;
        /** Of each group, what deviations are taken from, the mean and 1 / √(variance + ε). */
        private final float[] centres;

        private final double[] means;
        private final double[] inverses;
        private final boolean[] doubtful;
        private final ChannelMap map;
        private final Columns.Add add = this::add;
        private final Columns.Add addDeviations = this::addDeviations;
        private int start;

        Forward(Grouped groups, double eps, FloatBuffer[] reads, FloatBuffer[] writes) {
            this.groups = groups;
            this.eps = eps;
            this.x = reads[0];
            this.affine = new FloatBuffer[] {reads[1], reads[2]};
            this.y = writes[0];
            this.mean = writes[1];
            this.inverse = writes[2];
            this.weight = new float[groups.channels()];
            this.bias = new float[groups.channels()];
            this.blocks = groups.byChannel();
            this.columns = new Columns(blocks, groups.stride());
            this.runs = new RunSums(x, x);
            this.sums = new double[groups.channels()];
            this.squares = new double[groups.channels()];
            this.piece = new float[columns.piece()];
            this.centre = new float[columns.piece()];
            this.centres = new float[groups.groups()];
            this.means = new double[groups.groups()];
            this.inverses = new double[groups.groups()];
            this.doubtful = new boolean[groups.groups()];
            this.map = new ChannelMap(groups);
        }

        @Override
        public void run() {
            affine[0].get(0, weight);
            affine[1].get(0, bias);
            for (int sample = 0; sample < groups.samples(); sample++) {
                start = sample * groups.size();
                statistics();
                for (int group = 0; group < groups.groups(); group++) {
                    settle(sample, group);
                }
                map.apply(x, y, start);
                for (int group = 0; group < groups.groups(); group++) {
                    if (doubtful[group]) {
                        exactly(group);
                    }
                }
            }
        }

        private void statistics() {
            if (groups.width() == 1) {
                runs();
            } else {
                rows();
            }
        }

        /** Of groups whose elements lie one after another. */
        private void runs() {
            int length = groups.size() / centres.length;
            for (int group = 0; group < centres.length; group++) {
                int from = start + group * length;
                centres[group] = runs.quarter(from, length);
                runs.deviations(from, length, centres[group]);
                take(group, runs.sum() / length, runs.products() / length);
            }
        }

        private void take(int group, double off, double square) {
            means[group] = centres[group] + off;
            inverses[group] = Math.max(square - off * off, 0) + eps;
        }

        private void rows() {
            clear();
            for (int block = 0; block < blocks.count(); block++) {
                columns.sum(block, QUARTER, add, sums, squares);
            }
            int cells = groups.together();
            double looked = (double) cells * columns.looked(QUARTER);
            for (int group = 0; group < centres.length; group++) {
                centres[group] = (float) (sum(sums, group, cells) / looked);
            }
            clear();
            for (int block = 0; block < blocks.count(); block++) {
                int cell = blocks.target(block);
                for (int i = 0; i < blocks.width(); i++) {
                    centre[i] = centres[(cell + i) / cells];
                }
                columns.spread(centre);
                columns.sum(block, 1, addDeviations, sums, squares);
            }
            double count = (double) groups.size() / centres.length;
            for (int group = 0; group < centres.length; group++) {
                take(group, sum(sums, group, cells) / count, sum(squares, group, cells) / count);
            }
        }

        private void clear() {
            Arrays.fill(sums, 0);
            Arrays.fill(squares, 0);
        }

        private static double sum(double[] cells, int group, int count) {
            double sum = 0;
            for (int i = group * count; i < (group + 1) * count; i++) {
                sum += cells[i];
            }
            return sum;
        }

        private void add(float[] first, float[] second, int from, int n) {
            groups.get(x, start, from, piece, n);
            for (int i = 0; i < n; i++) {
                first[i] += piece[i];
            }
        }

        private void addDeviations(float[] first, float[] second, int from, int n) {
            groups.get(x, start, from, piece, n);
            for (int i = 0; i < n; i++) {
                float deviation = piece[i] - centre[i];
                first[i] += deviation;
                second[i] += deviation * deviation;
            }
        }

        /** The statistics of a group, and what they do to its channels. */
        private void settle(int sample, int group) {
            doubtful[group] = !isOrdinary(inverses[group]);
            if (doubtful[group]) {
                sumExactly(group);
            }
            inverses[group] = 1 / Math.sqrt(inverses[group]);
            int at = sample * centres.length + group;
            mean.put(at, (float) means[group]);
            inverse.put(at, (float) inverses[group]);
            float middle = (float) means[group];
            for (int c = group * groups.together(); c < (group + 1) * groups.together(); c++) {
                double scale = inverses[group] * weight[c];
                map.set(c, middle, (float) scale, (float) ((middle - means[group]) * scale + bias[c]));
                doubtful[group] |= weight[c] != 0 && !isOrdinary(Math.abs(scale));
            }
        }

        private void sumExactly(int group) {
            double count = (double) groups.size() / centres.length;
            double sum = 0;
            for (int i = 0; i < count; i++) {
                sum += element(group, i);
            }
            means[group] = sum / count;
            double square = 0;
            for (int i = 0; i < count; i++) {
                double distance = element(group, i) - means[group];
                square += distance * distance;
            }
            inverses[group] = square / count + eps;
        }

        private double element(int group, int i) {
            return x.get(start + groups.index(channel(group, i), i % groups.rows()));
        }

        private int channel(int group, int i) {
            return group * groups.together() + i / groups.rows();
        }

        private void exactly(int group) {
            for (int i = 0; i < groups.together() * groups.rows(); i++) {
                int c = channel(group, i);
                double normalised = (element(group, i) - means[group]) * inverses[group];
                y.put(start + groups.index(c, i % groups.rows()), (float) (normalised * weight[c] + bias[c]));
            }
        }
    }
}
