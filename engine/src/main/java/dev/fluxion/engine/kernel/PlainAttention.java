package dev.fluxion.engine.kernel;

import dev.fluxion.engine.plan.Buffer;
import dev.fluxion.engine.plan.Step;
import java.nio.FloatBuffer;
import java.util.Arrays;
import java.util.List;

/** Attention, and its gradients, of one query after the other, in double precision. */
public final class PlainAttention {
    /** The name of the kernels. */
    public static final String NAME = "java:attention";

    private PlainAttention() {}

    /**
     * An attention.
     *
     * @param reads queries, keys, values, and a mask if there is one
     */
    public static Step.Binder forward(AttentionBlocks blocks, List<Buffer> reads, Buffer to) {
        return places -> {
            Queries all = new Queries(blocks, places, reads);
            FloatBuffer y = places.of(to).floats();
            Action result = (sample, query, head) -> all.result(sample, query, head, y);
            return () -> all.forEach(result);
        };
    }

    /**
     * The gradients of an attention.
     *
     * @param reads the gradient of the result, what the gradients of a query's weights have in common, queries, keys, values, and a
     *     mask if there is one
     * @param to the gradients of queries, keys and values
     */
    public static Step.Binder backward(AttentionBlocks blocks, List<Buffer> reads, List<Buffer> to) {
        return places -> {
            Queries all = new Queries(blocks, places, reads.subList(2, reads.size()));
            Gradients gradients = new Gradients(all, places, reads, to);
            return () -> all.forEach(gradients);
        };
    }

    private interface Action {
        void at(int sample, int query, int head);
    }

    private static final class Queries {
        final AttentionBlocks blocks;
        final FloatBuffer q;
        final FloatBuffer k;
        final FloatBuffer v;
        final double[] weights;
        final double scale;
        private final List<FloatBuffer> masks;
        private final List<FloatBuffer> seeds;
        private final Drawing drawing;

        Queries(AttentionBlocks blocks, Step.Places places, List<Buffer> reads) {
            this.blocks = blocks;
            this.q = places.of(reads.get(0)).floats();
            this.k = places.of(reads.get(1)).floats();
            this.v = places.of(reads.get(2)).floats();
            int last = reads.size() - (blocks.isDropping() ? 1 : 0);
            this.masks = reads.subList(3, last).stream()
                    .map(b -> places.of(b).floats())
                    .toList();
            this.seeds =
                    reads.stream().skip(last).map(b -> places.of(b).floats()).toList();
            this.drawing = new Drawing(blocks.dropout(), 0);
            this.weights = new double[blocks.k().length()];
            this.scale = 1 / Math.sqrt(blocks.q().size());
        }

        void forEach(Action action) {
            for (int sample = 0; sample < blocks.q().samples(); sample++) {
                for (int head = 0; head < blocks.q().heads(); head++) {
                    for (int query = 0; query < blocks.q().length(); query++) {
                        action.at(sample, query, head);
                    }
                }
            }
        }

        /** Makes the weights of a query. */
        void weigh(int sample, int query, int head) {
            double largest = Double.NEGATIVE_INFINITY;
            int from = (int) blocks.q().at(sample, query, head);
            for (int key = 0; key < weights.length; key++) {
                double logit = 0;
                int other = (int) blocks.k().at(sample, key, head);
                for (int i = 0; i < blocks.q().size(); i++) {
                    logit += (double) q.get(from + i) * k.get(other + i);
                }
                logit *= scale;
                for (FloatBuffer mask : masks) {
                    logit += mask.get((int) blocks.maskAt(sample, query, head) + key);
                }
                weights[key] = blocks.isCausal() && key > query ? Double.NEGATIVE_INFINITY : logit;
                largest = Math.max(largest, weights[key]);
            }
            double sum = 0;
            for (int key = 0; key < weights.length; key++) {
                weights[key] = Math.exp(weights[key] - largest);
                sum += weights[key];
            }
            for (int key = 0; key < weights.length; key++) {
                weights[key] /= sum;
            }
        }

