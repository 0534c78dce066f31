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
    /** The gates of a sequence. */
    private final int length;

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
    /** The gates of all sequences, the products of the state for the new gate of a gru, and what goes through the tangent. */
    private final float[] gates;

    private final float[] q;
    private final float[] tanh;
    /** What is kept of a sequence, and zeros. */
    private final float[] row;

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
        this.length = sizes.gates();
        this.gates = new float[sizes.sequences() * sizes.gates()];
        this.q = new float[cell == RecurrentCell.GRU ? all : 0];
        this.tanh = new float[all];
        this.row = new float[sizes.kept()];
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

    /** Few copies cross the boundary of the heap: they are of all sequences at once where these lie together. */
    private void step(int t) {
        state.put(0, h);
        for (int n = 0; n < sizes.sequences(); n++) {
            products.put(n * length, rows.u, (n * sizes.steps() + t) * length, summed());
            products.put(n * length + summed(), zeros, 0, length - summed());
        }
        product.run();
        switch (cell) {
            case TANH, RELU -> bent.put(0, products, 0, tanh.length);
            case LSTM -> remember(t);
            case GRU -> reset(t);
        }
        if (cell != RecurrentCell.RELU) {
            tangent.run();
        }
        bent.get(0, tanh);
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
        return cell == RecurrentCell.GRU ? 2 * width : length;
    }

    /** The gates, c after a step, and its place where the tangent is taken. */
    private void remember(int t) {
        for (int n = 0; n < sizes.sequences(); n++) {
            bent.put(n * width, products, n * length + 2 * width, width);
        }
        tangent.run();
        logistic.run();
        products.get(0, gates);
        bent.get(0, tanh);
        for (int n = 0; n < sizes.sequences(); n++) {
            int first = n * width;
            int gate = n * length;
            if (rows.kept != null) {
                System.arraycopy(tanh, first, gates, gate + 2 * width, width);
            }
            if (Recurrent.isThere(rows.lengths, n, t)) {
                for (int k = 0; k < width; k++) {
                    c[first + k] = gates[gate + width + k] * c[first + k] + gates[gate + k] * tanh[first + k];
                }
            }
        }
        bent.put(0, c);
    }

    /** The new gate before its function. */
    private void reset(int t) {
        for (int n = 0; n < sizes.sequences(); n++) {
            products.get(n * length + 2 * width, q, n * width, width);
        }
        logistic.run();
        products.get(0, gates);
        for (int n = 0; n < sizes.sequences(); n++) {
            int first = n * width;
            int gate = n * length;
            rows.u.get((n * sizes.steps() + t) * length + 2 * width, tanh, first, width);
            for (int k = 0; k < width; k++) {
                tanh[first + k] += gates[gate + k] * q[first + k];
            }
        }
        bent.put(0, tanh);
    }

    /** The new state of a sequence. */
    private void end(int n, int t) {
        int first = n * width;
        int gate = n * length;
        switch (cell) {
            case TANH -> System.arraycopy(tanh, first, h, first, width);
            case RELU -> {
                for (int k = 0; k < width; k++) {
                    h[first + k] = Math.max(tanh[first + k], 0);
                }
            }
            case LSTM -> {
                for (int k = 0; k < width; k++) {
                    h[first + k] = gates[gate + 3 * width + k] * tanh[first + k];
                }
            }
            case GRU -> {
                for (int k = 0; k < width; k++) {
                    float fresh = tanh[first + k];
                    h[first + k] = fresh + gates[gate + width + k] * (h[first + k] - fresh);
                }
            }
        }
        rows.y.put((n * sizes.steps() + t) * width, h, first, width);
        if (rows.kept != null) {
            keep(rows.kept, n, t);
        }
    }

    private void keep(FloatBuffer kept, int n, int t) {
        int first = n * width;
        switch (cell) {
            case TANH, RELU -> System.arraycopy(h, first, row, 0, width);
            case LSTM -> {
                System.arraycopy(gates, n * length, row, 0, length);
                System.arraycopy(c, first, row, length, width);
                System.arraycopy(tanh, first, row, length + width, width);
            }
            case GRU -> {
                System.arraycopy(gates, n * length, row, 0, 2 * width);
                System.arraycopy(tanh, first, row, 2 * width, width);
                System.arraycopy(q, first, row, 3 * width, width);
            }
        }
        kept.put((n * sizes.steps() + t) * row.length, row, 0, row.length);
    }

    /** What is behind the end of a sequence. */
    private void skip(int n, int t) {
        rows.y.put((n * sizes.steps() + t) * width, zeros, 0, width);
        if (rows.kept != null) {
            rows.kept.put((n * sizes.steps() + t) * zeros.length, zeros, 0, zeros.length);
        }
    }
}
