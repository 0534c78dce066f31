package dev.fluxion.reports;

import dev.fluxion.ir.DType;
import dev.fluxion.ir.Expr;
import dev.fluxion.ir.Graph;
import dev.fluxion.ir.Leaf;
import dev.fluxion.ir.Op;
import dev.fluxion.ir.Shape;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;

/** A graph as TensorBoard shows it: the operators of a layer in a box, which has the layer's number and text. */
final class GraphNodes {
    private static final int NAME = 1;
    private static final int OP = 2;
    private static final int INPUT = 3;
    private static final int ATTRIBUTE = 5;
    private static final int FLOAT = 1;
    private static final int INT = 3;
    private static final int PRODUCER = 22;

    private final IdentityHashMap<Expr, String> names = new IdentityHashMap<>();
    private final Map<String, String> layers = new LinkedHashMap<>();

    private GraphNodes() {}

    static Proto of(Graph graph) {
        GraphNodes nodes = new GraphNodes();
        Proto out = Proto.message();
        for (Expr e : graph.order()) {
            out.message(1, nodes.node(e));
        }
        return out.message(4, Proto.message().integer(1, PRODUCER));
    }

    private Proto node(Expr e) {
        names.put(e, layer(e) + legible(kind(e.op())) + "_" + names.size());
        Proto node = Proto.message().text(NAME, names.getOrDefault(e, "")).text(OP, kind(e.op()));
        for (Expr input : e.inputs()) {
            node.text(INPUT, names.getOrDefault(input, ""));
        }
        Proto shapes = Proto.message().message(1, Proto.message().message(7, shape(e.shape())));
        attribute(node, "_output_shapes", shapes);
        attribute(node, "dtype", Proto.message().integer(6, e.dtype() == DType.INT ? INT : FLOAT));
        attribute(node, "text", Proto.message().text(2, e.toString()));
        return node;
    }

    private static void attribute(Proto node, String key, Proto value) {
        node.message(ATTRIBUTE, Proto.message().text(1, key).message(2, value));
    }

    private static Proto shape(Shape shape) {
        Proto dims = Proto.message();
        for (int axis = 0; axis < shape.rank(); axis++) {
            dims.message(2, Proto.message().integer(1, shape.dim(axis)));
        }
        return dims;
    }

    /** The box of the layer that made an expression, with a stroke; empty outside of one. */
    private String layer(Expr e) {
        if (e.origin().isEmpty()) {
            return "";
        }
        String next = String.format(Locale.ROOT, "%02d_%s", layers.size() + 1, legible(e.origin()));
        return layers.computeIfAbsent(e.origin() + " " + e.place(), layer -> next) + "/";
    }

    /** What TensorBoard calls the operator, or the parameter that it is. */
    private static String kind(Op op) {
        if (op instanceof Leaf.Input input) {
            return "input " + input.name();
        }
        if (op instanceof Leaf.Parameter parameter) {
            return "parameter " + parameter.name();
        }
        if (op instanceof Leaf.Buffer buffer) {
            return "buffer " + buffer.name();
        }
        return op.toString().split("[\\[ (]", 2)[0];
    }

    /** Only signs that names of nodes may have. */
    private static String legible(String text) {
        String plain = text.replaceAll("[^A-Za-z0-9.]+", "_").replaceAll("^_+|_+$", "");
        return plain.length() > 40 ? plain.substring(0, 40) : plain.isEmpty() ? "node" : plain;
    }
}
