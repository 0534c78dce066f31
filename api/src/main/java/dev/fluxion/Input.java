package dev.fluxion;

import dev.fluxion.ir.DType;
import dev.fluxion.ir.Expr;
import dev.fluxion.ir.Given;
import dev.fluxion.ir.Leaf;
import dev.fluxion.ir.Shape;
import java.util.List;

/**
 * A named input of a model, whose values come with each batch: {@code Input.ints("ids", 128)}.
 *
 * @param name the name, by which layers and callers refer to it
 * @param type its element type
 * @param sample the shape of one sample, without the batch axis
 * @param infinite whether infinities are allowed, as in masks that are added to logits
 */
public record Input(String name, DType type, Shape sample, boolean infinite) {
    /** Checks that there is a name. */
    public Input {
        if (Given.require("Input", "the name", name).isBlank()) {
            throw new IllegalArgumentException(Errors.blankName("an input"));
        }
        Given.require("Input", "the type", type);
        Given.require("Input", "the shape of a sample", sample);
    }

    /**
     * Floating-point numbers.
     *
     * @param sample the extents of one sample, without the batch axis; none for a number
     */
    public static Input floats(String name, int... sample) {
        return new Input(name, DType.FLOAT, Shape.of(sample), false);
    }

    /**
     * Integers, such as token ids, or a mask of zeros and ones.
     *
     * @param sample the extents of one sample, without the batch axis; none for a number
     */
    public static Input ints(String name, int... sample) {
        return new Input(name, DType.INT, Shape.of(sample), false);
    }

    /** This input, ±∞ being allowed; NaN never is. */
    public Input infinite(boolean allowed) {
        return new Input(name, type, sample, allowed);
    }

    /** The shape of a batch. */
    public Shape batched(int batch) {
        int[] dims = new int[sample.rank() + 1];
        dims[0] = batch;
        System.arraycopy(sample.dims(), 0, dims, 1, sample.rank());
        return Shape.of(dims);
    }

    /** The expression of a batch. */
    public Expr expr(int batch) {
        return new Expr(new Leaf.Input(name, batched(batch), type, infinite), List.of());
    }
}
