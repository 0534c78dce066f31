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
    /** The gradients of the states of all sequences; that of c only for a cell that has it. */
    private final float[] h;

    private final float[] c;
    /** The gradient of the products of the state of all sequences. */
    private final float[] v;
    /** Of a sequence: the gradient of the products of the input, what was kept, and states before. */
    private final float[] u;

    private final float[] kept;
    private final float[] before;
    private final float[] back;
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
        this.v = new float[sizes.sequences() * sizes.gates()];
        this.u = new float[sizes.gates()];
        this.kept = new float[sizes.kept()];
        this.before = new float[width];
        this.back = new float[all];
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
        for (int n = 0; n < sizes.sequences(); n++) {
            if (Recurrent.isThere(rows.lengths, n, t)) {
                cell(n, t);
            } else {
                Arrays.fill(u, 0);
                write(n, t);
            }
        }
        products.put(0, v);
        product.run();
        state.get(0, back);
        for (int n = 0; n < sizes.sequences(); n++) {
            if (Recurrent.isThere(rows.lengths, n, t)) {
                for (int k = n * width; k < (n + 1) * width; k++) {
                    h[k] += back[k];
                }
            }
        }
    }

    /** Writes the gradient of the products of the input, and those of the state where they are the same. */
    private void write(int n, int t) {
        rows.u.put((n * sizes.steps() + t) * u.length, u, 0, u.length);
        writeOfState(n, t);
    }

    /** Writes the gradient of the products of the state. */
    private void writeOfState(int n, int t) {
        System.arraycopy(u, 0, v, n * u.length, u.length);
        if (rows.v != null) {
            rows.v.put((n * sizes.steps() + t) * u.length, u, 0, u.length);
        }
    }

    private void cell(int n, int t) {
        int first = n * width;
        int at = n * sizes.steps() + t;
        rows.gradient.get(at * width, before, 0, width);
        for (int k = 0; k < width; k++) {
            h[first + k] += before[k];
        }
        rows.kept.get(at * kept.length, kept, 0, kept.length);
        switch (cell) {
            case TANH -> {
                for (int k = 0; k < width; k++) {
                    u[k] = h[first + k] * (1 - kept[k] * kept[k]);
                }
                stay(first, n, t);
            }
            case RELU -> {
                for (int k = 0; k < width; k++) {
                    u[k] = h[first + k] * (kept[k] > 0 ? 1 : 0);
                }
                stay(first, n, t);
            }
            case LSTM -> {
                lstm(first, n, t);
                stay(first, n, t);
            }
            case GRU -> gru(first, n, t);
        }
    }

    /** All of the gradient of h goes through the products. */
    private void stay(int first, int n, int t) {
        Arrays.fill(h, first, first + width, 0);
        write(n, t);
    }

    private void lstm(int first, int n, int t) {
        stateBefore(first, n, t);
        for (int k = 0; k < width; k++) {
            float tanh = kept[5 * width + k];
            c[first + k] += h[first + k] * kept[3 * width + k] * (1 - tanh * tanh);
        }
        for (int k = 0; k < width; k++) {
            u[k] = c[first + k] * kept[2 * width + k] * (kept[k] * (1 - kept[k]));
        }
        for (int k = 0; k < width; k++) {
            float f = kept[width + k];
            u[width + k] = c[first + k] * before[k] * (f * (1 - f));
        }
        for (int k = 0; k < width; k++) {
            float g = kept[2 * width + k];
            u[2 * width + k] = c[first + k] * kept[k] * (1 - g * g);
        }
        for (int k = 0; k < width; k++) {
            float o = kept[3 * width + k];
            u[3 * width + k] = h[first + k] * kept[5 * width + k] * (o * (1 - o));
        }
        for (int k = 0; k < width; k++) {
            c[first + k] *= kept[width + k];
        }
    }

    /** c before a step: that after the step before, or the first one. */
    private void stateBefore(int first, int n, int t) {
        int last = sizes.backwards() ? t + 1 : t - 1;
        boolean begins = last < 0 || last == sizes.steps() || !Recurrent.isThere(rows.lengths, n, last);
        if (!begins) {
            rows.kept.get((n * sizes.steps() + last) * kept.length + 4 * width, before, 0, width);
        } else if (rows.c0 != null) {
            rows.c0.get(first, before, 0, width);
        }
    }

    private void gru(int first, int n, int t) {
        int at = n * sizes.steps() + t;
        rows.before.get(at * width, before, 0, width);
        for (int k = 0; k < width; k++) {
            float z = kept[width + k];
            float tanh = kept[2 * width + k];
            u[width + k] = h[first + k] * (before[k] - tanh) * (z * (1 - z));
        }
        for (int k = 0; k < width; k++) {
            float tanh = kept[2 * width + k];
            u[2 * width + k] = h[first + k] * (1 - kept[width + k]) * (1 - tanh * tanh);
        }
        for (int k = 0; k < width; k++) {
            u[k] = u[2 * width + k] * kept[3 * width + k] * (kept[k] * (1 - kept[k]));
        }
        for (int k = 0; k < width; k++) {
            h[first + k] *= kept[width + k];
        }
        rows.u.put(at * u.length, u, 0, u.length);
        for (int k = 0; k < width; k++) {
            u[2 * width + k] *= kept[k];
        }
        writeOfState(n, t);
    }
}
