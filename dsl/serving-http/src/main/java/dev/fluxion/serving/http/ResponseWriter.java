package dev.fluxion.serving.http;

import dev.fluxion.Tensor;
import dev.fluxion.Tensors;
import dev.fluxion.ir.DType;
import dev.fluxion.serving.Served;
import dev.fluxion.serving.protocol.DataType;
import tools.jackson.core.JsonGenerator;

/** Writes the answer of a model: JSON, and binary tensors after it. */
final class ResponseWriter {
    private final Served served;
    private final Form form;
    private final Tensors outputs;

    private ResponseWriter(Served served, Form form, Tensors outputs) {
        this.served = served;
        this.form = form;
        this.outputs = outputs;
    }

    static Reply write(Served served, Form form, Tensors outputs) {
        Form.Text json = form.json(served, outputs);
        return form.wantsBinary() ? Reply.binary(json, Numbers.of(form, outputs)) : Reply.json(json.bytes());
    }

    /** The JSON of an answer. */
    static byte[] json(Served served, Form form, Tensors outputs) {
        return Json.write(new ResponseWriter(served, form, outputs)::fields);
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
}
