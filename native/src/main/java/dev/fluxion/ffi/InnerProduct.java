package dev.fluxion.ffi;

import org.bytedeco.dnnl.global.dnnl;
import org.jspecify.annotations.Nullable;

/**
 * A fully connected product: every output is a weighted sum of all of a row's inputs, whatever their dimensions.
 *
 * <p>Arguments as for {@link Convolution}.
 *
 * @param pass which computation
 * @param source {@code [n, c]} or {@code [n, c, spatial…]}
 * @param weights {@code [o, c]} or {@code [o, c, spatial…]}
 * @param bias {@code [o]}, or null
 * @param destination {@code [n, o]}
 * @param postOps what follows, in the forward passes
 */
public record InnerProduct(
        Pass pass, Layout source, Layout weights, @Nullable Layout bias, Layout destination, PostOps postOps)
        implements Operation {

    /** A forward product for inference without bias and post-ops. */
    public static InnerProduct of(Layout source, Layout weights, Layout destination) {
        return new InnerProduct(Pass.INFERENCE, source, weights, null, destination, PostOps.NONE);
    }

    /** The same product in another pass. */
    public InnerProduct pass(Pass pass) {
        return new InnerProduct(pass, source, weights, bias, destination, postOps);
    }

    /** The same product with a bias, or without one if null. */
    public InnerProduct bias(@Nullable Layout bias) {
        return new InnerProduct(pass, source, weights, bias, destination, postOps);
    }

    /** The same product with these post-ops. */
    public InnerProduct postOps(PostOps postOps) {
        return new InnerProduct(pass, source, weights, bias, destination, postOps);
    }

    @Override
    public Recipe recipe() {
        String what = "inner product " + Text.lower(pass);
        return switch (pass) {
            case INFERENCE, TRAINING ->
                new Recipe(
                                what,
                                (pd, with) -> dnnl.dnnl_inner_product_forward_primitive_desc_create(
                                        pd,
                                        NativeLibrary.engine(),
                                        pass.code(),
                                        with.descriptor(source),
                                        with.descriptor(weights),
                                        with.descriptor(bias),
                                        with.descriptor(destination),
                                        with.attributes()))
                        .arg(Arg.SOURCE, source)
                        .arg(Arg.WEIGHTS, weights)
                        .arg(Arg.BIAS, bias)
                        .arg(Arg.DESTINATION, destination);
            case BACKWARD ->
                new Recipe(
                                what,
                                (pd, with) -> dnnl.dnnl_inner_product_backward_data_primitive_desc_create(
                                        pd,
                                        NativeLibrary.engine(),
                                        with.descriptor(source),
                                        with.descriptor(weights),
                                        with.descriptor(destination),
                                        with.forward(),
                                        with.attributes()))
                        .arg(Arg.DESTINATION_GRADIENT, destination)
                        .arg(Arg.WEIGHTS, weights)
                        .arg(Arg.SOURCE_GRADIENT, source);
            case BACKWARD_WEIGHTS ->
                new Recipe(
                                what,
                                (pd, with) -> dnnl.dnnl_inner_product_backward_weights_primitive_desc_create(
                                        pd,
                                        NativeLibrary.engine(),
                                        with.descriptor(source),
                                        with.descriptor(weights),
                                        with.descriptor(bias),
                                        with.descriptor(destination),
                                        with.forward(),
                                        with.attributes()))
                        .arg(Arg.SOURCE, source)
                        .arg(Arg.DESTINATION_GRADIENT, destination)
                        .arg(Arg.WEIGHTS_GRADIENT, weights)
                        .arg(Arg.BIAS_GRADIENT, bias);
        };
    }
}
