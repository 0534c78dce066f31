package dev.fluxion.ir;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class PrinterTest {
    private final Expr x = Expr.input("x", Shape.of(2, 3));
    private final Expr w = Expr.parameter("w", Shape.of(3, 1));
    private final Expr y = Origin.of("dense(1)", () -> x.matmul(w));

    @Test
    void text() {
        Expr loss = y.sum();
        Update update = new Update(List.of(w), Gradients.of(loss, List.of(w)), (p, g, s) -> p.sub(g));
        Graph graph = Graph.of(new Graph.Stage("train", Map.of("loss", loss), List.of(update)));
        assertThat(Printer.text(graph)).isEqualTo("""
                        %0 = input(x) : 2×3
                        %1 = parameter(w) : 3×1
                        %2 = matmul (%0, %1) : 2×1  # dense(1)
                        %3 = sum[0, 1] (%2) : 1×1
                        %4 = reshape (%3) : scalar
                        %5 = transpose[1, 0] (%0) : 3×2  # dense(1)
                        %6 = 1.0 : scalar
                        %7 = reshape (%6) : 1×1
                        %8 = broadcast (%7) : 2×1
                        %9 = matmul (%5, %8) : 3×1  # dense(1)
                        train: loss = %4
                        train: update %1 by %9
                        """);
    }

    @Test
    void integersAreMarked() {
        Graph graph = Graph.of(Map.of("y", Expr.input("t", Shape.of(2), DType.INT)));
        assertThat(Printer.text(graph)).isEqualTo("%0 = input(t) : 2 int\nmain: y = %0\n");
    }

    @Test
    void dot() {
        assertThat(Printer.dot(Graph.of(Map.of("y", y)))).isEqualTo("""
                        digraph fluxion {
                          rankdir=TB;
                          node [shape=box];
                          n0 [label="input(x) : 2×3"];
                          n1 [label="parameter(w) : 3×1"];
                          n2 [label="matmul : 2×1"];
                          n0 -> n2;
                          n1 -> n2;
                        }
                        """);
    }

    @Test
    void mermaid() {
        assertThat(Printer.mermaid(Graph.of(Map.of("y", y)))).isEqualTo("""
                        flowchart TB
                          n0["input(x) : 2×3"]
                          n1["parameter(w) : 3×1"]
                          n2["matmul : 2×1"]
                          n0 --> n2
                          n1 --> n2
                        """);
    }

    @Test
    void namesWithQuotesAreEscaped() {
        Graph graph = Graph.of(Map.of("y", Expr.input("a\"b", Shape.scalar())));
        assertThat(Printer.dot(graph)).contains("label=\"input(a\\\"b) : scalar\"");
        assertThat(Printer.mermaid(graph)).contains("[\"input(a#quot;b) : scalar\"]");
    }

    @Test
    void operatorsPrintTheirSettings() {
        Expr image = Expr.input("x", Shape.of(1, 2, 8, 8));
        Expr weight = Expr.input("w", Shape.of(4, 1, 3, 3));
        ConvSpec spec = new ConvSpec(Size.of(2), Size.of(1, 0), Size.of(2), 2);
        assertThat(image.conv(weight, spec)).hasToString("conv stride 2 pad 1×0 dilation 2 groups 2 : 1×4×3×2");
        assertThat(image.maxPool(new PoolSpec(Size.of(3), Size.of(2), Size.of(1))))
                .hasToString("maxPool 3 stride 2 pad 1 : 1×2×4×4");
        assertThat(image.avgPool(PoolSpec.of(Size.of(2)))).hasToString("avgPool 2 : 1×2×4×4");
        assertThat(image.leakyRelu(0.1)).hasToString("leakyRelu(0.1) : 1×2×8×8");
        assertThat(image.slice(-1, 2, 5)).hasToString("slice[3:2..5] : 1×2×8×3");
        assertThat(image.pad(2, 1, 0, 0)).hasToString("pad[2:1,0] : 1×2×9×8");
        assertThat(image.softmax(-3)).hasToString("softmax[1] : 1×2×8×8");
        assertThat(image.ge(0)).hasToString("ge : 1×2×8×8");
    }
}
