package dev.fluxion.ffi;

import java.util.Objects;
import org.bytedeco.dnnl.global.dnnl;
import org.jspecify.annotations.Nullable;

/**
 * Convolution (cross-correlation) over one to three spatial dimensions.
 *
 * <p>Arguments: forward {@code SOURCE, WEIGHTS, BIAS, DESTINATION}; backward {@code DESTINATION_GRADIENT, WEIGHTS,
 * SOURCE_GRADIENT}; backward weights {@code SOURCE, DESTINATION_GRADIENT, WEIGHTS_GRADIENT, BIAS_GRADIENT}.
 *
 * @param pass which computation
 * @param source {@code [n, c, spatial…]}
 * @param weights {@code [o, c, kernel…]}, or {@code [g, o/g, c/g, kernel…]} for a grouped convolution
 * @param bias {@code [o]}, or null
 * @param destination {@code [n, o, places…]}
 * @param window how the kernel moves
 * @param postOps what follows, in the forward passes
 */
public record Convolution(
        Pass pass,
        Layout source,
        Layout weights,
        @Nullable Layout bias,
        Layout destination,
        Window window,
        PostOps postOps)
        implements Operation {

    /** A forward convolution for inference without bias and post-ops. */
    public static Convolution of(Layout source, Layout weights, Layout destination, Window window) {
        return new Convolution(Pass.INFERENCE, source, weights, null, destination, window, PostOps.NONE);
    }

    /** The same convolution of tensors in other layouts. */
    public Convolution layouts(Layout newSource, Layout newDestination) {
        return new Convolution(pass, newSource, weights, bias, newDestination, window, postOps);
    }

    /** The same convolution in another pass. */
    public Convolution pass(Pass pass) {
        return new Convolution(pass, source, weights, bias, destination, window, postOps);
    }

    /** The same convolution with a bias, or without one if null. */
    public Convolution bias(@Nullable Layout bias) {
        return new Convolution(pass, source, weights, bias, destination, window, postOps);
    }

    /** The same convolution with these post-ops. */
    public Convolution postOps(PostOps postOps) {
        return new Convolution(pass, source, weights, bias, destination, window, postOps);
    }

    @Override
    public boolean equals(@Nullable Object o) {
        return o instanceof Convolution that
                && pass == that.pass
                && source.equals(that.source)
                && weights.equals(that.weights)
                && Objects.equals(bias, that.bias)
                && destination.equals(that.destination)
                && window.equals(that.window)
                && postOps.equals(that.postOps);
    }

    @Override
    public int hashCode() {
        return Objects.hash(pass, source, weights, bias, destination, window, postOps);
    }

    @Override
    public Recipe recipe() {
        long[] stride = Window.array(window.stride());
        long[] gaps = window.gaps();
        long[] before = Window.array(window.before());
        long[] after = Window.array(window.after());
        String what = "convolution " + Text.lower(pass) + " " + window;
        return switch (pass) {
            case INFERENCE, TRAINING ->
                new Recipe(
                                what,
                                (pd, with) -> dnnl.dnnl_convolution_forward_primitive_desc_create(
                                        pd,
                                        NativeLibrary.engine(),
                                        pass.code(),
                                        dnnl.dnnl_convolution_direct,
                                        with.descriptor(source),
                                        with.descriptor(weights),
                                        with.descriptor(bias),
                                        with.descriptor(destination),
                                        stride,
                                        gaps,
                                        before,
                                        after,
                                        with.attributes()))
                        .arg(Arg.SOURCE, source)
                        .arg(Arg.WEIGHTS, weights)
                        .arg(Arg.BIAS, bias)
                        .arg(Arg.DESTINATION, destination);
            case BACKWARD ->
                new Recipe(
                                what,
                                (pd, with) -> dnnl.dnnl_convolution_backward_data_primitive_desc_create(
                                        pd,
                                        NativeLibrary.engine(),
                                        dnnl.dnnl_convolution_direct,
                                        with.descriptor(source),
                                        with.descriptor(weights),
                                        with.descriptor(destination),
                                        stride,
                                        gaps,
                                        before,
                                        after,
                                        with.forward(),
                                        with.attributes()))
                        .arg(Arg.DESTINATION_GRADIENT, destination)
                        .arg(Arg.WEIGHTS, weights)
                        .arg(Arg.SOURCE_GRADIENT, source);
            case BACKWARD_WEIGHTS ->
                new Recipe(
                                what,
                                (pd, with) -> dnnl.dnnl_convolution_backward_weights_primitive_desc_create(
                                        pd,
                                        NativeLibrary.engine(),
                                        dnnl.dnnl_convolution_direct,
                                        with.descriptor(source),
                                        with.descriptor(weights),
                                        with.descriptor(bias),
                                        with.descriptor(destination),
                                        stride,
                                        gaps,
                                        before,
                                        after,
                                        with.forward(),
                                        with.attributes()))
                        .arg(Arg.SOURCE, source)
                        .arg(Arg.DESTINATION_GRADIENT, destination)
                        .arg(Arg.WEIGHTS_GRADIENT, weights)
                        .arg(Arg.BIAS_GRADIENT, bias);
        };
    }
}
