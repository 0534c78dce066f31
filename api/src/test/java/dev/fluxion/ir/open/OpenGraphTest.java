package dev.fluxion.ir.open;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.fluxion.Tensor;
import dev.fluxion.ir.ConvSpec;
import dev.fluxion.ir.Expr;
import dev.fluxion.ir.Graph;
import dev.fluxion.ir.Leaf;
import dev.fluxion.ir.Shape;
import dev.fluxion.ir.ShapeException;
import dev.fluxion.ir.Size;
import dev.fluxion.ir.TableRule;
import java.util.List;
import java.util.Map;
import java.util.function.BiFunction;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Formulas are found for whatever follows from extents, and what is bound is what would have been made. */
class OpenGraphTest {
    private static final int MOST = 40;

    /** Something made of n samples of t steps. */
    private record Made(String name, BiFunction<Integer, Integer, Expr> make) {
        Expr at(int n, int t) {
            return make.apply(n, t);
        }

        OpenGraph.Sample sample(int n, int t) {
            return new OpenGraph.Sample(List.of(n, t), List.of(at(n, t)));
        }

        @Override
        public String toString() {
            return name;
        }
    }

    private static Expr x(int n, int t) {
        return Expr.input("x", Shape.of(n, t, 6));
    }

    private static Expr image(int n, int t) {
        Expr x = Expr.input("x", Shape.of(n, 2, t, 9));
        ConvSpec spec = new ConvSpec(Size.of(2), Size.of(1), Size.of(1), 1);
        return x.conv(Expr.parameter("w", Shape.of(4, 2, 3, 3)), spec).relu();
    }

    static Stream<Made> made() {
        return Stream.of(
                new Made("rows", (n, t) -> x(n, t).reshape(n * t, 6)),
                new Made("halves", (n, t) -> x(n, t).reshape(2 * n * t, 3).sum(0)),
                new Made("half of the steps", (n, t) -> x(n, t).slice(1, 0, t / 2)),
                new Made("half rounded up", (n, t) -> x(n, t).slice(1, 0, (t + 1) / 2)),
                new Made("last step", (n, t) -> x(n, t).slice(1, t - 1, t)),
                new Made("mean", (n, t) -> x(n, t).mean(0, 1)),
                new Made("unbiased", (n, t) -> x(n, t).mul((double) (n * t) / (n * t - 1))),
                new Made("squares", (n, t) -> Expr.iota(t).reshape(1, t).broadcastTo(Shape.of(t, t))),
                new Made("random", (n, t) -> x(n, t).mul(Expr.uniform(-7, Shape.of(n, t, 6)))),
                new Made("message", (n, t) -> x(n, t).require(x(n, t).lt(t), "must be in {0, " + t + "}")),
                new Made("table", (n, t) -> x(n, t).add(Expr.constant(table(t)).reshape(1, t, 6))),
                new Made("mirrored", (n, t) -> table(TableRule.REFLECTED, 0, t, 1, 1)),
                new Made("twice as long", (n, t) -> table(TableRule.LINEAR_WEIGHTS, 2, t, 2 * t, 1)),
                new Made("half as long again", (n, t) -> table(TableRule.NEAREST, 1.5, t, 3 * t / 2)),
                new Made("windows", (n, t) -> table(TableRule.WINDOWS, 0, (t + 1) / 2, 1, 2, 3)),
                new Made("of another size", (n, t) -> table(TableRule.CUBIC_PLACES, 0, t, 9, 3)),
                new Made("rows and columns of windows", (n, t) -> Expr.constant(1)
                        .broadcastTo(Shape.of(n, t + 3, t - 1))
                        .reshape(n, (t + 3) * (t - 1))),
                new Made("image", (n, t) -> image(n, t).mean(2, 3)),
                new Made("rows of an image", (n, t) -> {
                    Expr y = image(n, t);
                    return y.reshape(
                                    y.shape().dim(0),
                                    4,
                                    y.shape().dim(2) * y.shape().dim(3))
                            .add(Expr.constant(1).broadcastTo(Shape.of(n, 4, (t + 1) / 2 * 5)));
                }));
    }

    private static Expr table(TableRule rule, double scale, Integer... numbers) {
        return new Expr(new Leaf.Table(rule, List.of(numbers), scale, 1, 2), List.of());
    }

    private static Tensor table(int t) {
        Tensor table = Tensor.zeros(t, 6);
        for (int i = 0; i < table.size(); i++) {
            table.floats()[i] = i * i;
        }
        return table;
    }

