package dev.fluxion.ir;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class GraphTest {
    private final Expr x = Expr.input("x", Shape.of(2));
    private final Expr w = Expr.parameter("w", Shape.of(2));

    @Test
    void operandsComeBeforeTheirUse() {
        Expr product = x.mul(w);
        Expr y = product.add(product.exp()).sum();
        List<Expr> order = Graph.topological(List.of(y));
        assertThat(order).doesNotHaveDuplicates().startsWith(x, w, product).endsWith(y);
        for (Expr e : order) {
            e.inputs().forEach(in -> assertThat(order.indexOf(in)).isLessThan(order.indexOf(e)));
        }
    }

    @Test
    void aDeepGraphDoesNotOverflowTheStack() {
        Expr deep = x;
        for (int i = 0; i < 100_000; i++) {
            deep = deep.neg();
        }
        assertThat(Graph.topological(List.of(deep))).hasSize(100_001);
    }

    @Test
    void aGraphSharedAtEveryLevelIsWalkedOnce() {
        Expr y = x;
        for (int i = 0; i < 200; i++) {
            y = y.add(y);
        }
        assertThat(Graph.topological(List.of(y))).hasSize(201);
    }

    @Test
    void listsInputsAndParametersByFirstUse() {
        Expr z = Expr.input("z", Shape.of(2));
        Graph graph = Graph.of(Map.of("y", z.mul(w).add(x)));
        assertThat(graph.inputs()).containsExactly(z, x);
        assertThat(graph.parameters()).containsExactly(w);
        assertThat(graph.stages()).extracting(Graph.Stage::name).containsExactly("main");
    }

    @Test
    void sameNameMeansSameLeaf() {
        Graph graph = Graph.of(Map.of("y", x.add(Expr.input("x", Shape.of(2)))));
        assertThat(graph.inputs()).hasSize(1);
        assertThatThrownBy(() -> Graph.of(Map.of("y", x.add(Expr.input("x", Shape.of(1))))))
                .isInstanceOf(ShapeException.class)
                .hasMessage("two different inputs, parameters or buffers are named 'x'");
        assertThatThrownBy(() -> Graph.of(Map.of("y", x.add(Expr.parameter("x", Shape.of(2))))))
                .hasMessage("two different inputs, parameters or buffers are named 'x'");
    }

    @Test
    void updatesAreRootsAndMustFit() {
        Expr g = x.mul(2);
        Update update = new Update(List.of(w), List.of(g), (p, d, s) -> p.sub(d));
        Graph graph = Graph.of(new Graph.Stage("step", Map.of(), List.of(update)));
        assertThat(graph.order()).contains(g, w);
        assertThatThrownBy(() -> new Update(List.of(w), List.of(), (p, d, s) -> p))
                .hasMessage("an update needs one gradient per parameter but got 0 for 1");
        assertThatThrownBy(() -> new Update(List.of(x), List.of(g), (p, d, s) -> p))
                .hasMessage("only parameters can be updated, but got input(x) : 2");
        assertThatThrownBy(() -> new Update(List.of(w), List.of(g.sum()), (p, d, s) -> p))
                .hasMessage("parameter(w): expected shape 2 but got scalar");
    }
}
