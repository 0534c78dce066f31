package dev.fluxion.engine;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fluxion.engine.catalogue.Case;
import dev.fluxion.engine.catalogue.OperatorCatalogue;
import dev.fluxion.engine.catalogue.Row;
import dev.fluxion.ir.Expr;
import dev.fluxion.ir.Graph;
import dev.fluxion.ir.Value;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/** Every operator of the catalogue and its gradients, compiled, against the interpreter. */
class NativeMatchesInterpreterTest {
    private static final int CASES = Integer.getInteger("fluxion.cases", 24);

    @TestFactory
    Stream<DynamicTest> everyRow() {
        return OperatorCatalogue.rows().stream()
                .map(row -> DynamicTest.dynamicTest(row.name(), () -> check(row)));
    }

    private static void check(Row row) {
        double[] loose = new double[CASES];
        for (int seed = 0; seed < CASES; seed++) {
            Case c = row.at(seed);
            Map<String, Value> values = new LinkedHashMap<>(c.inputs());
            List<Expr> wrt = c.differentiable().stream().map(c::leaf).toList();
            Graph graph = Match.withGradients(c.output(), wrt, values, seed);
            loose[seed] = Match.check(row + ", seed " + seed, graph, values, Case.SEED, 1 + seed % 2);
        }
        Arrays.sort(loose);
        assertThat(loose[CASES / 2]).as("median bound, relative").isLessThan(5e-5);
    }
}
