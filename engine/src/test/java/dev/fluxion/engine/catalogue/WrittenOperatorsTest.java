package dev.fluxion.engine.catalogue;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.fluxion.ir.DType;
import dev.fluxion.ir.Expr;
import dev.fluxion.ir.Graph;
import dev.fluxion.ir.Leaf;
import dev.fluxion.ir.Op;
import dev.fluxion.ir.Shape;
import dev.fluxion.ir.ShapeException;
import dev.fluxion.ir.open.Node;
import dev.fluxion.ir.open.OpenGraph;
import dev.fluxion.ir.open.Written;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Every operator, with each of its attributes, is written as texts and read back. */
public class WrittenOperatorsTest {
    static Stream<Row> rows() {
        return OperatorCatalogue.rows().stream();
    }

    @ParameterizedTest
    @MethodSource("rows")
    void everyOperatorIsReadBack(Row row) {
        row.cases(4).forEach(c -> requireReadBack(c.output()));
    }

    /** Requires that an expression is the same when it is read back. */
    public static void requireReadBack(Expr e) {
        assertThat(ops(read(write(e)))).isEqualTo(ops(e));
    }

    @Test
    void carriedValuesAreReadBack() {
        Expr carried = new Expr(new Leaf.Carried(3, Shape.of(2, 5), DType.INT), List.of());
        requireReadBack(carried);
    }

    /** Without any one attribute, with one more, with another number of operands, an operator is refused. */
    @ParameterizedTest
    @MethodSource("rows")
    void anIncompleteOperatorIsRefused(Row row) {
        List<Node> nodes = write(row.at(0).output());
        for (int i = 0; i < nodes.size(); i++) {
            Node node = nodes.get(i);
            Map<String, String> attributes = node.what().attributes();
            for (String name : attributes.keySet()) {
                Map<String, String> fewer = new LinkedHashMap<>(attributes);
                fewer.remove(name);
                // Files have had this one for a while only; without it, its operand is a mask too many.
                String why = name.equals("dropout") ? "mask" : "the attribute '" + name + "' is missing";
                refused(nodes, i, fewer, node.operands(), why);
                if (!List.of("name", "parameter", "expectation").contains(name)) {
                    fewer.put(name, "x");
                    refused(nodes, i, fewer, node.operands(), "the attribute '" + name + "' must be");
                }
            }
            Map<String, String> more = new LinkedHashMap<>(attributes);
            more.put("colour", "3");
            refused(nodes, i, more, node.operands(), "there is no attribute 'colour'");
            if (i > 0 && !node.what().operator().equals("concat")) {
                List<Integer> many = Collections.nCopies(9, 0);
                refused(nodes, i, attributes, many, "operands but has 9");
            }
        }
    }

    private static void refused(
            List<Node> nodes, int at, Map<String, String> attributes, List<Integer> operands, String message) {
        Written before = nodes.get(at).what();
        List<Node> changed = new ArrayList<>(nodes);
        changed.set(at, Node.of(new Written(before.operator(), attributes, before.values()), operands, "", ""));
        assertThatThrownBy(() -> read(changed))
                .isInstanceOf(ShapeException.class)
                .hasMessageStartingWith("node " + at + " (" + before.operator() + "): ")
                .hasMessageContaining(message);
    }

    /** An expression as nodes, the last of which is itself. */
    static List<Node> write(Expr root) {
        Map<Expr, Integer> numbers = new HashMap<>();
        return Graph.topological(List.of(root)).stream()
                .map(e -> {
                    numbers.put(e, numbers.size());
                    List<Integer> operands =
                            e.inputs().stream().map(numbers::get).toList();
                    return Node.of(Written.of(e.op()), operands, e.origin(), e.place());
                })
                .toList();
    }

    static Expr read(List<Node> nodes) {
        return OpenGraph.of(nodes, List.of(nodes.size() - 1)).bind(List.of()).get(0);
    }

    /** The operators of an expression and the places of their operands. */
    static List<Object> ops(Expr root) {
        Map<Expr, Integer> numbers = new HashMap<>();
        return Graph.topological(List.of(root)).stream()
                .<Object>map(e -> {
                    numbers.put(e, numbers.size());
                    Op op = e.op();
                    return List.of(
                            op, e.inputs().stream().map(numbers::get).toList(), e.shape(), e.dtype(), e.origin());
                })
                .toList();
    }
}
