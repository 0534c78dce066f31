package dev.fluxion.engine.kernel;

import dev.fluxion.engine.plan.Buffer;
import dev.fluxion.engine.plan.Step;
import dev.fluxion.ir.RecurrentCell;
import java.nio.FloatBuffer;
import java.nio.IntBuffer;
import java.util.Arrays;
import java.util.function.IntFunction;
import org.jspecify.annotations.Nullable;

/** The gradient of a recurrence: for each step, from the last one taken to the first, the cell and one product. */
public final class RecurrentBackward implements Step.Kernel {
    private final Recurrent sizes;
    private final RecurrentCell cell;
    private final int width;
    private final Step.Kernel product;
    private final IntFunction<Rows> tiles;
    private final FloatBuffer products;
    private final FloatBuffer state;
    /** The gradients of the states of all sequences. */
    private final float[] h;

    private final float[] c;
    /** The gradient of the result, what was kept, and a state before the step: an array for each kind of number, as forward. */
    private final float[] back;

    private final float[][] kept;
    private final float[] before;
    /** The gradients of the products of the input, and of the last ones of the state where they differ. */
    private final float[][] u;

    private final float[] v;
    private Rows rows;

    /** Where the sequences of a tile lie. What is not there is null. */
    private record Rows(
            FloatBuffer gradient,
            FloatBuffer h,
            @Nullable FloatBuffer c,
            FloatBuffer before,
            FloatBuffer kept,
            @Nullable FloatBuffer c0,
            @Nullable IntBuffer lengths,
            FloatBuffer u,
            FloatBuffer h0,
            @Nullable FloatBuffer firstC,
            @Nullable FloatBuffer v) {}

    /** Operands and results, without the weights; those that are not there are null. */
    public record Operands(
            Buffer gradient,
            Buffer h,
            @Nullable Buffer c,
            Buffer before,
            Buffer kept,
            @Nullable Buffer c0,
            @Nullable Buffer lengths,
            Buffer u,
            Buffer h0,
            @Nullable Buffer firstC,
            @Nullable Buffer v) {
        private Rows at(Step.Places places) {
            return new Rows(
                    places.of(gradient).floats(),
                    places.of(h).floats(),
                    Recurrent.floats(places, c),
                    places.of(before).floats(),
                    places.of(kept).floats(),
                    Recurrent.floats(places, c0),
                    Recurrent.ints(places, lengths),
                    places.of(u).floats(),
                    places.of(h0).floats(),
                    Recurrent.floats(places, firstC),
                    Recurrent.floats(places, v));
        }
    }

    private RecurrentBackward(
            Recurrent sizes,
            Step.Binder product,
            Buffer products,
            Buffer state,
            Operands operands,
            Step.Places places) {
        this.sizes = sizes;
        this.cell = sizes.cell();
        this.width = sizes.width();
        this.product = places.kernel(product);
        this.tiles = places.each(operands::at);
        this.rows = tiles.apply(0);
        this.products = places.of(products).floats();
        this.state = places.of(state).floats();
        int all = sizes.sequences() * width;
        this.h = new float[all];
        this.c = new float[cell == RecurrentCell.LSTM ? all : 0];
        this.back = new float[all];
        this.kept = new float[cell.kept()][all];
        this.before = new float[all];
        this.u = new float[cell.gates()][all];
        this.v = cell.isSplit() ? new float[all] : u[u.length - 1];
    }

    /**
     * Binds a gradient.
     *
     * @param product multiplies what is in {@code products} with the weights, to {@code state}
     */
    public static Step.Binder of(
            Recurrent sizes, Step.Binder product, Buffer products, Buffer state, Operands operands) {
        return places -> new RecurrentBackward(sizes, product, products, state, operands, places);
    }

    @Override
    public void at(int tile) {
        rows = tiles.apply(tile);
    }

    @Override
    public void run() {
        rows.h.get(0, h);
        if (rows.c != null) {
            rows.c.get(0, c);
        }
        for (int i = sizes.steps() - 1; i >= 0; i--) {
            step(sizes.step(i));
        }
        rows.h0.put(0, h);
        if (rows.firstC != null) {
            rows.firstC.put(0, c);
        }
    }

    private void step(int t) {
        int next;
        for (int n = 0; n < sizes.sequences(); n = next) {
            next = sizes.end(rows.lengths, n, t);
            if (Recurrent.isThere(rows.lengths, n, t)) {
                read(n, next, t);
                cell(n * width, next * width);
            } else {
                clear(n * width, next * width);
            }
        }
        write(t);
        product.run();
        state.get(0, back);
        for (int n = 0; n < sizes.sequences(); n = next) {
            next = sizes.end(rows.lengths, n, t);
            if (Recurrent.isThere(rows.lengths, n, t)) {
                add(back, n * width, next * width);
            }
        }
    }

