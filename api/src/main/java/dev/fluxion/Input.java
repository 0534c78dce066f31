package dev.fluxion;

import dev.fluxion.ir.DType;
import dev.fluxion.ir.Expr;
import dev.fluxion.ir.Given;
import dev.fluxion.ir.Leaf;
import dev.fluxion.ir.Shape;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * A named input of a model, whose values come with each batch: {@code Input.ints("ids", 128)}. Extents of its samples may
 * differ from batch to batch: {@code Input.ints("ids", 512).varies(0, "T")} takes sequences of up to 512 tokens.
 *
 * @param name the name, by which layers and callers refer to it
 * @param type its element type
 * @param sample the shape of one sample, without the batch axis; the largest one, if extents vary
 * @param varying the axes of a sample whose extents vary, with the names of these extents
 * @param infinite whether infinities are allowed, as in masks that are added to logits
 */
public record Input(String name, DType type, Shape sample, Map<Integer, String> varying, boolean infinite) {
    /** Checks that there is a name, and that what varies is there and not 0. */
    public Input {
        if (Given.require("Input", "the name", name).isBlank()) {
            throw new IllegalArgumentException(Errors.blankName("an input"));
        }
        Given.require("Input", "the type", type);
        Given.require("Input", "the shape of a sample", sample);
        for (Map.Entry<Integer, String> extent :
                Given.require("Input", "what varies", varying).entrySet()) {
            Given.require("Input", "an axis that varies", extent.getKey());
            Given.require("Input", "the name of an extent", extent.getValue());
        }
        varying = Collections.unmodifiableMap(new TreeMap<>(varying));
        for (Map.Entry<Integer, String> extent : varying.entrySet()) {
            int axis = extent.getKey();
            if (axis < 0
                    || axis >= sample.rank()
                    || sample.dim(axis) < 1
                    || extent.getValue().isBlank()) {
                throw new IllegalArgumentException(Errors.badExtent(name, sample, axis, extent.getValue()));
            }
        }
    }

    /**
     * Floating-point numbers.
     *
     * @param sample the extents of one sample, without the batch axis; none for a number
     */
    public static Input floats(String name, int... sample) {
        return new Input(name, DType.FLOAT, Shape.of(sample), Map.of(), false);
    }

    /**
     * Integers, such as token ids, or a mask of zeros and ones.
     *
     * @param sample the extents of one sample, without the batch axis; none for a number
     */
    public static Input ints(String name, int... sample) {
        return new Input(name, DType.INT, Shape.of(sample), Map.of(), false);
    }

    /** This input, ±∞ being allowed; NaN never is. */
    public Input infinite(boolean allowed) {
        return new Input(name, type, sample, varying, allowed);
    }

    /**
     * This input with an extent that may differ from batch to batch, from 1 up to the one in {@link #sample}. Where
     * several extents of a model have the same name, they are equal in each batch.
     *
     * @param axis the axis of a sample, counted from 0 without the batch axis
     * @param extent a name, such as {@code "T"}
     * @throws IllegalArgumentException if there is no such axis, or the name is blank
     */
    public Input varies(int axis, String extent) {
        Map<Integer, String> more = new TreeMap<>(varying);
        more.put(axis, Given.require("varies", "the name of the extent", extent));
        return new Input(name, type, sample, more, infinite);
    }

    /** This input with the extents that a batch has. */
    public Input at(Map<String, Integer> extents) {
        Given.require("at", "the extents", extents);
        Shape own = sample;
        for (Map.Entry<Integer, String> axis : varying.entrySet()) {
            own = own.with(axis.getKey(), extents.getOrDefault(axis.getValue(), sample.dim(axis.getKey())));
        }
        return new Input(name, type, own, Map.of(), infinite);
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
