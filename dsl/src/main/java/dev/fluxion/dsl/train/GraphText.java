package dev.fluxion.dsl.train;

import dev.fluxion.Tensor;
import dev.fluxion.ir.Expr;
import dev.fluxion.ir.Legible;
import dev.fluxion.ir.open.Node;
import dev.fluxion.ir.open.OpenGraph;
import dev.fluxion.ir.open.Written;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** What a network makes of any batch, as a file has it: see {@code SAVING.md}. Constant tensors lie beside it, by name. */
final class GraphText {
    private static final String OPERATOR = "op";
    private static final String OPERANDS = "of";
    private static final String LAYER = "layer";
    private static final String TENSOR = "tensor";
    private static final String LAYERS = "layers";
    private static final String NODES = "nodes";
    private static final String CALLS = "calls";
    private static final List<String> NAMED = List.of("outputs", "values", "parameters", "buffers", "updates");

    /** The constant tensors by name. */
    private final Map<String, Tensor> constants;

    GraphText(Map<String, Tensor> constants) {
        this.constants = constants;
    }

    /** The text of a graph; its constant tensors are added to the others. */
    Map<String, Object> write(OpenApplied open) {
        Map<String, Object> text = new LinkedHashMap<>();
        Iterator<Integer> roots = open.graph().roots().iterator();
        text.put("outputs", numbered(open.names().outputs(), roots));
        text.put("values", numbered(open.names().values(), roots));
        List<Object> calls = new ArrayList<>();
        open.names().calls().forEach(call -> calls.add(List.of(call.path(), call.layer(), roots.next())));
        text.put(CALLS, calls);
        text.put("parameters", numbered(open.names().parameters(), roots));
        text.put("buffers", numbered(open.names().buffers(), roots));
        text.put("updates", numbered(open.names().updates(), roots));
        Map<List<String>, Integer> layers = new LinkedHashMap<>();
        List<Object> nodes = new ArrayList<>();
        open.graph().nodes().forEach(node -> nodes.add(write(node, layers)));
        text.put(LAYERS, List.copyOf(layers.keySet()));
        text.put(NODES, nodes);
        return text;
    }

    private static Map<String, Object> numbered(Map<String, Expr> all, Iterator<Integer> roots) {
        Map<String, Object> numbers = new LinkedHashMap<>();
        all.keySet().forEach(name -> numbers.put(name, roots.next()));
        return numbers;
    }

    private Map<String, Object> write(Node node, Map<List<String>, Integer> layers) {
        Written what = node.what();
        Map<String, Object> text = new LinkedHashMap<>();
        text.put(OPERATOR, what.operator());
        if (!node.operands().isEmpty()) {
            text.put(OPERANDS, node.operands());
        }
        text.putAll(what.attributes());
        if (what.values() != null) {
            text.put(TENSOR, constant(what.values()));
        }
        if (!node.layer().isEmpty()) {
            text.put(LAYER, layers.computeIfAbsent(List.of(node.layer(), node.place()), any -> layers.size()));
        }
        return text;
    }

    private String constant(Tensor values) {
        return constants.entrySet().stream()
                .filter(e -> e.getValue().equals(values))
                .map(Map.Entry::getKey)
                .findFirst()
                .orElseGet(() -> {
                    String name = ModelFile.CONSTANT + constants.size();
                    constants.put(name, values);
                    return name;
                });
    }

    /**
     * The graph of a text.
     *
     * @param largest the largest batch of one sample
     * @throws IllegalArgumentException if there is something wrong with it
     */
    OpenApplied read(JsonPart text, BatchShape largest) {
        List<Integer> roots = new ArrayList<>();
        List<Applied.Call> calls = new ArrayList<>();
        List<Map<String, Expr>> named = new ArrayList<>();
        for (String name : NAMED) {
            if (name.equals("parameters")) {
                text.get(CALLS).list().forEach(call -> calls.add(call(call, roots)));
            }
            Map<String, Expr> all = new LinkedHashMap<>();
            text.get(name).members((key, root) -> {
                all.put(key, Expr.none());
                roots.add(root.number());
            });
            named.add(all);
        }
        List<JsonPart> layers = text.get(LAYERS).list();
        List<Node> nodes =
                text.get(NODES).list().stream().map(node -> node(node, layers)).toList();
        text.require(Set.of("outputs", "values", CALLS, "parameters", "buffers", "updates", LAYERS, NODES));
        Applied names = new Applied(named.get(0), named.get(1), calls, named.get(2), named.get(3), named.get(4));
        OpenApplied open = new OpenApplied(names, OpenGraph.of(nodes, roots));
        return new OpenApplied(open.at(largest), open.graph());
    }

    private static Applied.Call call(JsonPart call, List<Integer> roots) {
        List<JsonPart> parts = call.list();
        if (parts.size() != 3) {
            throw call.wrong("must have a path, a layer and a node");
        }
        roots.add(parts.get(2).number());
        return new Applied.Call(parts.get(0).text(), parts.get(1).text(), Expr.none());
    }

    private Node node(JsonPart node, List<JsonPart> layers) {
        Map<String, String> attributes = new LinkedHashMap<>();
        node.members((name, part) -> {
            if (!Set.of(OPERATOR, OPERANDS, LAYER, TENSOR).contains(name)) {
                attributes.put(name, part.text());
            }
        });
        List<Integer> operands = !node.has(OPERANDS)
                ? List.of()
                : node.get(OPERANDS).list().stream().map(JsonPart::number).toList();
        Written what =
                new Written(node.get(OPERATOR).text(), attributes, node.has(TENSOR) ? tensor(node.get(TENSOR)) : null);
        return node.has(LAYER)
                ? Node.of(what, operands, layer(node.get(LAYER), layers, 0), layer(node.get(LAYER), layers, 1))
                : Node.of(what, operands, "", "");
    }

    private Tensor tensor(JsonPart name) {
        Tensor values = constants.get(name.text());
        if (values == null) {
            throw name.wrong("is a tensor that is not there: '" + Legible.of(name.text()) + "'");
        }
        return values;
    }

    private static String layer(JsonPart number, List<JsonPart> layers, int what) {
        if (number.number() >= layers.size()) {
            throw number.wrong("must be below " + layers.size());
        }
        List<JsonPart> both = layers.get(number.number()).list();
        if (both.size() != 2) {
            throw layers.get(number.number()).wrong("must have a layer and its place");
        }
        return both.get(what).text();
    }
}