        /** What the weight of a key is multiplied by. */
        double kept(int sample, int query, int head, int key) {
            double kept = 1;
            for (FloatBuffer pairs : seeds) {
                kept = drawing.kept(pairs, (int) blocks.seedsAt(sample, query, head), key);
            }
            return kept;
        }

        void result(int sample, int query, int head, FloatBuffer y) {
            weigh(sample, query, head);
            for (int key = 0; key < weights.length; key++) {
                weights[key] *= kept(sample, query, head, key);
            }
            int to = (int) blocks.y().at(sample, query, head);
            for (int i = 0; i < blocks.v().size(); i++) {
                double mean = 0;
                for (int key = 0; key < weights.length; key++) {
                    mean += weights[key] * v.get((int) blocks.v().at(sample, key, head) + i);
                }
                y.put(to + i, (float) mean);
            }
        }
    }

    private static final class Gradients implements Action {
        private final Queries all;
        private final FloatBuffer g;
        private final FloatBuffer common;
        private final List<FloatBuffer> to;
        private final Heads queries;
        private final Heads keyHeads;
        private final Heads valueHeads;
        private final double[] keys;
        private final double[] values;
        /** The gradient of a query. */
        private final double[] sum;

        Gradients(Queries all, Step.Places places, List<Buffer> reads, List<Buffer> to) {
            this.all = all;
            this.g = places.of(reads.get(0)).floats();
            this.common = places.of(reads.get(1)).floats();
            this.to = to.stream().map(b -> places.of(b).floats()).toList();
            this.queries = AttentionBlocks.dense(all.blocks.q());
            this.keyHeads = AttentionBlocks.dense(all.blocks.k());
            this.valueHeads = AttentionBlocks.dense(all.blocks.v());
            this.keys = new double[all.weights.length * all.blocks.k().size()];
            this.values = new double[all.weights.length * all.blocks.v().size()];
            this.sum = new double[queries.size()];
        }

        @Override
        public void at(int sample, int query, int head) {
            add(sample, query, head);
            if (query == queries.length() - 1) {
                write(keys, keyHeads, sample, head, to.get(1));
                write(values, valueHeads, sample, head, to.get(2));
            }
        }

        /** Makes the gradient of a query, and adds what it gives to those of all keys and values. */
        private void add(int sample, int query, int head) {
            all.weigh(sample, query, head);
            Arrays.fill(sum, 0);
            int from = (int) all.blocks.q().at(sample, query, head);
            int gradient = (int) all.blocks.y().at(sample, query, head);
            double same = common.get((int) all.blocks.commonAt(sample, query, head));
            for (int key = 0; key < all.weights.length; key++) {
                int value = (int) all.blocks.v().at(sample, key, head);
                double kept = all.kept(sample, query, head, key);
                double change = 0;
                for (int i = 0; i < all.blocks.v().size(); i++) {
                    change += kept * g.get(gradient + i) * all.v.get(value + i);
                    values[key * all.blocks.v().size() + i] += kept * all.weights[key] * g.get(gradient + i);
                }
                double logit = all.weights[key] * (change - same) * all.scale;
                int other = (int) all.blocks.k().at(sample, key, head);
                for (int i = 0; i < sum.length; i++) {
                    sum[i] += logit * all.k.get(other + i);
                    keys[key * sum.length + i] += logit * all.q.get(from + i);
                }
            }
            int at = (int) queries.at(sample, query, head);
            for (int i = 0; i < sum.length; i++) {
                to.get(0).put(at + i, (float) sum[i]);
            }
        }

        private static void write(double[] sums, Heads heads, int sample, int head, FloatBuffer to) {
            for (int i = 0; i < sums.length; i++) {
                int at = (int) heads.at(sample, i / heads.size(), head) + i % heads.size();
                to.put(at, (float) sums[i]);
                sums[i] = 0;
            }
        }
    }
}
