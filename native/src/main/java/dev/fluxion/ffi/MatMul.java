package dev.fluxion.ffi;

import java.util.Objects;
import org.bytedeco.dnnl.global.dnnl;
import org.jspecify.annotations.Nullable;

/**
 * A product of matrices, or of batches of matrices. A transposed operand is a strided layout.
 *
 * <p>Arguments: {@code SOURCE, WEIGHTS, BIAS, DESTINATION}.
 *
 * @param left {@code [batch…, m, k]}
 * @param right {@code [batch…, k, n]}; batch dimensions of size 1 are broadcast
 * @param bias {@code [1…, 1, n]} or any shape that broadcasts to the result, or null
 * @param destination {@code [batch…, m, n]}
 * @param postOps what follows
 */
public record MatMul(Layout left, Layout right, @Nullable Layout bias, Layout destination, PostOps postOps)
        implements Operation {

    /** A product without bias and post-ops. */
    public static MatMul of(Layout left, Layout right, Layout destination) {
        return new MatMul(left, right, null, destination, PostOps.NONE);
    }

    /** The same product with a bias, or without one if null. */
    public MatMul bias(@Nullable Layout bias) {
        return new MatMul(left, right, bias, destination, postOps);
    }

    /** The same product with these post-ops. */
    public MatMul postOps(PostOps postOps) {
        return new MatMul(left, right, bias, destination, postOps);
    }

    @Override
    public boolean equals(@Nullable Object o) {
        return o instanceof MatMul that
                && left.equals(that.left)
                && right.equals(that.right)
                && Objects.equals(bias, that.bias)
                && destination.equals(that.destination)
                && postOps.equals(that.postOps);
    }

    @Override
    public int hashCode() {
        return Objects.hash(left, right, bias, destination, postOps);
    }

    @Override
    public Recipe recipe() {
        return new Recipe(
                        "matmul",
                        (pd, with) -> dnnl.dnnl_matmul_primitive_desc_create(
                                pd,
                                NativeLibrary.engine(),
                                with.descriptor(left),
                                with.descriptor(right),
                                with.descriptor(bias),
                                with.descriptor(destination),
                                with.attributes()))
                .arg(Arg.SOURCE, left)
                .arg(Arg.WEIGHTS, right)
                .arg(Arg.BIAS, bias)
                .arg(Arg.DESTINATION, destination);
    }
}
