package dev.fluxion.engine.kernel;

import dev.fluxion.engine.plan.Buffer;
import dev.fluxion.engine.plan.Step;
import dev.fluxion.ir.RecurrentCell;
import java.nio.FloatBuffer;
import java.nio.IntBuffer;
import java.util.Optional;
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
    /** The gates of a sequence, and what is given of one in a step. */
    private final int length;

    private final int size;

    /** Makes the products of the input, if they are not given. */
    private final Optional<Step.Kernel> input;

    private final Step.Kernel product;
    private final Step.Kernel logistic;
    private final Step.Kernel tangent;
    private final IntFunction<Rows> tiles;
    private final FloatBuffer state;
    private final FloatBuffer given;
    private final FloatBuffer products;
    private final FloatBuffer bent;
    /** The state of all sequences. */
    private final float[] h;
    /**
     * What the cell keeps of a step, one array for each kind of number: loops that read all arrays at one index are compiled to vectors.
     * That of a state holds it from step to step.
     */
    private final float[][] kept;

    /** The new state before what is left of it is known. */
    private final float[] fresh;

    private final float[] zeros;
    private final Loop remember = this::remember;
    private final Loop finish = this::finish;
    private Rows rows;

    /** What is computed of neighbouring elements. */
    private interface Loop {
        void of(int from, int to);
    }

    /** Where the sequences of a tile lie. What nobody reads is null. */
    private record Rows(
            FloatBuffer given,
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
            Buffer given,
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
                    places.of(given).floats(),
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
        this.input = kernels.input().map(step -> places.kernel(step.binder()));
        this.product = places.kernel(kernels.product().binder());
        this.logistic = places.kernel(kernels.logistic().binder());
        this.tangent = places.kernel(kernels.tangent().binder());
        this.tiles = places.each(operands::at);
        this.rows = tiles.apply(0);
        this.state = places.of(scratch.state()).floats();
        this.given = places.of(scratch.given()).floats();
        this.size = (int) scratch.given().layout().dims()[1];
        this.products = places.of(scratch.products()).floats();
        this.bent = places.of(scratch.tangent()).floats();
        this.length = sizes.gates();
        this.h = new float[sizes.sequences() * width];
        this.kept = cell.gates() == 1 ? new float[][] {h} : new float[cell.kept()][h.length];
        this.fresh = new float[h.length];
        this.zeros = new float[h.length];
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
            rows.c0.get(0, kept[Recurrent.C]);
        }
        for (int i = 0; i < sizes.steps(); i++) {
            step(sizes.step(i));
        }
        rows.h.put(0, h);
        if (rows.c != null) {
            rows.c.put(0, kept[Recurrent.C]);
        }
    }

    /** Few copies cross the boundary of the heap: they are of all sequences at once where these lie together. */
    private void step(int t) {
        state.put(0, h);
        for (int n = 0; n < sizes.sequences(); n++) {
            given.put(n * size, rows.given, sizes.at(n, t) * size, size);
        }
        input.ifPresent(Step.Kernel::run);
        if (cell == RecurrentCell.GRU) {
            setApart();
        }
        product.run();
        if (rows.before != null) {
            put(rows.before, 1, 0, h, 0, sizes.sequences(), t);
        }
        switch (cell) {
            case TANH, RELU -> bend();
            case LSTM -> bendGates(t);
            case GRU -> reset();
        }
        each(t, finish);
        write(t);
    }

    /** Runs a loop over the elements of sequences that have a step. */
    private void each(int t, Loop loop) {
        int next;
        for (int n = 0; n < sizes.sequences(); n = next) {
            next = sizes.end(rows.lengths, n, t);
            if (Recurrent.isThere(rows.lengths, n, t)) {
                loop.of(n * width, next * width);
            }
        }
    }

    /** Writes the results of a step. */
    private void write(int t) {
        int next;
        for (int n = 0; n < sizes.sequences(); n = next) {
            next = sizes.end(rows.lengths, n, t);
            boolean isThere = Recurrent.isThere(rows.lengths, n, t);
            put(rows.y, 1, 0, isThere ? h : zeros, n, next, t);
            for (int i = 0; rows.kept != null && i < kept.length; i++) {
                put(rows.kept, kept.length, i, isThere ? kept[i] : zeros, n, next, t);
            }
        }
    }

    /** Leaves the products of the state for the new gate by themselves. */
    private void setApart() {
        gate(2, fresh);
        for (int n = 0; n < sizes.sequences(); n++) {
            products.put(n * length + 2 * width, zeros, 0, width);
        }
    }

    /** What one of the gates of all sequences is. */
    private void gate(int number, float[] to) {
        for (int n = 0; n < sizes.sequences(); n++) {
            products.get(n * length + number * width, to, n * width, width);
        }
    }

    /** Writes some sequences' part of what is kept of each step in so many parts. */
    private void put(FloatBuffer to, int parts, int part, float[] from, int first, int end, int t) {
        for (int n = first; n < end; n++) {
            to.put((sizes.at(n, t) * parts + part) * width, from, n * width, width);
        }
    }

    private void bend() {
        bent.put(0, products, 0, fresh.length);
        if (cell == RecurrentCell.TANH) {
            tangent.run();
        }
        bent.get(0, fresh);
    }

    /** The gates, c behind a step, and its tangent. */
    private void bendGates(int t) {
        for (int n = 0; n < sizes.sequences(); n++) {
            bent.put(n * width, products, n * length + 2 * width, width);
        }
        tangent.run();
        logistic.run();
        gate(0, kept[0]);
        gate(1, kept[1]);
        bent.get(0, kept[2]);
        gate(3, kept[3]);
        each(t, remember);
        bent.put(0, kept[Recurrent.C]);
        tangent.run();
        bent.get(0, kept[5]);
    }

    private void remember(int from, int to) {
        float[] i = kept[0];
        float[] f = kept[1];
        float[] g = kept[2];
        float[] c = kept[Recurrent.C];
        for (int k = from; k < to; k++) {
            c[k] = f[k] * c[k] + i[k] * g[k];
        }
    }

    /** The gates; the last one is the new state. */
    private void reset() {
        gate(2, kept[3]);
        logistic.run();
        gate(0, kept[0]);
        gate(1, kept[1]);
        float[] r = kept[0];
        float[] q = kept[3];
        for (int k = 0; k < fresh.length; k++) {
            fresh[k] += r[k] * q[k];
        }
        bent.put(0, fresh);
        tangent.run();
        bent.get(0, kept[2]);
    }

    /** The new state. */
    private void finish(int from, int to) {
        switch (cell) {
            case TANH -> System.arraycopy(fresh, from, h, from, to - from);
            case RELU -> {
                for (int k = from; k < to; k++) {
                    h[k] = Math.max(fresh[k], 0);
                }
            }
            case LSTM -> {
                float[] o = kept[3];
                float[] tanh = kept[5];
                for (int k = from; k < to; k++) {
                    h[k] = o[k] * tanh[k];
                }
            }
            case GRU -> {
                float[] z = kept[1];
                float[] n = kept[2];
                for (int k = from; k < to; k++) {
                    h[k] = n[k] + z[k] * (h[k] - n[k]);
                }
            }
        }
    }
}
