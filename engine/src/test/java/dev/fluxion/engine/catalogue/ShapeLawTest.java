package dev.fluxion.engine.catalogue;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fluxion.ir.DType;
import dev.fluxion.ir.Expr;
import dev.fluxion.ir.Gradients;
import dev.fluxion.ir.Interpreter;
import dev.fluxion.ir.Value;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

class ShapeLawTest {
    private static final int CASES = 15;

    @TestFactory
    Stream<DynamicTest> valuesFillThePredictedShapes() {
        return OperatorCatalogue.rows().stream()
                .map(row -> DynamicTest.dynamicTest(
                        row.name(), () -> row.cases(CASES).forEach(ShapeLawTest::check)));
    }

    private static void check(Case c) {
        for (Expr e : c.graph().order()) {
            Value value = c.interpreter().evaluate(e);
            assertThat(value.data()).as(e.toString()).hasSize(e.shape().size());
            if (e.dtype() == DType.INT) {
                assertThat(Arrays.stream(value.data())).as(e.toString()).allMatch(x -> x == Math.rint(x));
            }
        }
    }

    @TestFactory
    Stream<DynamicTest> gradientsHaveTheShapesOfWhatTheyBelongTo() {
        return OperatorCatalogue.rows().stream()
                .map(row -> DynamicTest.dynamicTest(
                        row.name(), () -> row.cases(CASES).forEach(ShapeLawTest::gradients)));
    }

    private static void gradients(Case c) {
        if (c.differentiable().isEmpty()) {
            return;
        }
        List<Expr> wrt = c.differentiable().stream().map(c::leaf).toList();
        List<Expr> gradients = Gradients.of(c.output().sum(), wrt);
        Interpreter interpreter = c.interpreter();
        for (int i = 0; i < wrt.size(); i++) {
            assertThat(gradients.get(i).shape()).isEqualTo(wrt.get(i).shape());
            assertThat(interpreter.evaluate(gradients.get(i)).data()).doesNotContain(Double.NaN);
        }
    }

    @TestFactory
    Stream<DynamicTest> inputsAreExactInFloat32AndRepeatable() {
        return OperatorCatalogue.rows().stream()
                .map(row -> DynamicTest.dynamicTest(row.name(), () -> {
                    for (int seed = 0; seed < CASES; seed++) {
                        Case c = row.at(seed);
                        assertThat(c.inputs()).isEqualTo(row.at(seed).inputs());
                        c.inputs().values().forEach(v -> assertThat(Arrays.stream(v.data()))
                                .allMatch(x -> x == x.floatValue()));
                        c.tensors().forEach((name, t) -> assertThat(t.toValue())
                                .isEqualTo(c.inputs().get(name)));
                    }
                }));
    }
}
