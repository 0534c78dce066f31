package dev.fluxion.ffi;

import org.bytedeco.dnnl.global.dnnl;

/**
 * A function of two tensors, element by element. Dimensions of size 1 on the right are broadcast.
 *
 * <p>Arguments: {@code SOURCE, RIGHT, DESTINATION}. The source and the destination may be the same slice.
 *
 * @param function the function
 * @param left the left operand, of the shape of the result
 * @param right the right operand
 * @param destination the result
 * @param postOps what follows
 */
public record Binary(Function function, Layout left, Layout right, Layout destination, PostOps postOps)
        implements Operation {
    /** The functions. */
    public enum Function {
        /** Left plus right. */
        ADD(dnnl.dnnl_binary_add),
        /** Left minus right. */
        SUB(dnnl.dnnl_binary_sub),
        /** Left times right. */
        MUL(dnnl.dnnl_binary_mul);

        private final int code;

        Function(int code) {
            this.code = code;
        }

        int code() {
            return code;
        }
    }

    /** A function of two tensors without post-ops. */
    public static Binary of(Function function, Layout left, Layout right, Layout destination) {
        return new Binary(function, left, right, destination, PostOps.NONE);
    }

    /** The same function with these post-ops. */
    public Binary postOps(PostOps postOps) {
        return new Binary(function, left, right, destination, postOps);
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
                                null,
                                with.descriptor(destination),
                                with.attributes()))
                .arg(Arg.SOURCE, left)
                .arg(Arg.RIGHT, right)
                .arg(Arg.DESTINATION, destination);
    }
}
