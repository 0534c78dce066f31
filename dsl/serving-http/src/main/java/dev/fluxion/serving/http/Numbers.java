package dev.fluxion.serving.http;

import dev.fluxion.Tensor;
import dev.fluxion.Tensors;
import dev.fluxion.ir.DType;
import io.netty.buffer.ByteBuf;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.List;

/**
 * The outputs of an answer that come after its JSON, little-endian.
 *
 * @param wanted which these are
 * @param outputs all outputs
 * @param bytes how many bytes they are
 */
record Numbers(List<Form.Wanted> wanted, Tensors outputs, int bytes) {
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
        return new Numbers(form.outputs(), outputs, Math.toIntExact(bytes));
    }

    void write(ByteBuf to) {
        for (Form.Wanted each : wanted) {
            if (each.binary()) {
                write(outputs.get(each.name()), to);
            }
        }
    }

    private static void write(Tensor tensor, ByteBuf to) {
        int bytes = 4 * tensor.size();
        to.ensureWritable(bytes);
        ByteBuffer room = to.internalNioBuffer(to.writerIndex(), bytes).order(ByteOrder.LITTLE_ENDIAN);
        if (tensor.dtype() == DType.INT) {
            room.asIntBuffer().put(tensor.ints());
        } else {
            room.asFloatBuffer().put(tensor.floats());
        }
        to.writerIndex(to.writerIndex() + bytes);
    }
}
