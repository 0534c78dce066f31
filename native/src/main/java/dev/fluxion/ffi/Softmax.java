package dev.fluxion.ffi;

import org.bytedeco.dnnl.global.dnnl;

/**
 * Softmax along one dimension.
 *
 * <p>Arguments: forward {@code SOURCE, DESTINATION}; backward {@code DESTINATION, DESTINATION_GRADIENT,
 * SOURCE_GRADIENT}. A row with a NaN does not become all NaN.
 *
 * @param pass which computation; not {@link Pass#BACKWARD_WEIGHTS}
 * @param axis the dimension along which the results sum to 1
 * @param source the layout of the source and its gradient
 * @param destination the layout of the result and its gradient
 * @param postOps what follows, in the forward passes
 */
public record Softmax(Pass pass, int axis, Layout source, Layout destination, PostOps postOps) implements Operation {
    /** Checks the pass and the axis. */
    public Softmax {
        if (pass == Pass.BACKWARD_WEIGHTS) {
            throw new IllegalArgumentException(Errors.pass("softmax", pass));
        }
        if (axis < 0 || axis >= source.rank()) {
            throw new IllegalArgumentException(Errors.axis(axis, source.rank()));
        }
    }

    /** Forward softmax for inference, both tensors in the same layout, without post-ops. */
    public static Softmax of(int axis, Layout layout) {
        return new Softmax(Pass.INFERENCE, axis, layout, layout, PostOps.NONE);
    }

    /** The same function in another pass. */
    public Softmax pass(Pass pass) {
        return new Softmax(pass, axis, source, destination, postOps);
    }

    @Override
    public Recipe recipe() {
        String what = "softmax " + Text.lower(pass) + " axis " + axis;
        if (pass.isForward()) {
            return new Recipe(
                            what,
                            (pd, with) -> dnnl.dnnl_softmax_forward_primitive_desc_create(
                                    pd,
                                    NativeLibrary.engine(),
                                    pass.code(),
                                    dnnl.dnnl_softmax_accurate,
                                    with.descriptor(source),
                                    with.descriptor(destination),
                                    axis,
                                    with.attributes()))
                    .arg(Arg.SOURCE, source)
                    .arg(Arg.DESTINATION, destination);
        }
        return new Recipe(
                        what,
                        (pd, with) -> dnnl.dnnl_softmax_backward_primitive_desc_create(
                                pd,
                                NativeLibrary.engine(),
                                dnnl.dnnl_softmax_accurate,
                                with.descriptor(source),
                                with.descriptor(destination),
                                with.descriptor(destination),
                                axis,
                                with.forward(),
                                with.attributes()))
                .after(new Softmax(Pass.TRAINING, axis, source, destination, PostOps.NONE))
                .arg(Arg.DESTINATION, destination)
                .arg(Arg.DESTINATION_GRADIENT, destination)
                .arg(Arg.SOURCE_GRADIENT, source);
    }
}
