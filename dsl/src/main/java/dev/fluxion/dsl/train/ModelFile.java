package dev.fluxion.dsl.train;

import dev.fluxion.Input;
import dev.fluxion.Scope;
import dev.fluxion.Tensor;
import dev.fluxion.engine.Parameters;
import dev.fluxion.io.Json;
import dev.fluxion.io.SafeTensors;
import dev.fluxion.ir.DType;
import dev.fluxion.ir.Expr;
import dev.fluxion.ir.Graph;
import dev.fluxion.ir.Leaf;
import dev.fluxion.ir.Op;
import dev.fluxion.ir.Shape;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * A model as a safetensors file: weights and buffers by their names, and in the metadata the structure, which {@code SAVING.md}
 * describes.
 */
final class ModelFile {
    /** What the names of constant tensors begin with. */
    static final String CONSTANT = "fluxion.constant.";

    private static final String PREFIX = "fluxion.";
    private static final String VERSION = PREFIX + "model";
    private static final String STRUCTURE = PREFIX + "structure";
    private static final String CARD = PREFIX + "card";
    /** Files of a later format are refused. */
    private static final int NEWEST = 1;
    /** So many characters a structure may have. */
    private static final int LONGEST = 1 << 24;

    private ModelFile() {}

    /** What a file has. */
    record Content(Network network, List<String> outputs, Parameters parameters, ModelCard card) {}

    /** What is to be written beside weights and buffers. */
    record Text(Map<String, String> texts, Map<String, Tensor> constants) {}

    /**
     * The texts of a network and its card.
     *
     * @throws IllegalStateException if nothing tells what the network makes of any batch
     */
    static Text text(Network network, ModelCard card) {
        Map<String, Tensor> constants = new LinkedHashMap<>();
        GraphText graphs = new GraphText(constants);
        Map<String, Object> text = new LinkedHashMap<>();
        text.put("layer", network.structure().toString());
        text.put("inputs", network.inputs().stream().map(ModelFile::input).toList());
        text.put("prediction", graphs.write(network.structure().prediction(network)));
        OpenApplied training = network.structure().training(network);
        if (training != null) {
            text.put("training", graphs.write(training));
        }
        List<Object> sessions = new ArrayList<>();
        network.structure().sessions(network).forEach(session -> sessions.add(write(session, graphs)));
        if (!sessions.isEmpty()) {
            text.put("sessions", sessions);
        }
        String structure = Json.write(text);
        if (structure.length() > LONGEST) {
            throw new IllegalArgumentException(FileErrors.structureTooLong(structure.length(), LONGEST));
        }
        requireOwn(card.texts().keySet());
        Map<String, String> texts = new LinkedHashMap<>(card.texts());
        texts.put(VERSION, Integer.toString(NEWEST));
        texts.put(STRUCTURE, structure);
        texts.put(CARD, Json.write(card.text()));
        return new Text(texts, constants);
    }

    static void write(Path file, Text text, Map<String, Tensor> values) throws IOException {
        requireOwn(values.keySet());
        Map<String, Tensor> tensors = new LinkedHashMap<>(values);
        tensors.putAll(text.constants);
        SafeTensors.write(file, tensors, text.texts);
    }

    private static void requireOwn(Set<String> names) {
        names.stream().filter(name -> name.startsWith(PREFIX)).findFirst().ifPresent(name -> {
            throw new IllegalArgumentException(FileErrors.reservedName(name));
        });
    }

    private static Map<String, Object> input(Input input) {
        Map<String, Object> text = new LinkedHashMap<>();
        text.put("name", input.name());
        text.put("type", input.type().name());
        text.put("sample", Arrays.stream(input.sample().dims()).boxed().toList());
        text.put("infinite", input.infinite() ? "yes" : "no");
        List<Object> varying = new ArrayList<>();
        input.varying().forEach((axis, name) -> varying.add(List.of(axis, name)));
        text.put("varies", varying);
        return text;
    }

    static Content read(Path file) throws IOException {
        SafeTensors.Contents contents = SafeTensors.contents(file);
        try {
            return read(file, contents);
        } catch (IllegalArgumentException e) {
            throw new IOException(FileErrors.notModel(file, String.valueOf(e.getMessage())), e);
        }
    }

