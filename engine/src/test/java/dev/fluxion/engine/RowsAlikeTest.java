package dev.fluxion.engine;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fluxion.ir.Expr;
import dev.fluxion.ir.Graph;
import java.util.Arrays;
import java.util.Map;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** A row of a product has the same bits wherever it is. */
class RowsAlikeTest {
    private static final int[] COLUMNS = {1, 3, 8, 9, 16, 31};
    private static final int[] LENGTHS = {7, 32, 64, 100};

    private final Leaves leaves = new Leaves(0.1);

    static Stream<Integer> rows() {
        return IntStream.of(2, 3, 4, 5, 7, 8, 9, 12, 13, 16, 17, 24, 40).boxed();
    }

    @ParameterizedTest
    @MethodSource("rows")
    void equalRowsHaveEqualProducts(int rows) {
        for (int columns : COLUMNS) {
            for (int length : LENGTHS) {
                Expr x = leaves.input("x", rows, length);
                double[] data = leaves.values.get("x").data();
                for (int row = 1; row < rows; row++) {
                    System.arraycopy(data, 0, data, row * length, length);
                }
                Graph graph = Graph.of(Map.of("y", x.matmul(leaves.parameter("w", length, columns))));
                try (Parameters parameters = Match.parameters(graph, leaves.values);
                        Program program = Compiler.compile(graph, parameters, new Options(1))) {
                    Match.write(program, graph, leaves.values);
                    program.run();
                    float[] all = program.read("y").floats();
                    for (int row = 1; row < rows; row++) {
                        assertThat(Arrays.copyOfRange(all, row * columns, (row + 1) * columns))
                                .as("row %d of %d of %d columns, sums of %d", row, rows, columns, length)
                                .isEqualTo(Arrays.copyOf(all, columns));
                    }
                }
            }
        }
    }
}
