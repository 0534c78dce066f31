package dev.fluxion.serving.http;

import dev.fluxion.Input;
import dev.fluxion.Tensor;
import dev.fluxion.Tensors;
import dev.fluxion.dsl.train.Signature;
import dev.fluxion.serving.Priority;
import dev.fluxion.serving.Terms;
import dev.fluxion.serving.protocol.DataType;
import dev.fluxion.serving.protocol.Rules;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JsonParser;

/** Reads what a client asks of a model: JSON, JSON and binary tensors, or the bytes of the only input. */
final class RequestReader {
    private static final String BINARY_OUTPUT = "binary_data_output";

    private final Signature signature;
    private final byte[] text;
    private final List<GivenInput> inputs = new ArrayList<>();
    private final List<Output> outputs = new ArrayList<>();
    private Map<String, Object> parameters = Map.of();
    private @Nullable String id;

    /** An output by name, and whether the client says if it wants it binary. */
    private record Output(String name, @Nullable Object binary) {}

    private RequestReader(Signature signature, byte[] text) {
        this.signature = signature;
        this.text = text;
    }

    /**
     * Reads a request.
     *
     * @param jsonLength what the header says of how many bytes are JSON; null if all are
     */
    static InferRequest read(Signature signature, ByteBuffer body, @Nullable String jsonLength) {
        ByteBuffer binary = body.slice().order(ByteOrder.LITTLE_ENDIAN);
        int length = jsonLength == null ? binary.remaining() : length(jsonLength, binary.remaining());
        if (jsonLength != null && length == 0) {
            return raw(signature, binary);
        }
        byte[] text = new byte[length];
        binary.get(text);
        RequestReader reader = new RequestReader(signature, text);
        Json.object(text, reader::field);
        return reader.request(binary);
    }

    private static int length(String given, int most) {
        if (!given.matches("[0-9]{1,10}") || Long.parseLong(given) > most) {
            throw Errors.badJsonLength(given, most);
        }
        return Integer.parseInt(given);
    }

    /** The bytes are those of the only input, of whose extents one at most varies. */
    private static InferRequest raw(Signature signature, ByteBuffer binary) {
        if (signature.inputs().size() != 1) {
            throw Errors.rawNeedsOne(signature.inputs());
        }
        Input input = signature.inputs().get(0);
        if (!input.varying().isEmpty()) {
            throw Errors.rawVaries(input);
        }
        DataType type = DataType.of(input.type());
        long sample = (long) input.sample().size() * type.bytes();
        if (sample == 0 || binary.remaining() == 0 || binary.remaining() % sample != 0) {
            throw Errors.rawLength(input, sample, binary.remaining());
        }
        int rows = (int) (binary.remaining() / sample);
        Tensor tensor = GivenInput.read(input, type, rows * input.sample().size(), binary)
                .tensor(input.batched(rows).dims());
        return new InferRequest(
                null, Map.of(), Tensors.of(input.name(), tensor), all(signature, true), Terms.of(Priority.NORMAL));
    }

    private static List<InferRequest.Wanted> all(Signature signature, boolean binary) {
        return signature.outputs().stream()
                .map(output -> new InferRequest.Wanted(output.name(), binary))
                .toList();
    }

    private void field(String name, JsonParser value) {
        switch (name) {
            case "id" -> id = Json.text("the id", value);
            case "parameters" -> parameters = Json.parameters("the parameters", value);
            case "inputs" ->
                Json.array("inputs", value, one -> {
                    Rules.requireMore("inputs", inputs.size());
                    inputs.add(GivenInput.read(signature.inputs(), text, one));
                });
            case "outputs" ->
                Json.array("outputs", value, one -> {
                    Rules.requireMore("outputs", outputs.size());
                    outputs.add(output(one));
                });
            default -> value.skipChildren();
        }
    }

    private Output output(JsonParser parser) {
        Map<String, String> names = new LinkedHashMap<>();
        Map<String, Object> given = new LinkedHashMap<>();
        Json.object("an output", parser, (name, value) -> {
            switch (name) {
                case "name" -> names.put(name, Json.text("the name of an output", value));
                case "parameters" -> given.putAll(Json.parameters("the parameters of an output", value));
                default -> value.skipChildren();
            }
        });
        return new Output(Rules.output(signature, names.get("name"), given.keySet()), given.get("binary_data"));
    }

    /** What a parameter says, if it is given. */
    private static boolean bool(String what, @Nullable Object value, boolean otherwise) {
        Rules.require(what, "true or false", value == null || value instanceof Boolean);
        return value == null ? otherwise : (Boolean) value;
    }

    private InferRequest request(ByteBuffer binary) {
        Tensors tensors = Tensors.none();
        Set<String> names = new HashSet<>();
        for (GivenInput input : inputs) {
            Rules.once(names, "input", input.name());
            tensors = tensors.with(input.name(), input.tensor(binary));
        }
        if (binary.hasRemaining()) {
            throw Errors.bytesLeft(binary.remaining());
        }
        return new InferRequest(id, parameters, tensors, wanted(), Rules.terms(parameters));
    }

    private List<InferRequest.Wanted> wanted() {
        boolean binary = bool(BINARY_OUTPUT, parameters.get(BINARY_OUTPUT), false);
        if (outputs.isEmpty()) {
            return all(signature, binary);
        }
        Set<String> names = new HashSet<>();
        List<InferRequest.Wanted> wanted = new ArrayList<>();
        for (Output output : outputs) {
            Rules.once(names, "output", output.name());
            wanted.add(new InferRequest.Wanted(output.name(), bool("binary_data", output.binary(), binary)));
        }
        return wanted;
    }
}
