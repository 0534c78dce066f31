package dev.fluxion.ffi;

import org.bytedeco.dnnl.global.dnnl;
import org.jspecify.annotations.Nullable;

/**
 * A function of two tensors, element by element. Dimensions of size 1 on the right are broadcast.
 *
 * <p>Arguments: {@code SOURCE, RIGHT, DESTINATION}, and {@code CONDITION} for a selection. The source and the destination
 * may be the same slice.
 *
 * @param function the function
 * @param left the left operand, of the shape of the result
 * @param right the right operand
 * @param condition for {@link Function#SELECT}, bytes of the shape of the result; else null
 * @param destination the result
 * @param postOps what follows
 */
public record Binary(
        Function function,
        Layout left,
        Layout right,
        @Nullable Layout condition,
        Layout destination,
        PostOps postOps) implements Operation {
    /** The functions. Comparisons give 1 or 0. */
    public enum Function {
        /** Left plus right. */
        ADD(dnnl.dnnl_binary_add),
        /** Left minus right. */
        SUBTRACT(dnnl.dnnl_binary_sub),
        /** Left times right. */
        MULTIPLY(dnnl.dnnl_binary_mul),
        /** Left divided by right. */
        DIVIDE(dnnl.dnnl_binary_div),
        /** The larger one. */
        MAX(dnnl.dnnl_binary_max),
        /** The smaller one. */
        MIN(dnnl.dnnl_binary_min),
        /** Whether left is greater or equal. */
        GREATER_OR_EQUAL(dnnl.dnnl_binary_ge),
        /** Whether left is greater. */
        GREATER(dnnl.dnnl_binary_gt),
        /** Whether left is less or equal. */
        LESS_OR_EQUAL(dnnl.dnnl_binary_le),
        /** Whether left is less. */
        LESS(dnnl.dnnl_binary_lt),
        /** Whether they are equal. */
        EQUAL(dnnl.dnnl_binary_eq),
        /** Whether they differ. */
        NOT_EQUAL(dnnl.dnnl_binary_ne),
        /** Left where the condition is not 0, else right. */
        SELECT(dnnl.dnnl_binary_select);

        private final int code;

        Function(int code) {
            this.code = code;
        }

        int code() {
            return code;
        }
    }

    /** Checks that a condition is there exactly when it is needed. */
    public Binary {
        if ((function == Function.SELECT) != (condition != null)) {
            throw new IllegalArgumentException(Errors.condition(function));
        }
    }

    /** A function of two tensors without post-ops. */
    public static Binary of(Function function, Layout left, Layout right, Layout destination) {
        return new Binary(function, left, right, null, destination, PostOps.NONE);
    }

    /** Left where the condition is not 0, else right. */
    public static Binary select(Layout condition, Layout left, Layout right, Layout destination) {
        return new Binary(Function.SELECT, left, right, condition, destination, PostOps.NONE);
    }

    /** The same function with these post-ops. */
    public Binary postOps(PostOps postOps) {
        return new Binary(function, left, right, condition, destination, postOps);
    }

    @Override
    public Recipe recipe() {
        return new Recipe(
                        Text.lower(function),
                        (pd, with) -> dnnl.dnnl_binary_primitive_desc_create_v2(
                                pd,
                                NativeLibrary.engine(),
                                function.code,
                                with.descriptor(left),
                                with.descriptor(right),
                                with.descriptor(condition),
                                with.descriptor(destination),
                                with.attributes()))
                .arg(Arg.SOURCE, left)
                .arg(Arg.RIGHT, right)
                .arg(Arg.CONDITION, condition)
                .arg(Arg.DESTINATION, destination);
    }
}
