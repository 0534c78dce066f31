package dev.fluxion.engine.kernel;

import dev.fluxion.engine.plan.Buffer;
import dev.fluxion.engine.plan.Step;
import java.nio.FloatBuffer;
import java.util.Arrays;
import java.util.List;

/**
 * The gradients of a group normalisation: for each sample the sums of g and of g times deviations, of each channel, then one pass over
 * it. Groups whose numbers are no ordinary ones in single precision are computed in double precision.
 */
public final class GroupGradient implements Step.Kernel {
    private final Grouped groups;
    private final FloatBuffer g;
    private final FloatBuffer x;
    private final FloatBuffer mean;
    private final FloatBuffer inverse;
    private final FloatBuffer weight;
    private final FloatBuffer[] writes;
    private final Blocks blocks;
    private final Columns columns;
    private final RunSums runs;
    private final float[] gradients;
    private final float[] piece;
    private final float[] centre;
    /** Of each channel of a sample, Σ g and Σ g · (x − mean). */
    private final double[] sums;

    private final double[] products;
    /** Those of all samples. */
    private final double[] weights;

    private final double[] biases;
    private final GradientMap map;
    private final Columns.Add add = this::add;
    private int start;

    private GroupGradient(Grouped groups, FloatBuffer[] reads, FloatBuffer[] writes) {
        this.groups = groups;
        this.g = reads[0];
        this.x = reads[1];
        this.mean = reads[2];
        this.inverse = reads[3];
        this.weight = reads[4];
        this.writes = writes;
        this.blocks = groups.byChannel();
        this.columns = new Columns(blocks);
        this.runs = new RunSums(x, g);
        this.gradients = new float[columns.piece()];
        this.piece = new float[columns.piece()];
        this.centre = new float[columns.piece()];
        this.sums = new double[groups.channels()];
        this.products = new double[groups.channels()];
        this.weights = new double[groups.channels()];
        this.biases = new double[groups.channels()];
        this.map = new GradientMap(groups);
    }

    /**
     * Binds the gradients.
     *
     * @param reads the gradient of y, x, the mean and 1 / √(variance + ε) for each sample and group, weight
     * @param writes the gradients of x, of the weight and of the bias
     */
    public static Step.Binder of(Grouped groups, List<Buffer> reads, List<Buffer> writes) {
        return places -> new GroupGradient(groups, GroupRows.floats(reads, places), GroupRows.floats(writes, places));
    }

    @Override
    public void run() {
        Arrays.fill(weights, 0);
        Arrays.fill(biases, 0);
        for (int sample = 0; sample < groups.samples(); sample++) {
            start = sample * groups.size();
            sums(sample);
            for (int group = 0; group < groups.groups(); group++) {
                settle(group, sample * groups.groups() + group);
            }
            map.apply(g, x, writes[0], start);
            for (int group = 0; group < groups.groups(); group++) {
                if (!isOrdinary(sample * groups.groups() + group)) {
                    exactly(group, sample * groups.groups() + group);
                }
            }
        }
        for (int c = 0; c < weights.length; c++) {
            writes[1].put(c, (float) weights[c]);
            writes[2].put(c, (float) biases[c]);
        }
    }

    private void sums(int sample) {
        if (groups.width() == 1) {
            for (int c = 0; c < sums.length; c++) {
                int group = sample * groups.groups() + c / groups.together();
                runs.gradients(start + c * groups.rows(), groups.rows(), mean.get(group));
                sums[c] = runs.sum();
                products[c] = runs.products();
            }
            return;
        }
        Arrays.fill(sums, 0);
        Arrays.fill(products, 0);
        for (int block = 0; block < blocks.count(); block++) {
            int channel = blocks.target(block);
            for (int i = 0; i < blocks.width(); i++) {
                centre[i] = mean.get(sample * groups.groups() + (channel + i) / groups.together());
            }
            columns.spread(centre);
            columns.sum(block, 1, add, sums, products);
        }
    }

    private void add(float[] first, float[] second, int from, int n) {
        g.get(start + from, gradients, 0, n);
        x.get(start + from, piece, 0, n);
        for (int i = 0; i < n; i++) {
            first[i] += gradients[i];
            second[i] += gradients[i] * (piece[i] - centre[i]);
        }
    }

    private boolean isOrdinary(int at) {
        double root = inverse.get(at);
        return GroupRows.isOrdinary(root * root);
    }

    /** What a group's sums do to its channels, and to the gradients of weight and bias. */
    private void settle(int group, int at) {
        if (!isOrdinary(at)) {
            sumExactly(group, at);
        }
        double root = inverse.get(at);
        double sum = 0;
        double along = 0;
        int end = (group + 1) * groups.together();
        for (int c = group * groups.together(); c < end; c++) {
            weights[c] += products[c] * root;
            biases[c] += sums[c];
            sum += sums[c] * weight.get(c);
            along += products[c] * root * weight.get(c);
        }
        double count = (double) groups.together() * groups.rows();
        float slope = (float) (-root * along / count);
        float shift = (float) (-sum / count);
        for (int c = group * groups.together(); c < end; c++) {
            map.set(c, weight.get(c), shift, mean.get(at), slope, inverse.get(at));
        }
    }

    private void sumExactly(int group, int at) {
        double middle = mean.get(at);
        for (int c = group * groups.together(); c < (group + 1) * groups.together(); c++) {
            double sum = 0;
            double product = 0;
            for (int row = 0; row < groups.rows(); row++) {
                int i = start + groups.index(c, row);
                sum += g.get(i);
                product += g.get(i) * (x.get(i) - middle);
            }
            sums[c] = sum;
            products[c] = product;
        }
    }

    private void exactly(int group, int at) {
        double root = inverse.get(at);
        double count = (double) groups.together() * groups.rows();
        double sum = 0;
        double along = 0;
        for (int c = group * groups.together(); c < (group + 1) * groups.together(); c++) {
            sum += sums[c] * weight.get(c);
            along += products[c] * root * weight.get(c);
        }
        for (int c = group * groups.together(); c < (group + 1) * groups.together(); c++) {
            for (int row = 0; row < groups.rows(); row++) {
                int i = start + groups.index(c, row);
                double normalised = (x.get(i) - (double) mean.get(at)) * root;
                double weighted = (double) g.get(i) * weight.get(c);
                writes[0].put(i, (float) (root * (weighted - sum / count - normalised * (along / count))));
            }
        }
    }
}
