package dev.fluxion.engine.kernel;

import dev.fluxion.engine.plan.Buffer;
import dev.fluxion.engine.plan.Step;
import dev.fluxion.ffi.Layout;
import dev.fluxion.ir.RecurrentCell;
import java.nio.FloatBuffer;
import java.nio.IntBuffer;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The extents of a recurrence.
 *
 * @param cell its cell
 * @param backwards whether steps are taken from the last to the first
 * @param sequences the number of sequences
 * @param steps the number of steps
 * @param width the extent of a state
 */
public record Recurrent(RecurrentCell cell, boolean backwards, int sequences, int steps, int width) {
    /** The name of the kernels. */
    public static final String NAME = "java:recurrent";

    /** Which of what an lstm keeps is c. */
    static final int C = 4;

    /**
     * The kernels that a recurrence is made of besides Java, on room of its own.
     *
     * @param input makes the products of the input in a step, if they are not given
     * @param product adds those of the state
     */
    public record Native(Optional<Step> input, Step product, Step logistic, Step tangent) {}

    /**
     * Room for a step.
     *
     * @param state what is multiplied with the weights
     * @param given where a step of what is given of the input is brought: products, or what they are made of
     * @param products to what the result is added; then what goes through the logistic function, in place
     * @param tangent what goes through the hyperbolic tangent, in place
     */
    public record Scratch(Buffer state, Buffer given, Buffer products, Buffer tangent) {
        /** All of it. */
        public List<Buffer> all() {
            return Stream.of(state, given, products, tangent).distinct().toList();
        }
    }

    /** The same for so many sequences. */
    public Recurrent of(int some) {
        return new Recurrent(cell, backwards, some, steps, width);
    }

    /** The layout of a state of all sequences. */
    public Layout state() {
        return Layout.plain(sequences, width);
    }

    /** The layout of the products of all sequences in a step. */
    public Layout products() {
        return Layout.plain(sequences, (long) cell.gates() * width);
    }

    /** The elements of the products of a sequence in a step. */
    int gates() {
        return cell.gates() * width;
    }

    /** The step that is taken as the given one. */
    int step(int number) {
        return backwards ? steps - 1 - number : number;
    }

    /** Whether a sequence has a step. */
    static boolean isThere(@Nullable IntBuffer lengths, int sequence, int step) {
        return lengths == null || step < lengths.get(sequence);
    }

    /** Behind which sequence those end that have a step, or all lack it, as the given one does or does not. */
    int end(@Nullable IntBuffer lengths, int sequence, int step) {
        boolean isThere = isThere(lengths, sequence, step);
        int end = sequence + 1;
        while (end < sequences && isThere(lengths, end, step) == isThere) {
            end++;
        }
        return end;
    }

    /** Where a step of a sequence lies among those of all sequences. */
    int at(int sequence, int step) {
        return sequence * steps + step;
    }

    static @Nullable FloatBuffer floats(Step.Places places, @Nullable Buffer buffer) {
        return buffer == null ? null : places.of(buffer).floats();
    }

    static @Nullable IntBuffer ints(Step.Places places, @Nullable Buffer buffer) {
        return buffer == null ? null : places.of(buffer).ints();
    }
}