    private static Content read(Path file, SafeTensors.Contents contents) throws IOException {
        Map<String, String> texts = contents.metadata();
        String version = texts.get(VERSION);
        if (version == null) {
            throw new IllegalArgumentException(
                    CheckpointFile.is(texts) ? FileErrors.checkpoint() : FileErrors.noModelText());
        }
        if (!version.equals(Integer.toString(NEWEST))) {
            throw new IllegalArgumentException(FileErrors.newerModel(version, NEWEST));
        }
        String text = texts.getOrDefault(STRUCTURE, "");
        if (text.length() > LONGEST) {
            throw new IllegalArgumentException(FileErrors.structureTooLong(text.length(), LONGEST));
        }
        JsonPart structure = new JsonPart("structure", Json.read(file, STRUCTURE, text));
        structure.require(Set.of("layer", "inputs", "prediction", "training", "sessions"));
        Map<String, Tensor> values = new LinkedHashMap<>(contents.tensors());
        Map<String, Tensor> constants = new LinkedHashMap<>(values);
        values.keySet().removeIf(name -> name.startsWith(CONSTANT));
        constants.keySet().removeAll(values.keySet());
        Network network = network(structure, new GraphText(constants));
        Applied names = network.structure().prediction(network).names();
        ModelCard card = card(file, texts);
        card.requireFit(network, names.result());
        List<String> outputs = List.copyOf(names.outputs().keySet());
        return new Content(network, outputs, parameters(values, names), card);
    }

    private static ModelCard card(Path file, Map<String, String> texts) throws IOException {
        JsonPart card = new JsonPart("card", Json.read(file, CARD, texts.getOrDefault(CARD, "{}")));
        Map<String, String> own = new LinkedHashMap<>(texts);
        own.keySet().removeIf(name -> name.startsWith(PREFIX));
        return ModelCard.read(card, own);
    }

    /** The weights and buffers, each of which fits what the network declares. */
    private static Parameters parameters(Map<String, Tensor> values, Applied names) {
        Map<String, Expr> declared = new LinkedHashMap<>(names.parameters());
        declared.putAll(names.buffers());
        Set<String> missing = new LinkedHashSet<>(declared.keySet());
        missing.removeAll(values.keySet());
        Set<String> unknown = new LinkedHashSet<>(values.keySet());
        unknown.removeAll(declared.keySet());
        if (!missing.isEmpty() || !unknown.isEmpty()) {
            throw new IllegalArgumentException(FileErrors.otherTensors(missing, unknown));
        }
        declared.forEach((name, leaf) -> {
            Tensor value = values.get(name);
            if (value == null || value.dtype() != DType.FLOAT || !value.shape().equals(leaf.shape())) {
                throw new IllegalArgumentException(FileErrors.misfitLeaf(leaf, "the tensor of this name is " + value));
            }
        });
        Parameters parameters = Parameters.of(values, names.buffers().keySet());
        parameters.load(values);
        return parameters;
    }

    private static Network network(JsonPart structure, GraphText graphs) {
        List<Input> inputs =
                structure.get("inputs").list().stream().map(ModelFile::input).toList();
        if (inputs.isEmpty()) {
            throw structure.get("inputs").wrong("must not be empty");
        }
        BatchShape largest =
                new BatchShape(1, List.copyOf(Network.extents(inputs).values()));
        OpenApplied prediction = graphs.read(structure.get("prediction"), largest);
        OpenApplied training =
                structure.has("training") ? graphs.read(structure.get("training"), largest.rows(2)) : null;
        List<JsonPart> parts =
                structure.has("sessions") ? structure.get("sessions").list() : List.of();
        Set<String> extents = new HashSet<>();
        List<OpenSession> sessions = new ArrayList<>();
        for (JsonPart part : parts) {
            if (!extents.add(part.get("extent").text())) {
                throw part.get("extent").wrong("must be told once");
            }
            sessions.add(session(part, graphs, inputs, largest));
        }
        Network network = Network.of(new Opened(structure.get("layer").text(), prediction, training, sessions), inputs);
        requireLeaves(network, prediction, largest, Map.of());
        if (training != null) {
            requireLeaves(network, training, largest.rows(2), Map.of());
            requireSameWeights(training, prediction, structure.get("training"));
        }
        for (int i = 0; i < sessions.size(); i++) {
            OpenSession session = sessions.get(i);
            requireLeaves(network, session.open(), largest, session.kept());
            requireSameWeights(session.open(), prediction, parts.get(i));
        }
        return network;
    }

    private static Map<String, Object> write(OpenSession session, GraphText graphs) {
        Map<String, Object> text = new LinkedHashMap<>();
        text.put("extent", session.extent());
        text.put("histories", session.histories());
        text.put("states", session.states());
        text.put("graph", graphs.write(session.open()));
        return text;
    }