    /** Reads what some sequences have of a step. */
    private void read(int first, int end, int t) {
        for (int n = first; n < end; n++) {
            int at = sizes.at(n, t);
            rows.gradient.get(at * width, back, n * width, width);
            for (int i = 0; i < kept.length; i++) {
                rows.kept.get((at * kept.length + i) * width, kept[i], n * width, width);
            }
            switch (cell) {
                case TANH, RELU -> {}
                case LSTM -> stateBefore(n, t);
                case GRU -> rows.before.get(at * width, before, n * width, width);
            }
        }
    }

    /** c before a step: that after the step before, or the first one. */
    private void stateBefore(int n, int t) {
        int last = sizes.backwards() ? t + 1 : t - 1;
        boolean begins = last < 0 || last == sizes.steps() || !Recurrent.isThere(rows.lengths, n, last);
        if (!begins) {
            int place = (sizes.at(n, last) * kept.length + Recurrent.C) * width;
            rows.kept.get(place, before, n * width, width);
        } else if (rows.c0 != null) {
            rows.c0.get(n * width, before, n * width, width);
        }
    }

    private void clear(int from, int to) {
        for (float[] gate : u) {
            Arrays.fill(gate, from, to, 0);
        }
        Arrays.fill(v, from, to, 0);
    }

    /** Writes the gradients of the products of the input, and of the state, to which they are multiplied. */
    private void write(int t) {
        for (int n = 0; n < sizes.sequences(); n++) {
            for (int i = 0; i < u.length; i++) {
                int from = n * width;
                int to = (sizes.at(n, t) * u.length + i) * width;
                float[] ofState = i == u.length - 1 ? v : u[i];
                rows.u.put(to, u[i], from, width);
                products.put((n * u.length + i) * width, ofState, from, width);
                if (rows.v != null) {
                    rows.v.put(to, ofState, from, width);
                }
            }
        }
    }

    private void add(float[] to, int from, int end) {
        for (int k = from; k < end; k++) {
            h[k] += to[k];
        }
    }

    private void cell(int from, int to) {
        add(back, from, to);
        switch (cell) {
            case TANH -> {
                float[] gate = u[0];
                float[] y = kept[0];
                for (int k = from; k < to; k++) {
                    gate[k] = h[k] * (1 - y[k] * y[k]);
                }
            }
            case RELU -> {
                for (int k = from; k < to; k++) {
                    u[0][k] = h[k] * (kept[0][k] > 0 ? 1 : 0);
                }
            }
            case LSTM -> lstm(from, to, kept[5]);
            case GRU -> gru(from, to);
        }
        if (cell != RecurrentCell.GRU) {
            Arrays.fill(h, from, to, 0); // all of it goes through the products
        }
    }

    private void lstm(int from, int to, float[] tanh) {
        float[] i = kept[0];
        float[] f = kept[1];
        float[] g = kept[2];
        float[] o = kept[3];
        for (int k = from; k < to; k++) {
            c[k] += h[k] * o[k] * (1 - tanh[k] * tanh[k]);
        }
        float[] ofI = u[0];
        for (int k = from; k < to; k++) {
            ofI[k] = c[k] * g[k] * (i[k] * (1 - i[k]));
        }
        float[] ofF = u[1];
        for (int k = from; k < to; k++) {
            ofF[k] = c[k] * before[k] * (f[k] * (1 - f[k]));
        }
        float[] ofG = u[2];
        for (int k = from; k < to; k++) {
            ofG[k] = c[k] * i[k] * (1 - g[k] * g[k]);
        }
        float[] ofO = u[3];
        for (int k = from; k < to; k++) {
            ofO[k] = h[k] * tanh[k] * (o[k] * (1 - o[k]));
        }
        for (int k = from; k < to; k++) {
            c[k] *= f[k];
        }
    }

    private void gru(int from, int to) {
        float[] r = kept[0];
        float[] z = kept[1];
        float[] n = kept[2];
        float[] q = kept[3];
        float[] ofZ = u[1];
        for (int k = from; k < to; k++) {
            ofZ[k] = h[k] * (before[k] - n[k]) * (z[k] * (1 - z[k]));
        }
        float[] ofN = u[2];
        for (int k = from; k < to; k++) {
            ofN[k] = h[k] * (1 - z[k]) * (1 - n[k] * n[k]);
        }
        float[] ofR = u[0];
        for (int k = from; k < to; k++) {
            ofR[k] = ofN[k] * q[k] * (r[k] * (1 - r[k]));
        }
        for (int k = from; k < to; k++) {
            v[k] = ofN[k] * r[k];
        }
        for (int k = from; k < to; k++) {
            h[k] *= z[k];
        }
    }
}
