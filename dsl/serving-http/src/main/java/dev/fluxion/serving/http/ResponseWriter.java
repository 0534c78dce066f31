package dev.fluxion.serving.http;

import dev.fluxion.Tensor;
import dev.fluxion.Tensors;
import dev.fluxion.ir.DType;
import dev.fluxion.serving.Served;
import dev.fluxion.serving.protocol.DataType;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.util.Arrays;
import tools.jackson.core.JsonGenerator;

/** Writes the answer of a model: JSON, and binary tensors after it. */
final class ResponseWriter {
    private static final VarHandle FLOATS =
            MethodHandles.byteArrayViewVarHandle(float[].class, ByteOrder.LITTLE_ENDIAN);
    private static final VarHandle INTS = MethodHandles.byteArrayViewVarHandle(int[].class, ByteOrder.LITTLE_ENDIAN);

    private final Served served;
    private final Form form;
    private final Tensors outputs;

    private ResponseWriter(Served served, Form form, Tensors outputs) {
        this.served = served;
        this.form = form;
        this.outputs = outputs;
    }

    static Reply write(Served served, Form form, Tensors outputs) {
        ResponseWriter writer = new ResponseWriter(served, form, outputs);
        Form.Text json = form.json(served, outputs, () -> Json.write(writer::fields));
        return form.wantsBinary() ? Reply.binary(writer.append(json.bytes()), json.length()) : Reply.json(json.bytes());
    }

    private void fields(JsonGenerator json) {
        if (form.id() != null) {
            json.writeStringProperty("id", form.id());
        }
        json.writeStringProperty("model_name", served.name());
        json.writeStringProperty("model_version", served.version());
        if (!form.parameters().isEmpty()) {
            Json.writeParameters(json, form.parameters());
        }
        json.writeArrayPropertyStart("outputs");
        for (Form.Wanted wanted : form.outputs()) {
            output(json, wanted, outputs.get(wanted.name()));
        }
        json.writeEndArray();
    }

    private static void output(JsonGenerator json, Form.Wanted wanted, Tensor tensor) {
        json.writeStartObject();
        json.writeStringProperty("name", wanted.name());
        json.writeStringProperty("datatype", DataType.of(tensor.dtype()).name());
        json.writeName("shape");
        int[] dims = tensor.shape().dims();
        json.writeArray(dims, 0, dims.length);
        if (wanted.binary()) {
            json.writeObjectPropertyStart("parameters");
            json.writeNumberProperty("binary_data_size", tensor.size() * 4L);
            json.writeEndObject();
        } else {
            json.writeArrayPropertyStart("data");
            data(json, wanted.name(), tensor);
            json.writeEndArray();
        }
        json.writeEndObject();
    }

    private static void data(JsonGenerator json, String name, Tensor tensor) {
        if (tensor.dtype() == DType.INT) {
            for (int value : tensor.ints()) {
                json.writeNumber(value);
            }
            return;
        }
        for (float value : tensor.floats()) {
            if (!Float.isFinite(value)) {
                throw Errors.noJsonNumber(name, value);
            }
            json.writeNumber(value);
        }
    }

    private byte[] append(byte[] json) {
        long bytes = json.length;
        for (Form.Wanted wanted : form.outputs()) {
            bytes += wanted.binary() ? outputs.get(wanted.name()).size() * 4L : 0;
        }
        byte[] all = Arrays.copyOf(json, Math.toIntExact(bytes));
        int at = json.length;
        for (Form.Wanted wanted : form.outputs()) {
            if (wanted.binary()) {
                at = put(outputs.get(wanted.name()), all, at);
            }
        }
        return all;
    }

    /** Writes numbers, and returns where the next ones go. */
    private static int put(Tensor tensor, byte[] to, int from) {
        int at = from;
        if (tensor.dtype() == DType.INT) {
            for (int value : tensor.ints()) {
                INTS.set(to, at, value);
                at += Integer.BYTES;
            }
            return at;
        }
        for (float value : tensor.floats()) {
            FLOATS.set(to, at, value);
            at += Float.BYTES;
        }
        return at;
    }
}