    private static OpenSession session(JsonPart part, GraphText graphs, List<Input> inputs, BatchShape largest) {
        part.require(Set.of("extent", "histories", "states", "graph"));
        String extent = part.get("extent").text();
        Integer most = Network.extents(inputs).get(extent);
        if (most == null) {
            throw part.get("extent").wrong("must be an extent that varies");
        }
        OpenSession session = new OpenSession(
                extent,
                part.get("histories").list().stream().map(JsonPart::text).toList(),
                part.get("states").list().stream().map(JsonPart::text).toList(),
                graphs.read(part.get("graph"), OpenSession.behind(largest, most)));
        session.requireKept(most);
        return session;
    }

    private static void requireSameWeights(OpenApplied open, OpenApplied prediction, JsonPart where) {
        if (!leaves(open).equals(leaves(prediction))) {
            throw where.wrong("has other weights than the prediction");
        }
    }

    private static Map<String, Op> leaves(OpenApplied open) {
        Map<String, Op> leaves = new LinkedHashMap<>();
        open.names().parameters().forEach((name, e) -> leaves.put(name, e.op()));
        open.names().buffers().forEach((name, e) -> leaves.put(name, e.op()));
        return leaves;
    }

    /** Requires that inputs, weights and buffers of a graph are those that are declared, under their names. */
    private static void requireLeaves(Network network, OpenApplied open, BatchShape batch, Map<String, Expr> kept) {
        Applied applied = open.names();
        Map<String, Expr> declared = new LinkedHashMap<>(network.exprs(batch));
        declared.putAll(kept);
        declared.putAll(applied.parameters());
        declared.putAll(applied.buffers());
        applied.parameters().forEach((name, e) -> requireIs(name, e, Leaf.Parameter.class));
        applied.buffers().forEach((name, e) -> requireIs(name, e, Leaf.Buffer.class));
        for (Expr e : Graph.topological(applied.exprs())) {
            String name = e.op() instanceof Leaf.Input input
                    ? input.name()
                    : e.op() instanceof Leaf.Variable variable ? variable.parameter() : "";
            Expr known = declared.get(name);
            boolean isNamed = e.op() instanceof Leaf.Input || e.op() instanceof Leaf.Variable;
            if (e.op() instanceof Leaf.Carried
                    || isNamed && (known == null || !known.op().equals(e.op()))) {
                throw new IllegalArgumentException(
                        FileErrors.misfitLeaf(e, known == null ? "there is none" : "it is " + known));
            }
        }
        if (!applied.outputs().containsKey(Scope.RESULT)
                || applied.result() != applied.outputs().get(Scope.RESULT)) {
            throw new IllegalArgumentException(
                    FileErrors.noResult(applied.outputs().keySet()));
        }
        applied.updates().forEach((name, next) -> {
            Expr buffer = applied.buffers().get(name);
            if (buffer == null || !buffer.shape().equals(next.shape()) || next.dtype() != DType.FLOAT) {
                throw new IllegalArgumentException(
                        FileErrors.misfitLeaf(next, "it is no next value of '" + name + "'"));
            }
        });
    }

    private static void requireIs(String name, Expr e, Class<? extends Leaf.Variable> kind) {
        if (!kind.isInstance(e.op()) || !((Leaf.Variable) e.op()).parameter().equals(name)) {
            throw new IllegalArgumentException(FileErrors.misfitLeaf(e, "it is called '" + name + "'"));
        }
    }

    private static Input input(JsonPart input) {
        input.require(Set.of("name", "type", "sample", "infinite", "varies"));
        int[] sample =
                input.get("sample").list().stream().mapToInt(JsonPart::number).toArray();
        String type = input.get("type").text();
        String infinite = input.get("infinite").text();
        if (!List.of("FLOAT", "INT").contains(type) || !List.of("yes", "no").contains(infinite)) {
            throw input.wrong("must be FLOAT or INT, and infinite yes or no");
        }
        Input made = new Input(
                input.get("name").text(), DType.valueOf(type), Shape.of(sample), Map.of(), infinite.equals("yes"));
        for (JsonPart extent : input.get("varies").list()) {
            List<JsonPart> both = extent.list();
            if (both.size() != 2) {
                throw extent.wrong("must have an axis and a name");
            }
            made = made.varies(both.get(0).number(), both.get(1).text());
        }
        return made;
    }
}
