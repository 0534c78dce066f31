package dev.fluxion.ffi;

import org.bytedeco.dnnl.global.dnnl;

/**
 * Reduces every dimension that has size 1 in the destination and more in the source.
 *
 * <p>Arguments: {@code SOURCE, DESTINATION}.
 *
 * @param kind how elements are put together
 * @param source the tensor
 * @param destination a tensor of the same rank
 * @param postOps what follows
 */
public record Reduction(Kind kind, Layout source, Layout destination, PostOps postOps) implements Operation {
    /** How elements are put together. */
    public enum Kind {
        /** Their sum. */
        SUM(dnnl.dnnl_reduction_sum),
        /** Their mean. */
        MEAN(dnnl.dnnl_reduction_mean),
        /** The largest. */
        MAX(dnnl.dnnl_reduction_max),
        /** The smallest. */
        MIN(dnnl.dnnl_reduction_min),
        /** Their product. */
        PRODUCT(dnnl.dnnl_reduction_mul);

        private final int code;

        Kind(int code) {
            this.code = code;
        }
    }

    /** A reduction without post-ops. */
    public static Reduction of(Kind kind, Layout source, Layout destination) {
        return new Reduction(kind, source, destination, PostOps.NONE);
    }

    /** The same reduction with these post-ops. */
    public Reduction postOps(PostOps postOps) {
        return new Reduction(kind, source, destination, postOps);
    }

    @Override
    public Recipe recipe() {
        return new Recipe(
                        "reduction " + Text.lower(kind),
                        (pd, with) -> dnnl.dnnl_reduction_primitive_desc_create(
                                pd,
                                NativeLibrary.engine(),
                                kind.code,
                                with.descriptor(source),
                                with.descriptor(destination),
                                0,
                                0,
                                with.attributes()))
                .arg(Arg.SOURCE, source)
                .arg(Arg.DESTINATION, destination);
    }
}
