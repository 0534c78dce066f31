package dev.fluxion.serving.grpc;

import dev.fluxion.Tensor;
import dev.fluxion.Tensors;
import dev.fluxion.dsl.train.Signature;
import dev.fluxion.serving.Served;
import dev.fluxion.serving.Terms;
import dev.fluxion.serving.protocol.DataType;
import dev.fluxion.serving.protocol.Fault;
import dev.fluxion.serving.protocol.Rules;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** What a client asks of a model. Answers are raw if the inputs are. */
final class InferRequest {
    private final Name model;
    private final List<GivenInput> inputs = new ArrayList<>();
    private final List<Output> outputs = new ArrayList<>();
    private final List<ByteBuffer> raw = new ArrayList<>();
    private final Parameters parameters = new Parameters();
    private String id = "";

    /** An output that is asked for. */
    private record Output(String name, Parameters parameters) {
        static Output read(WireReader in) {
            String name = "";
            Parameters parameters = new Parameters();
            while (in.next()) {
                switch (in.field()) {
                    case 1 -> name = in.text();
                    case 2 -> parameters.add(in);
                    default -> in.skip();
                }
            }
            return new Output(name, parameters);
        }
    }

    private InferRequest(Name model) {
        this.model = model;
    }

    static InferRequest read(ByteBuffer message) {
        InferRequest request = new InferRequest(Name.read(message, 1, 2));
        WireReader in = new WireReader(message);
        while (in.next()) {
            request.field(in);
        }
        return request;
    }

    /** The id in a message, which may be damaged: what could be read until then. */
    static String id(ByteBuffer message) {
        String id = "";
        WireReader in = new WireReader(message);
        try {
            while (in.next()) {
                if (in.field() == 3) {
                    id = in.text();
                } else {
                    in.skip();
                }
            }
        } catch (Fault fault) {
            return id;
        }
        return id;
    }

    private void field(WireReader in) {
        switch (in.field()) {
            case 3 -> id = in.text();
            case 4 -> parameters.add(in);
            case 5 -> {
                Rules.requireMore("inputs", inputs.size());
                inputs.add(GivenInput.read(in.message()));
            }
            case 6 -> {
                Rules.requireMore("outputs", outputs.size());
                outputs.add(Output.read(in.message()));
            }
            case 7 -> {
                Rules.requireMore("raw inputs", raw.size());
                raw.add(in.bytes());
            }
            default -> in.skip();
        }
    }

    /** The model that is asked. */
    Name model() {
        return model;
    }

    /** How it is to be served. */
    Terms terms() {
        return Rules.terms(parameters.values());
    }

    /** The inputs of a model. */
    Tensors inputs(Signature signature) {
        if (!raw.isEmpty() && raw.size() != inputs.size()) {
            throw Errors.wrongParts(inputs.size(), raw.size());
        }
        Tensors tensors = Tensors.none();
        Set<String> names = new HashSet<>();
        for (int i = 0; i < inputs.size(); i++) {
            GivenInput input = inputs.get(i);
            Rules.once(names, "input", input.name());
            tensors = tensors.with(input.name(), input.tensor(signature, raw.isEmpty() ? null : raw.get(i)));
        }
        return tensors;
    }

    /** The outputs that are wanted, in this order. */
    List<String> outputs(Signature signature) {
        if (outputs.isEmpty()) {
            return signature.outputs().stream().map(Signature.Output::name).toList();
        }
        Set<String> names = new HashSet<>();
        List<String> wanted = new ArrayList<>();
        for (Output output : outputs) {
            String name = Rules.output(
                    signature, output.name(), output.parameters().values().keySet());
            Rules.once(names, "output", name);
            wanted.add(name);
        }
        return wanted;
    }

    /** The answer. */
    byte[] answer(Served served, List<String> wanted, Tensors results) {
        return WireWriter.write(out -> {
            out.text(1, served.name());
            out.text(2, served.version());
            out.text(3, id);
            parameters.write(4, out);
            wanted.forEach(name -> out.message(5, tensor -> output(name, results.get(name), tensor)));
            if (!raw.isEmpty()) {
                wanted.forEach(name -> raw(results.get(name), out));
            }
        });
    }

    private void output(String name, Tensor tensor, WireWriter out) {
        out.text(1, name);
        out.text(2, DataType.of(tensor.dtype()).name());
        out.integers(3, tensor.shape().dims());
        if (raw.isEmpty()) {
            out.message(5, contents -> Contents.write(tensor, contents));
        }
    }

    private static void raw(Tensor tensor, WireWriter out) {
        if (DataType.of(tensor.dtype()) == DataType.INT32) {
            out.ints(6, tensor.ints());
        } else {
            out.floats(6, tensor.floats());
        }
    }
}
