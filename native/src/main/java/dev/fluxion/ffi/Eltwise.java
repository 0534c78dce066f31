package dev.fluxion.ffi;

import org.bytedeco.dnnl.global.dnnl;

/**
 * A function of each element.
 *
 * <p>Arguments: forward {@code SOURCE, DESTINATION}, which may be the same slice; backward {@code DESTINATION_GRADIENT,
 * SOURCE_GRADIENT} and {@code SOURCE}, or {@code DESTINATION} for a function {@code …_FROM_RESULT}.
 *
 * @param pass which computation; not {@link Pass#BACKWARD_WEIGHTS}
 * @param function the function
 * @param alpha its first parameter; see {@link Function}
 * @param beta its second parameter
 * @param source the layout of the source and its gradient
 * @param destination the layout of the result and its gradient
 * @param postOps what follows, in the forward passes
 */
public record Eltwise(
        Pass pass, Function function, float alpha, float beta, Layout source, Layout destination, PostOps postOps)
        implements Operation {
    /** The functions; {@code a} and {@code b} are alpha and beta. */
    public enum Function {
        /** {@code x > 0 ? x : a x}; NaN becomes 0. */
        RELU(dnnl.dnnl_eltwise_relu),
        /** {@code tanh x}. */
        TANH(dnnl.dnnl_eltwise_tanh),
        /** {@code x > 0 ? x : a (exp x - 1)}. */
        ELU(dnnl.dnnl_eltwise_elu),
        /** {@code a x + b}. */
        LINEAR(dnnl.dnnl_eltwise_linear),
        /** {@code 1 / (1 + exp(-x))}. */
        LOGISTIC(dnnl.dnnl_eltwise_logistic),
        /** The exponential. */
        EXP(dnnl.dnnl_eltwise_exp),
        /** The Gaussian error linear unit, through the error function. */
        GELU_ERF(dnnl.dnnl_eltwise_gelu_erf),
        /** {@code x / (1 + exp(-a x))}. */
        SWISH(dnnl.dnnl_eltwise_swish),
        /** {@code x max(0, min(1, a x + b))}. */
        HARD_SWISH(dnnl.dnnl_eltwise_hardswish),
        /** {@code x tanh log(1 + exp x)}. */
        MISH(dnnl.dnnl_eltwise_mish),
        /** The Gaussian error linear unit, through the hyperbolic tangent. */
        GELU_TANH(dnnl.dnnl_eltwise_gelu_tanh),
        /** {@code max(a, min(b, x))}; NaN becomes {@code a}. */
        CLIP(dnnl.dnnl_eltwise_clip),
        /** {@link #RELU}, differentiated from its result. */
        RELU_FROM_RESULT(dnnl.dnnl_eltwise_relu_use_dst_for_bwd),
        /** {@link #TANH}, differentiated from its result. */
        TANH_FROM_RESULT(dnnl.dnnl_eltwise_tanh_use_dst_for_bwd),
        /** {@link #ELU}, differentiated from its result. */
        ELU_FROM_RESULT(dnnl.dnnl_eltwise_elu_use_dst_for_bwd),
        /** {@link #LOGISTIC}, differentiated from its result. */
        LOGISTIC_FROM_RESULT(dnnl.dnnl_eltwise_logistic_use_dst_for_bwd),
        /** {@code max(a, min(b, x))}, differentiated from its result: 1 between the bounds and for NaN, 0 at them and beyond. */
        CLIP_FROM_RESULT(dnnl.dnnl_eltwise_clip_v2_use_dst_for_bwd);

        private final int code;

        Function(int code) {
            this.code = code;
        }

        int code() {
            return code;
        }

        /** Whether the backward pass reads the result instead of the source. */
        public boolean isFromResult() {
            return code >= dnnl.dnnl_eltwise_relu_use_dst_for_bwd;
        }
    }

    /** Checks the pass. */
    public Eltwise {
        if (pass == Pass.BACKWARD_WEIGHTS) {
            throw new IllegalArgumentException(Errors.pass("eltwise", pass));
        }
    }

    /** A forward function for inference, both tensors in the same layout, without post-ops. */
    public static Eltwise of(Function function, float alpha, float beta, Layout layout) {
        return new Eltwise(Pass.INFERENCE, function, alpha, beta, layout, layout, PostOps.NONE);
    }

    /** The same function in another pass. */
    public Eltwise pass(Pass pass) {
        return new Eltwise(pass, function, alpha, beta, source, destination, postOps);
    }

    /** The same function with these post-ops. */
    public Eltwise postOps(PostOps postOps) {
        return new Eltwise(pass, function, alpha, beta, source, destination, postOps);
    }

    @Override
    public Recipe recipe() {
        String what = Text.lower(function) + "(" + alpha + ", " + beta + ") " + Text.lower(pass);
        if (pass.isForward()) {
            return new Recipe(
                            what,
                            (pd, with) -> dnnl.dnnl_eltwise_forward_primitive_desc_create(
                                    pd,
                                    NativeLibrary.engine(),
                                    pass.code(),
                                    function.code,
                                    with.descriptor(source),
                                    with.descriptor(destination),
                                    alpha,
                                    beta,
                                    with.attributes()))
                    .arg(Arg.SOURCE, source)
                    .arg(Arg.DESTINATION, destination);
        }
        Layout data = function.isFromResult() ? destination : source;
        return new Recipe(
                        what,
                        (pd, with) -> dnnl.dnnl_eltwise_backward_primitive_desc_create(
                                pd,
                                NativeLibrary.engine(),
                                function.code,
                                with.descriptor(source),
                                with.descriptor(destination),
                                with.descriptor(data),
                                alpha,
                                beta,
                                with.forward(),
                                with.attributes()))
                .after(new Eltwise(Pass.TRAINING, function, alpha, beta, source, destination, PostOps.NONE))
                .arg(function.isFromResult() ? Arg.DESTINATION : Arg.SOURCE, data)
                .arg(Arg.DESTINATION_GRADIENT, destination)
                .arg(Arg.SOURCE_GRADIENT, source);
    }
}
