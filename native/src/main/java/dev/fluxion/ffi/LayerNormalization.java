package dev.fluxion.ffi;

import java.util.Arrays;
import org.bytedeco.dnnl.global.dnnl;

/**
 * Normalisation of the last dimension: (x − mean) / √(variance + ε) · scale + shift.
 *
 * <p>Arguments: forward {@code SOURCE, SCALE, SHIFT, DESTINATION}, and in training the results {@code MEAN, VARIANCE}; backward
 * {@code SOURCE, MEAN, VARIANCE, SCALE, DESTINATION_GRADIENT, SOURCE_GRADIENT, SCALE_GRADIENT, SHIFT_GRADIENT}.
 *
 * @param pass which computation; {@link Pass#BACKWARD} gives all gradients
 * @param rows the layout of the source, the result and their gradients
 * @param epsilon ε
 */
public record LayerNormalization(Pass pass, Layout rows, float epsilon) implements Operation {
    /** What the normalised numbers are multiplied by. */
    public static final Arg SCALE = new Arg(dnnl.DNNL_ARG_SCALE, "scale");
    /** What is added to them. */
    public static final Arg SHIFT = new Arg(dnnl.DNNL_ARG_SHIFT, "shift");
    /** The mean of each row. */
    public static final Arg MEAN = new Arg(dnnl.DNNL_ARG_MEAN, "mean");
    /** The biased variance of each row. */
    public static final Arg VARIANCE = new Arg(dnnl.DNNL_ARG_VARIANCE, "variance");
    /** The gradient with respect to the scale. */
    public static final Arg SCALE_GRADIENT = new Arg(dnnl.DNNL_ARG_DIFF_SCALE, "scale gradient");
    /** The gradient with respect to the shift. */
    public static final Arg SHIFT_GRADIENT = new Arg(dnnl.DNNL_ARG_DIFF_SHIFT, "shift gradient");

    private static final int FLAGS = dnnl.dnnl_use_scale | dnnl.dnnl_use_shift;

    /** Checks the pass. */
    public LayerNormalization {
        if (pass == Pass.BACKWARD_WEIGHTS) {
            throw new IllegalArgumentException(Errors.pass("layer normalization", pass));
        }
    }

    /** The same normalisation in another pass. */
    public LayerNormalization pass(Pass pass) {
        return new LayerNormalization(pass, rows, epsilon);
    }

    @Override
    public PostOps postOps() {
        return PostOps.NONE;
    }

    @Override
    public Recipe recipe() {
        long[] dims = rows.dims();
        Layout row = Layout.plain(dims[dims.length - 1]);
        Layout statistics = Layout.plain(Arrays.copyOf(dims, dims.length - 1));
        String what = "layer normalization " + Text.lower(pass);
        if (pass.isForward()) {
            Recipe forward = new Recipe(
                            what,
                            (pd, with) -> dnnl.dnnl_layer_normalization_forward_primitive_desc_create(
                                    pd,
                                    NativeLibrary.engine(),
                                    pass.code(),
                                    with.descriptor(rows),
                                    with.descriptor(rows),
                                    with.descriptor(statistics),
                                    epsilon,
                                    FLAGS,
                                    with.attributes()))
                    .arg(Arg.SOURCE, rows)
                    .arg(SCALE, row)
                    .arg(SHIFT, row)
                    .arg(Arg.DESTINATION, rows);
            return pass == Pass.TRAINING ? forward.arg(MEAN, statistics).arg(VARIANCE, statistics) : forward;
        }
        return new Recipe(
                        what,
                        (pd, with) -> dnnl.dnnl_layer_normalization_backward_primitive_desc_create(
                                pd,
                                NativeLibrary.engine(),
                                dnnl.dnnl_backward,
                                with.descriptor(rows),
                                with.descriptor(rows),
                                with.descriptor(rows),
                                with.descriptor(statistics),
                                epsilon,
                                FLAGS,
                                with.forward(),
                                with.attributes()))
                .after(pass(Pass.TRAINING))
                .arg(Arg.SOURCE, rows)
                .arg(MEAN, statistics)
                .arg(VARIANCE, statistics)
                .arg(SCALE, row)
                .arg(Arg.DESTINATION_GRADIENT, rows)
                .arg(Arg.SOURCE_GRADIENT, rows)
                .arg(SCALE_GRADIENT, row)
                .arg(SHIFT_GRADIENT, row);
    }
}
