package dev.fluxion.engine;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fluxion.Tensor;
import dev.fluxion.ffi.NativeLibrary;
import dev.fluxion.ir.Expr;
import dev.fluxion.ir.Gradients;
import dev.fluxion.ir.Graph;
import dev.fluxion.ir.Update;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** How the weights of products are packed. */
class ProductChoiceTest {
    private final Leaves leaves = new Leaves(0.1);

    /** Panels of 32 columns for enough rows and weights. */
    @ParameterizedTest
    @CsvSource({
        "8, 256, 256, true",
        "7, 256, 256, false",
        "8, 256, 255, false",
        "33, 300, 260, true",
        "70, 230, 290, true",
    })
    void panels(int rows, int inner, int columns, boolean narrow) {
        Expr y = leaves.input("x", rows, inner).matmul(leaves.parameter("w", inner, columns));
        Graph graph = Graph.of(Map.of("y", y.add(leaves.parameter("b", columns)).relu()));
        Tensor[] answers = new Tensor[4];
        for (int threads = 1; threads <= answers.length; threads++) {
            try (Parameters parameters = Match.parameters(graph, leaves.values);
                    Program program = Compiler.compile(graph, parameters, new Options(threads))) {
                Match.write(program, graph, leaves.values);
                program.run();
                answers[threads - 1] = program.read("y");
                assertThat(program.explain().toString().contains("BA16a32b"))
                        .isEqualTo(narrow && NativeLibrary.lanes() >= 8);
            }
        }
        assertThat(answers).containsOnly(answers[0]);
        Match.check("product", graph, leaves.values, 1, 1);
    }

    /** More weights than a cache holds are read faster in wide panels. */
    @ParameterizedTest
    @CsvSource({"2048, true", "2049, false"})
    void manyWeights(int columns, boolean narrow) {
        Expr y = leaves.input("x", 8, 2048).matmul(leaves.parameter("w", 2048, columns));
        assertThat(explanation(Graph.of(Map.of("y", y))).contains("BA16a32b"))
                .isEqualTo(narrow && NativeLibrary.lanes() >= 8);
    }

    /** Weights that every step changes lie as the library chooses. */
    @Test
    void trainedWeights() {
        Expr w = leaves.parameter("w", 256, 256);
        Expr loss = leaves.input("x", 32, 256).matmul(w).relu().mean();
        Update update = new Update(List.of(w), Gradients.of(loss, List.of(w)), TinyNet.SGD);
        Graph graph = Graph.of(
                new Graph.Stage("forward", Map.of("loss", loss), List.of()),
                new Graph.Stage("update", Map.of(), List.of(update)));
        assertThat(explanation(graph)).doesNotContain("BA16a32b");
    }

    private String explanation(Graph graph) {
        try (Parameters parameters = Match.parameters(graph, leaves.values);
                Program program = Compiler.compile(graph, parameters, new Options(1))) {
            return program.explain().toString();
        }
    }
}
