package dev.fluxion.engine.kernel;

import dev.fluxion.engine.plan.Buffer;
import dev.fluxion.engine.plan.Step;
import dev.fluxion.ir.RecurrentCell;
import java.nio.FloatBuffer;
import java.nio.IntBuffer;
import java.util.Arrays;
import java.util.function.IntFunction;
import org.jspecify.annotations.Nullable;

/**
 * A recurrence: for each step one product of the states of all sequences with the weights, and the cell around it. Rows are computed
 * alike however many there are.
 */
public final class RecurrentForward implements Step.Kernel {
    private final Recurrent sizes;
    private final RecurrentCell cell;
    private final int width;
    private final Step.Kernel product;
    private final Step.Kernel logistic;
    private final Step.Kernel tangent;
    private final IntFunction<Rows> tiles;
    private final FloatBuffer state;
    private final FloatBuffer products;
    private final FloatBuffer squashed;
    private final FloatBuffer bent;
    /** The states of all sequences; c only for a cell that has it. */
    private final float[] h;

    private final float[] c;
    /** The products of a sequence. */
    private final float[] u;

    private final float[] v;
    private final float[] bias;
    /** The products of the state for the new gate of all sequences, if they are needed later. */
    private final float[] q;

    private final float[] sigma;
    private final float[] tanh;
    private final float[] kept;
    private Rows rows;

    /** Where the sequences of a tile lie. What nobody reads is null. */
    private record Rows(
            FloatBuffer u,
            FloatBuffer bias,
            FloatBuffer h0,
            @Nullable FloatBuffer c0,
            @Nullable IntBuffer lengths,
            FloatBuffer y,
            FloatBuffer h,
            @Nullable FloatBuffer c,
            @Nullable FloatBuffer before,
            @Nullable FloatBuffer kept) {}

    /** Operands and results, without the weights; those that are not there are null. */
    public record Operands(
            Buffer u,
            Buffer bias,
            Buffer h0,
            @Nullable Buffer c0,
            @Nullable Buffer lengths,
            Buffer y,
            Buffer h,
            @Nullable Buffer c,
            @Nullable Buffer before,
            @Nullable Buffer kept) {
        private Rows at(Step.Places places) {
            return new Rows(
                    places.of(u).floats(),
                    places.of(bias).floats(),
                    places.of(h0).floats(),
                    Recurrent.floats(places, c0),
                    Recurrent.ints(places, lengths),
                    places.of(y).floats(),
                    places.of(h).floats(),
                    Recurrent.floats(places, c),
                    Recurrent.floats(places, before),
                    Recurrent.floats(places, kept));
        }
    }

    private RecurrentForward(
            Recurrent sizes,
            Recurrent.Native kernels,
            Recurrent.Scratch scratch,
            Operands operands,
            Step.Places places) {
        this.sizes = sizes;
        this.cell = sizes.cell();
        this.width = sizes.width();
        this.product = places.kernel(kernels.product().binder());
        this.logistic = places.kernel(kernels.logistic().binder());
        this.tangent = places.kernel(kernels.tangent().binder());
        this.tiles = places.each(operands::at);
        this.rows = tiles.apply(0);
        this.state = places.of(scratch.state()).floats();
        this.products = places.of(scratch.products()).floats();
        this.squashed = places.of(scratch.logistic()).floats();
        this.bent = places.of(scratch.tangent()).floats();
        int all = sizes.sequences() * width;
        this.h = new float[all];
        this.c = new float[cell == RecurrentCell.LSTM ? all : 0];
        this.q = new float[cell == RecurrentCell.GRU ? all : 0];
        this.u = new float[sizes.gates()];
        this.v = new float[sizes.gates()];
        this.bias = new float[sizes.gates()];
        this.sigma = new float[sizes.squashed()];
        this.tanh = new float[width];
        this.kept = new float[sizes.kept()];
    }

    /** Binds a recurrence. */
    public static Step.Binder of(
            Recurrent sizes, Recurrent.Native kernels, Recurrent.Scratch scratch, Operands operands) {
        return places -> new RecurrentForward(sizes, kernels, scratch, operands, places);
    }

    @Override
    public void at(int tile) {
        rows = tiles.apply(tile);
    }

    @Override
    public void run() {
        rows.bias.get(0, bias);
        rows.h0.get(0, h);
        if (rows.c0 != null) {
            rows.c0.get(0, c);
        }
        for (int i = 0; i < sizes.steps(); i++) {
            step(sizes.step(i));
        }
        rows.h.put(0, h);
        if (rows.c != null) {
            rows.c.put(0, c);
        }
    }

