package dev.fluxion.serving.http;

import dev.fluxion.dsl.train.Signature;
import dev.fluxion.serving.protocol.Rules;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JsonParser;

/** Reads the JSON of a request. */
final class FormReader {
    private static final String BINARY_OUTPUT = "binary_data_output";

    private final Signature signature;
    private final byte[] text;
    private final List<GivenInput> inputs = new ArrayList<>();
    private final List<Output> outputs = new ArrayList<>();
    private Map<String, Object> parameters = Map.of();
    private @Nullable String id;

    /** An output by name, and whether the client says if it wants it binary. */
    private record Output(String name, @Nullable Object binary) {}

    private FormReader(Signature signature, byte[] text) {
        this.signature = signature;
        this.text = text;
    }

    /** Reads what a client asks of a model. */
    static Form read(Signature signature, byte[] text) {
        FormReader reader = new FormReader(signature, text);
        Json.object(text, reader::field);
        return reader.form();
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

    private Form form() {
        Set<String> names = new HashSet<>();
        inputs.forEach(input -> Rules.once(names, "input", input.name()));
        return new Form(id, parameters, inputs, wanted(), Rules.terms(parameters));
    }

    private List<Form.Wanted> wanted() {
        boolean binary = bool(BINARY_OUTPUT, parameters.get(BINARY_OUTPUT), false);
        if (outputs.isEmpty()) {
            return Form.Wanted.all(signature, binary);
        }
        Set<String> names = new HashSet<>();
        List<Form.Wanted> wanted = new ArrayList<>();
        for (Output output : outputs) {
            Rules.once(names, "output", output.name());
            wanted.add(new Form.Wanted(output.name(), bool("binary_data", output.binary(), binary)));
        }
        return wanted;
    }
}