    @ParameterizedTest
    @MethodSource("made")
    void boundIsAsMade(Made made) {
        OpenGraph graph = OpenGraph.fitted(List.of(
                made.sample(2, MOST), made.sample(3, MOST - 1), made.sample(5, MOST / 2), made.sample(4, MOST - 5)));
        for (int n : new int[] {1, 2, 7}) {
            for (int t : new int[] {2, 3, 8, 31, MOST}) {
                if (n * t > 1) {
                    assertThat(text(graph.bind(List.of(n, t)).get(0))).isEqualTo(text(made.at(n, t)));
                }
            }
        }
    }

    private static List<String> text(Expr root) {
        return Graph.topological(List.of(root)).stream()
                .map(e -> Written.of(e.op()).attributes() + " " + e + " "
                        + (e.op() instanceof dev.fluxion.ir.Leaf.Literal l ? l.values() : ""))
                .toList();
    }

    @Test
    void whatNoFormulaTellsIsRefused() {
        Made odd =
                new Made("odd", (n, t) -> t % 2 == 0 ? x(n, t) : x(n, t).relu().relu());
        assertThatThrownBy(() -> OpenGraph.fitted(List.of(odd.sample(2, 8), odd.sample(3, 7))))
                .hasMessageContaining("depends on an extent in a way that no formula tells");
        Made root = new Made("root", (n, t) -> x(n, t).mul(Math.sqrt(t)));
        assertThatThrownBy(() -> OpenGraph.fitted(List.of(root.sample(2, 40), root.sample(3, 39), root.sample(4, 20))))
                .hasMessageContaining("with value");
    }

    @ParameterizedTest
    @ValueSource(strings = {"e0", "3*e0*n3.1", "(2*e0*n3.1-1)/4", "e1+7", "(e2)/2", "12", "-3"})
    void formulasAreReadBack(String text) {
        assertThat(Formula.parse(text)).hasToString(text);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "e",
                "n1",
                "e0+",
                "e0*",
                "0*e0",
                "e0/0",
                "(e0/2",
                "(e0)/0",
                "e0 ",
                "e99999999999",
                "x",
                "99999999999999999999"
            })
    void whatIsNoFormulaIsRefused(String text) {
        assertThatThrownBy(() -> Formula.parse(text)).hasMessage("'" + text + "' is no formula of extents");
    }

    private static Node node(String operator, Map<String, String> attributes, Integer... operands) {
        return Node.of(new Written(operator, attributes, null), List.of(operands), "mine()", "at Net.java:3");
    }

    @Test
    void badNodesAreRefused() {
        Node x = node("input", Map.of("name", "x", "shape", "{e0},3", "type", "FLOAT", "infinite", "no"));
        refused("node 1 (unary of mine()): operand 1 is not a node before it", x, node("unary", Map.of(), 1));
        refused("node 1 (unary of mine()): operand 7 is not a node before it", x, node("unary", Map.of(), 7));
        refused("there is no operator 'run'", node("run", Map.of()));
        refused("there is no extent e7 at this place", node("iota", Map.of("length", "{e7}")));
        refused("there is no extent n1.0 at this place", x, node("iota", Map.of("length", "{n1.0}")));
        refused("there is no extent n0.2 at this place", x, node("iota", Map.of("length", "{n0.2}")));
        refused("is no formula of extents", node("iota", Map.of("length", "{e0")));
        refused("divides by 0", node("constant", Map.of("value", "{1:e0-2}")));
        refused("is beyond 64 bits", node("iota", Map.of("length", "{9223372036854775807*e0}")));
        refused("must lie within 32 bits", node("iota", Map.of("length", "{2147483647*e0}")));
        refused("must have ascending axes", x, node("sum", Map.of("axes", "1,0"), 0));
        refused("must be axes but there is none", x, node("sum", Map.of("axes", ""), 0));
        refused("must be one axis", x, node("slice", Map.of("axis", "0,1", "from", "0", "to", "1"), 0));
        refused("must have ascending axes", x, node("softmax", Map.of("axis", "-1"), 0));
        refused("must have ascending axes", x, node("concat", Map.of("axis", "2"), 0));
        refused(
                "is wanted of a constant tensor",
                Node.of(new Written("tensor", Map.of("shape", "{e0}"), Tensor.vector(1)), List.of(), "", ""));
        assertThatThrownBy(() -> OpenGraph.of(List.of(x), List.of(1))).hasMessage("there is no node 1 among 1");
    }

    private static void refused(String message, Node... nodes) {
        assertThatThrownBy(() ->
                        OpenGraph.of(List.of(nodes), List.of(nodes.length - 1)).bind(List.of(2)))
                .isInstanceOfAny(IllegalArgumentException.class, ShapeException.class)
                .hasMessageStartingWith("node " + (nodes.length - 1))
                .hasMessageContaining(message);
    }
}
