package dev.fluxion.serving.http;

import dev.fluxion.Tensor;
import dev.fluxion.Tensors;
import dev.fluxion.ir.DType;
import io.netty.buffer.ByteBuf;

/**
 * The outputs of an answer that come after its JSON, little-endian.
 *
 * @param form which these are
 * @param outputs all outputs
 * @param bytes how many bytes they are
 */
record Numbers(Form form, Tensors outputs, int bytes) {
    /**
     * The outputs that a form wants so.
     *
     * @throws ArithmeticException if they are more than 2 GiB
     */
    static Numbers of(Form form, Tensors outputs) {
        long bytes = 0;
        for (Form.Wanted wanted : form.outputs()) {
            bytes += wanted.binary() ? outputs.get(wanted.name()).size() * 4L : 0;
        }
        return new Numbers(form, outputs, Math.toIntExact(bytes));
    }

    void write(ByteBuf to) {
        for (Form.Wanted wanted : form.outputs()) {
            if (wanted.binary()) {
                write(outputs.get(wanted.name()), to);
            }
        }
    }

    private static void write(Tensor tensor, ByteBuf to) {
        if (tensor.dtype() == DType.INT) {
            for (int value : tensor.ints()) {
                to.writeIntLE(value);
            }
        } else {
            for (float value : tensor.floats()) {
                to.writeFloatLE(value);
            }
        }
    }
}