    private void step(int t) {
        state.put(0, h);
        product.run();
        for (int n = 0; n < sizes.sequences(); n++) {
            begin(n, t);
        }
        if (sigma.length > 0) {
            logistic.run();
        }
        if (cell == RecurrentCell.LSTM) {
            tangent.run();
        }
        if (sigma.length > 0) {
            for (int n = 0; n < sizes.sequences(); n++) {
                mix(n, t);
            }
        }
        if (cell != RecurrentCell.RELU) {
            tangent.run();
        }
        for (int n = 0; n < sizes.sequences(); n++) {
            if (rows.before != null) {
                rows.before.put((n * sizes.steps() + t) * width, h, n * width, width);
            }
            if (Recurrent.isThere(rows.lengths, n, t)) {
                end(n, t);
            } else {
                skip(n, t);
            }
        }
    }

    /** Puts the products of a sequence where functions are computed of them. */
    private void begin(int n, int t) {
        int gates = v.length;
        products.get(n * gates, v, 0, gates);
        rows.u.get((n * sizes.steps() + t) * gates, u, 0, gates);
        if (cell == RecurrentCell.GRU) {
            int split = sigma.length;
            for (int k = 0; k < split; k++) {
                v[k] = u[k] + (v[k] + bias[k]);
            }
            for (int k = 0; k < width; k++) {
                q[n * width + k] = v[split + k] + bias[split + k];
            }
            squashed.put(n * split, v, 0, split);
            return;
        }
        for (int k = 0; k < gates; k++) {
            v[k] = u[k] + (v[k] + bias[k]);
        }
        switch (cell) {
            case TANH -> bent.put(n * width, v, 0, width);
            case RELU -> {
                for (int k = 0; k < width; k++) {
                    v[k] = Math.max(v[k], 0);
                }
                bent.put(n * width, v, 0, width);
            }
            case LSTM -> {
                squashed.put(n * sigma.length, v, 0, 2 * width);
                squashed.put(n * sigma.length + 2 * width, v, 3 * width, width);
                bent.put(n * width, v, 2 * width, width);
            }
            case GRU -> throw new IllegalStateException();
        }
    }

    /** Between the gates and the last function. */
    private void mix(int n, int t) {
        squashed.get(n * sigma.length, sigma, 0, sigma.length);
        int first = n * width;
        if (cell == RecurrentCell.GRU) {
            rows.u.get((n * sizes.steps() + t) * u.length + 2 * width, tanh, 0, width);
            for (int k = 0; k < width; k++) {
                tanh[k] = tanh[k] + sigma[k] * q[first + k];
            }
        } else {
            bent.get(first, tanh, 0, width);
            if (!Recurrent.isThere(rows.lengths, n, t)) {
                return;
            }
            if (rows.kept != null) {
                int at = (n * sizes.steps() + t) * kept.length;
                rows.kept.put(at, sigma, 0, 2 * width);
                rows.kept.put(at + 2 * width, tanh, 0, width);
                rows.kept.put(at + 3 * width, sigma, 2 * width, width);
            }
            for (int k = 0; k < width; k++) {
                tanh[k] = sigma[width + k] * c[first + k] + sigma[k] * tanh[k];
            }
            System.arraycopy(tanh, 0, c, first, width);
        }
        bent.put(first, tanh, 0, width);
    }

    /** The new state of a sequence. */
    private void end(int n, int t) {
        int first = n * width;
        bent.get(first, tanh, 0, width);
        int at = (n * sizes.steps() + t) * kept.length;
        switch (cell) {
            case TANH, RELU -> System.arraycopy(tanh, 0, h, first, width);
            case LSTM -> {
                squashed.get(n * sigma.length + 2 * width, sigma, 0, width);
                for (int k = 0; k < width; k++) {
                    h[first + k] = sigma[k] * tanh[k];
                }
                if (rows.kept != null) {
                    rows.kept.put(at + 4 * width, c, first, width);
                    rows.kept.put(at + 5 * width, tanh, 0, width);
                }
            }
            case GRU -> {
                squashed.get(n * sigma.length, sigma, 0, sigma.length);
                for (int k = 0; k < width; k++) {
                    h[first + k] = tanh[k] + sigma[width + k] * (h[first + k] - tanh[k]);
                }
                if (rows.kept != null) {
                    rows.kept.put(at, sigma, 0, 2 * width);
                    rows.kept.put(at + 2 * width, tanh, 0, width);
                    rows.kept.put(at + 3 * width, q, first, width);
                }
            }
        }
        rows.y.put((n * sizes.steps() + t) * width, h, first, width);
        if (rows.kept != null && kept.length == width) {
            rows.kept.put(at, h, first, width);
        }
    }

    /** What is behind the end of a sequence. */
    private void skip(int n, int t) {
        Arrays.fill(kept, 0);
        rows.y.put((n * sizes.steps() + t) * width, kept, 0, width);
        if (rows.kept != null) {
            rows.kept.put((n * sizes.steps() + t) * kept.length, kept, 0, kept.length);
        }
    }

    @Override
    public void close() {
        product.close();
        logistic.close();
        tangent.close();
    }
}
