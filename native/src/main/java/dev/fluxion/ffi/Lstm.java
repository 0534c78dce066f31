package dev.fluxion.ffi;

import org.bytedeco.dnnl.global.dnnl;

/**
 * A recurrent layer of long short-term memory cells with gates i, f, g, o over whole sequences, for inference.
 *
 * <p>Arguments: {@code SOURCE} and {@code DESTINATION}, sequence by sequence; {@link #INPUT_WEIGHTS} and {@link #STATE_WEIGHTS} in the
 * layouts that the primitive chose, of the dimensions 1×1×inputs×4×width and 1×1×width×4×width; {@code BIAS}, the four gates one after the
 * other; {@link #H}, {@link #C}, {@link #LAST_H} and {@link #LAST_C}, rows of the states before and behind. No result may lie where
 * something is read.
 *
 * @param backwards whether it begins with the last step
 * @param sequences the number of sequences
 * @param steps the number of steps
 * @param inputs the extent of an input
 * @param width the extent of a state
 */
public record Lstm(boolean backwards, int sequences, int steps, int inputs, int width) implements Operation {
    /** What inputs are multiplied with. */
    public static final Arg INPUT_WEIGHTS = new Arg(dnnl.DNNL_ARG_WEIGHTS_LAYER, "input weights");
    /** What states are multiplied with. */
    public static final Arg STATE_WEIGHTS = new Arg(dnnl.DNNL_ARG_WEIGHTS_ITER, "state weights");
    /** The first state h. */
    public static final Arg H = new Arg(dnnl.DNNL_ARG_SRC_ITER, "h");
    /** The first state c. */
    public static final Arg C = new Arg(dnnl.DNNL_ARG_SRC_ITER_C, "c");
    /** The last state h. */
    public static final Arg LAST_H = new Arg(dnnl.DNNL_ARG_DST_ITER, "last h");
    /** The last state c. */
    public static final Arg LAST_C = new Arg(dnnl.DNNL_ARG_DST_ITER_C, "last c");

    private static final int GATES = 4;

    @Override
    public PostOps postOps() {
        return PostOps.NONE;
    }

    @Override
    public Recipe recipe() {
        Layout source = sequences(inputs);
        Layout destination = sequences(width);
        Layout state = Layout.plain(1, 1, sequences, width);
        Layout ofInput = Layout.any(1, 1, inputs, GATES, width);
        Layout ofState = Layout.any(1, 1, width, GATES, width);
        Layout bias = Layout.plain(1, 1, GATES, width);
        int direction = backwards ? dnnl.dnnl_unidirectional_right2left : dnnl.dnnl_unidirectional_left2right;
        return new Recipe(
                        "lstm" + (backwards ? " backwards" : ""),
                        (pd, with) -> dnnl.dnnl_lstm_forward_primitive_desc_create(
                                pd,
                                NativeLibrary.engine(),
                                Pass.INFERENCE.code(),
                                direction,
                                with.descriptor(source),
                                with.descriptor(state),
                                with.descriptor(state),
                                with.descriptor(ofInput),
                                with.descriptor(ofState),
                                with.descriptor(null),
                                with.descriptor(null),
                                with.descriptor(bias),
                                with.descriptor(destination),
                                with.descriptor(state),
                                with.descriptor(state),
                                dnnl.dnnl_rnn_flags_undef,
                                with.attributes()))
                .arg(Arg.SOURCE, source)
                .arg(H, state)
                .arg(C, state)
                .arg(INPUT_WEIGHTS, ofInput)
                .arg(STATE_WEIGHTS, ofState)
                .arg(Arg.BIAS, bias)
                .arg(Arg.DESTINATION, destination)
                .arg(LAST_H, state)
                .arg(LAST_C, state);
    }

    /** Rows of a length, of which those of a sequence lie one after the other. The library counts steps first. */
    private Layout sequences(long length) {
        return Layout.strided(new long[] {steps, sequences, length}, new long[] {length, steps * length, 1});
    }
}
