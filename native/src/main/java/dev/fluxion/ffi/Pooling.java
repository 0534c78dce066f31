package dev.fluxion.ffi;

import java.util.Objects;
import org.bytedeco.dnnl.global.dnnl;
import org.jspecify.annotations.Nullable;

/**
 * Pooling over one to three spatial dimensions.
 *
 * <p>Arguments: forward {@code SOURCE, DESTINATION}, and {@code WORKSPACE} for the maximum in training; backward
 * {@code DESTINATION_GRADIENT, SOURCE_GRADIENT} and that workspace. The maximum ignores NaN.
 *
 * @param pass which computation; not {@link Pass#BACKWARD_WEIGHTS}
 * @param kind what is taken of each place
 * @param source {@code [n, c, spatial…]}
 * @param destination {@code [n, c, places…]}
 * @param window how the kernel moves
 * @param postOps what follows, in the forward passes
 */
public record Pooling(Pass pass, Kind kind, Layout source, Layout destination, Window window, PostOps postOps)
        implements Operation {
    /** What is taken of each place of the kernel. */
    public enum Kind {
        /** The largest element. */
        MAX(dnnl.dnnl_pooling_max),
        /** The mean over the whole kernel, padding included as zeros. */
        PADDED_MEAN(dnnl.dnnl_pooling_avg_include_padding);

        private final int code;

        Kind(int code) {
            this.code = code;
        }
    }

    /** Checks the pass. */
    public Pooling {
        if (pass == Pass.BACKWARD_WEIGHTS) {
            throw new IllegalArgumentException(Errors.pass("pooling", pass));
        }
    }

    /** Forward pooling for inference without post-ops. */
    public static Pooling of(Kind kind, Layout source, Layout destination, Window window) {
        return new Pooling(Pass.INFERENCE, kind, source, destination, window, PostOps.NONE);
    }

    /** The same pooling in another pass. */
    public Pooling pass(Pass pass) {
        return new Pooling(pass, kind, source, destination, window, postOps);
    }

    /** The same pooling with these post-ops. */
    public Pooling postOps(PostOps postOps) {
        return new Pooling(pass, kind, source, destination, window, postOps);
    }

    @Override
    public boolean equals(@Nullable Object o) {
        return o instanceof Pooling that
                && pass == that.pass
                && kind == that.kind
                && source.equals(that.source)
                && destination.equals(that.destination)
                && window.equals(that.window)
                && postOps.equals(that.postOps);
    }

    @Override
    public int hashCode() {
        return Objects.hash(pass, kind, source, destination, window, postOps);
    }

    @Override
    public Recipe recipe() {
        long[] stride = Window.array(window.stride());
        long[] kernel = Window.array(window.kernel());
        long[] gaps = window.gaps();
        long[] before = Window.array(window.before());
        long[] after = Window.array(window.after());
        String what = Text.lower(kind) + " pooling " + Text.lower(pass) + " " + window;
        if (pass.isForward()) {
            return new Recipe(
                            what,
                            (pd, with) -> dnnl.dnnl_pooling_forward_primitive_desc_create(
                                    pd,
                                    NativeLibrary.engine(),
                                    pass.code(),
                                    kind.code,
                                    with.descriptor(source),
                                    with.descriptor(destination),
                                    stride,
                                    kernel,
                                    gaps,
                                    before,
                                    after,
                                    with.attributes()))
                    .arg(Arg.SOURCE, source)
                    .arg(Arg.DESTINATION, destination);
        }
        return new Recipe(
                        what,
                        (pd, with) -> dnnl.dnnl_pooling_backward_primitive_desc_create(
                                pd,
                                NativeLibrary.engine(),
                                kind.code,
                                with.descriptor(source),
                                with.descriptor(destination),
                                stride,
                                kernel,
                                gaps,
                                before,
                                after,
                                with.forward(),
                                with.attributes()))
                .after(new Pooling(Pass.TRAINING, kind, source, destination, window, PostOps.NONE))
                .arg(Arg.DESTINATION_GRADIENT, destination)
                .arg(Arg.SOURCE_GRADIENT, source);
    }
}
