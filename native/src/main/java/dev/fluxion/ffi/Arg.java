package dev.fluxion.ffi;

import org.bytedeco.dnnl.global.dnnl;
import org.jspecify.annotations.Nullable;

/**
 * The role of a tensor in a primitive.
 *
 * @param code oneDNN's number of the role
 * @param name the role in words, for messages
 */
public record Arg(int code, String name) {
    /** The source, or the left operand. */
    public static final Arg SOURCE = new Arg(dnnl.DNNL_ARG_SRC, "source");
    /** The right operand of a binary operation. */
    public static final Arg RIGHT = new Arg(dnnl.DNNL_ARG_SRC_1, "right");
    /** The weights, or the right operand of a matrix product. */
    public static final Arg WEIGHTS = new Arg(dnnl.DNNL_ARG_WEIGHTS, "weights");
    /** The bias. */
    public static final Arg BIAS = new Arg(dnnl.DNNL_ARG_BIAS, "bias");
    /** The result. */
    public static final Arg DESTINATION = new Arg(dnnl.DNNL_ARG_DST, "destination");
    /** The gradient with respect to the source. */
    public static final Arg SOURCE_GRADIENT = new Arg(dnnl.DNNL_ARG_DIFF_SRC, "source gradient");
    /** The gradient with respect to the weights. */
    public static final Arg WEIGHTS_GRADIENT = new Arg(dnnl.DNNL_ARG_DIFF_WEIGHTS, "weights gradient");
    /** The gradient with respect to the bias. */
    public static final Arg BIAS_GRADIENT = new Arg(dnnl.DNNL_ARG_DIFF_BIAS, "bias gradient");
    /** The gradient with respect to the result. */
    public static final Arg DESTINATION_GRADIENT = new Arg(dnnl.DNNL_ARG_DIFF_DST, "destination gradient");
    /** What a forward primitive leaves for its backward one. */
    public static final Arg WORKSPACE = new Arg(dnnl.DNNL_ARG_WORKSPACE, "workspace");
    /** Room that a primitive needs while it runs; nothing in it survives the run. */
    public static final Arg SCRATCHPAD = new Arg(dnnl.DNNL_ARG_SCRATCHPAD, "scratchpad");

    /** The tensor of the {@code index}-th post-op, from 0, which must be binary. */
    public static Arg postOp(int index) {
        int base = dnnl.DNNL_ARG_ATTR_MULTIPLE_POST_OP_BASE * (index + 1);
        return new Arg(base | dnnl.DNNL_ARG_SRC_1, "post-op " + index);
    }

    @Override
    public boolean equals(@Nullable Object o) {
        return o instanceof Arg that && code == that.code;
    }

    @Override
    public int hashCode() {
        return code;
    }

    @Override
    public String toString() {
        return name;
    }
}
