package dev.fluxion.engine;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fluxion.engine.rule.RuleBook;
import dev.fluxion.ir.Expr;
import dev.fluxion.ir.Graph;
import dev.fluxion.ir.Recurrence;
import dev.fluxion.ir.RecurrentCell;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

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
                Expr y = alike("x", rows, length).matmul(leaves.parameter("w", length, columns));
                requireAlike(Graph.of(Map.of("y", y)), rows, "of " + rows + "×" + columns + ", sums of " + length);
            }
        }
    }

    /** A recurrence by BLAS, as where the library has no kernels for it. */
    @ParameterizedTest
    @ValueSource(ints = {5, 8, 12, 13})
    void equalSequencesHaveEqualStates(int sequences) {
        int width = 16;
        Expr u = alike("u", sequences, 3 * 4 * width).reshape(sequences, 3, 4 * width);
        Expr y = new Expr(
                new Recurrence(RecurrentCell.LSTM, false),
                List.of(
                        u,
                        leaves.parameter("w", 4 * width, width),
                        leaves.parameter("d", 4 * width),
                        alike("h", sequences, width),
                        alike("c", sequences, width)));
        System.setProperty(RuleBook.PROPERTY, "-recurrent");
        try {
            requireAlike(Graph.of(Map.of("y", y)), sequences, "of " + sequences);
        } finally {
            System.clearProperty(RuleBook.PROPERTY);
        }
    }

    /** An input of equal rows. */
    private Expr alike(String name, int rows, int length) {
        Expr x = leaves.input(name, rows, length);
        double[] data = leaves.values.get(name).data();
        for (int row = 1; row < rows; row++) {
            System.arraycopy(data, 0, data, row * length, length);
        }
        return x;
    }

    private void requireAlike(Graph graph, int rows, String what) {
        try (Parameters parameters = Match.parameters(graph, leaves.values);
                Program program = Compiler.compile(
                        graph, parameters, RunState.of(parameters), new Options(1), g -> Optional.empty())) {
            Match.write(program, graph, leaves.values);
            program.run();
            float[] all = program.read("y").floats();
            int length = all.length / rows;
            for (int row = 1; row < rows; row++) {
                assertThat(Arrays.copyOfRange(all, row * length, (row + 1) * length))
                        .as("row %d %s", row, what)
                        .isEqualTo(Arrays.copyOf(all, length));
            }
        }
    }
}
