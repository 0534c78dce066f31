package dev.fluxion.ffi;

import org.bytedeco.dnnl.global.dnnl;

/** Which computation of an operation is meant. */
public enum Pass {
    /** The result, when no gradient will be asked for. */
    INFERENCE(dnnl.dnnl_forward_inference),
    /** The result, with what the backward pass needs. */
    TRAINING(dnnl.dnnl_forward_training),
    /** The gradient with respect to the source. */
    BACKWARD(dnnl.dnnl_backward_data),
    /** The gradients with respect to the weights and, where there is one, the bias. */
    BACKWARD_WEIGHTS(dnnl.dnnl_backward_weights);

    private final int code;

    Pass(int code) {
        this.code = code;
    }

    int code() {
        return code;
    }

    public boolean isForward() {
        return this == INFERENCE || this == TRAINING;
    }
}
