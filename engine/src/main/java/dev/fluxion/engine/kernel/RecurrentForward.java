package dev.fluxion.engine.kernel;

import dev.fluxion.engine.plan.Buffer;
import dev.fluxion.engine.plan.Step;
import dev.fluxion.ir.RecurrentCell;
import java.nio.FloatBuffer;
import java.nio.IntBuffer;
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
    private final FloatBuffer bent;
    /** The states of all sequences; c only for a cell that has it. */
    private final float[] h;

    private final float[] c;
    /** Of a sequence: its gates, the product of the state for the new gate of a gru, what goes through the tangent, and zeros. */
    private final float[] gate;

    private final float[] q;
    private final float[] tanh;
    private final float[] zeros;
    private Rows rows;

    /** Where the sequences of a tile lie. What nobody reads is null. */
    private record Rows(
            FloatBuffer u,
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
        this.bent = places.of(scratch.tangent()).floats();
        int all = sizes.sequences() * width;
        this.h = new float[all];
        this.c = new float[cell == RecurrentCell.LSTM ? all : 0];
        this.gate = new float[sizes.gates()];
        this.q = new float[cell == RecurrentCell.GRU ? all : 0];
        this.tanh = new float[width];
        this.zeros = new float[sizes.kept()];
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
        for (int n = 0; n < sizes.sequences(); n++) {
            products.put(n * gate.length, rows.u, (n * sizes.steps() + t) * gate.length, summed());
            products.put(n * gate.length + summed(), zeros, 0, gate.length - summed());
        }
        product.run();
        switch (cell) {
            case TANH, RELU -> bent.put(0, products, 0, sizes.sequences() * width);
            case LSTM -> {
                for (int n = 0; n < sizes.sequences(); n++) {
                    bent.put(n * width, products, n * gate.length + 2 * width, width);
                }
                tangent.run();
                logistic.run();
                for (int n = 0; n < sizes.sequences(); n++) {
                    if (Recurrent.isThere(rows.lengths, n, t)) {
                        remember(n, t);
                    }
                }
            }
            case GRU -> {
                for (int n = 0; n < sizes.sequences(); n++) {
                    products.get(n * gate.length + 2 * width, q, n * width, width);
                }
                logistic.run();
                for (int n = 0; n < sizes.sequences(); n++) {
                    reset(n, t);
                }
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

    /** How many products of the input those of the state are added to. */
    private int summed() {
        return cell == RecurrentCell.GRU ? 2 * width : gate.length;
    }

    /** c after a step, and its place where the tangent is taken. */
    private void remember(int n, int t) {
        int first = n * width;
        products.get(n * gate.length, gate, 0, gate.length);
        bent.get(first, tanh, 0, width);
        if (rows.kept != null) {
            int at = (n * sizes.steps() + t) * zeros.length;
            System.arraycopy(tanh, 0, gate, 2 * width, width);
            rows.kept.put(at, gate, 0, gate.length);
        }
        for (int k = 0; k < width; k++) {
            c[first + k] = gate[width + k] * c[first + k] + gate[k] * tanh[k];
        }
        bent.put(first, c, first, width);
    }

    /** The new gate before its function. */
    private void reset(int n, int t) {
        int first = n * width;
        products.get(n * gate.length, gate, 0, 2 * width);
        rows.u.get((n * sizes.steps() + t) * gate.length + 2 * width, tanh, 0, width);
        for (int k = 0; k < width; k++) {
            tanh[k] += gate[k] * q[first + k];
        }
        bent.put(first, tanh, 0, width);
    }

    /** The new state of a sequence. */
    private void end(int n, int t) {
        int first = n * width;
        int at = (n * sizes.steps() + t) * zeros.length;
        bent.get(first, tanh, 0, width);
        switch (cell) {
            case TANH -> System.arraycopy(tanh, 0, h, first, width);
            case RELU -> {
                for (int k = 0; k < width; k++) {
                    h[first + k] = Math.max(tanh[k], 0);
                }
            }
            case LSTM -> {
                products.get(n * gate.length + 3 * width, gate, 0, width);
                for (int k = 0; k < width; k++) {
                    h[first + k] = gate[k] * tanh[k];
                }
                if (rows.kept != null) {
                    rows.kept.put(at + 4 * width, c, first, width);
                    rows.kept.put(at + 5 * width, tanh, 0, width);
                }
            }
            case GRU -> {
                products.get(n * gate.length, gate, 0, 2 * width);
                for (int k = 0; k < width; k++) {
                    h[first + k] = tanh[k] + gate[width + k] * (h[first + k] - tanh[k]);
                }
                if (rows.kept != null) {
                    rows.kept.put(at, gate, 0, 2 * width);
                    rows.kept.put(at + 2 * width, tanh, 0, width);
                    rows.kept.put(at + 3 * width, q, first, width);
                }
            }
        }
        rows.y.put((n * sizes.steps() + t) * width, h, first, width);
        if (rows.kept != null && zeros.length == width) {
            rows.kept.put(at, h, first, width);
        }
    }

    /** What is behind the end of a sequence. */
    private void skip(int n, int t) {
        rows.y.put((n * sizes.steps() + t) * width, zeros, 0, width);
        if (rows.kept != null) {
            rows.kept.put((n * sizes.steps() + t) * zeros.length, zeros, 0, zeros.length);
        }
    }

    @Override
    public void close() {
        product.close();
        logistic.close();
        tangent.close();
    }
}
