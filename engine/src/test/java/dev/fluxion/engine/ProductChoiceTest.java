package dev.fluxion.engine;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fluxion.Tensor;
import dev.fluxion.ffi.NativeLibrary;
import dev.fluxion.ir.Expr;
import dev.fluxion.ir.Graph;
import java.util.Map;
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
}
