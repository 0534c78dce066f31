package dev.fluxion.dsl.loss;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.fluxion.MultiLoss;
import dev.fluxion.Scope;
import dev.fluxion.Tensor;
import dev.fluxion.dsl.Factories;
import dev.fluxion.dsl.loss.LossCase.Row;
import dev.fluxion.dsl.loss.LossCase.Variant;
import dev.fluxion.engine.Compiler;
import dev.fluxion.engine.Options;
import dev.fluxion.engine.Parameters;
import dev.fluxion.engine.Program;
import dev.fluxion.ir.DType;
import dev.fluxion.ir.Expr;
import dev.fluxion.ir.Gradients;
import dev.fluxion.ir.Graph;
import dev.fluxion.ir.Interpreter;
import dev.fluxion.ir.Value;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.BiConsumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What holds for every loss, every setting of its options and every reduction. */
class LossCatalogueTest {
    /** For each loss, setting and reduction; mutation testing makes do with fewer. */
    private static final int CASES = Integer.getInteger("fluxion.loss.cases", 25);

    private static final double TOLERANCE = 1e-12;

    static List<Row> rows() {
        return LossCatalogue.rows();
    }

    @ParameterizedTest
    @MethodSource("rows")
    void valuesAreThoseOfPlainLoops(Row row) {
        forAll(row, CASES, (variant, c) -> {
            double[] actual = c.value().data();
            assertThat(actual).as("%s", c).hasSameSizeAs(c.expected());
            for (int i = 0; i < actual.length; i++) {
                double e = c.expected()[i];
                boolean near = Math.abs(actual[i] - e) <= TOLERANCE * Math.max(1, Math.abs(e));
                assertThat(near || actual[i] == e || Double.isNaN(e) && Double.isNaN(actual[i]))
                        .as("%s is %s in %s", c.loss(), actual[i], c)
                        .isTrue();
            }
        });
    }

    @ParameterizedTest
    @MethodSource("rows")
    void gradientsAreSlopes(Row row) {
        forAll(row, 3, (variant, c) -> {
            if (variant.differentiable() && Arrays.stream(c.expected()).allMatch(Double::isFinite)) {
                c.check().run().orThrow();
                c.check().directions(1).run().orThrow();
            }
        });
    }

    @ParameterizedTest
    @MethodSource("rows")
    void twiceTheLossHasTwiceTheGradientBitForBit(Row row) {
        forAll(row, 5, (variant, c) -> {
            MultiLoss twice = new MultiLoss() {
                @Override
                public Expr apply(Expr... inputs) {
                    return c.loss().apply(inputs).mul(2);
                }

                @Override
                public DType type(int input) {
                    return c.loss().type(input);
                }
            };
            Evaluation one = c.evaluate();
            Evaluation two = Evaluation.of(twice, c.inputs().toArray(Value[]::new));
            one.gradients().forEach((i, g) -> assertThat(two.gradient(i).data())
                    .containsExactly(Arrays.stream(g.data()).map(d -> 2 * d).toArray()));
        });
    }

    @ParameterizedTest
    @MethodSource("rows")
    void theSumIsTheSumOfTheParts(Row row) {
        for (Variant variant : row.variants()) {
            for (int seed = 0; seed < 20; seed++) {
                Value parts =
                        variant.maker().make(new Draw(seed), LossReduction.NONE).value();
                Value sum =
                        variant.maker().make(new Draw(seed), LossReduction.SUM).value();
                assertThat(Arrays.stream(parts.data()).reduce(0, Double::sum)).isEqualTo(sum.item());
            }
        }
    }

    /** Float32 in the engine against double precision of inputs that are float32. */
    @ParameterizedTest
    @MethodSource("rows")
    void compiledProgramsAgree(Row row) {
        for (Variant variant : row.variants()) {
            LossCase c = variant.maker().make(new Draw(5), LossReduction.MEAN);
            Expr[] leaves = c.leaves();
            Map<String, Expr> outputs = new LinkedHashMap<>();
            outputs.put("value", c.loss().apply(leaves));
            for (int i = 0; i < leaves.length; i++) {
                if (leaves[i].dtype() == DType.FLOAT) {
                    List<Expr> gradient = Gradients.of(outputs.get("value"), List.of(leaves[i]));
                    outputs.put("gradient " + i, gradient.get(0));
                }
            }
            Interpreter interpreter = new Interpreter();
            try (Parameters none = Parameters.of(Scope.root(false), 0);
                    Program program = Compiler.compile(Graph.of(outputs), none, Options.defaults())) {
                for (int i = 0; i < leaves.length; i++) {
                    Value v = c.inputs().get(i);
                    Tensor t = leaves[i].dtype() == DType.FLOAT
                            ? Tensor.of(v)
                            : Tensor.of(
                                    Arrays.stream(v.data())
                                            .mapToInt(d -> (int) d)
                                            .toArray(),
                                    v.shape());
                    interpreter.bind("x" + i, t.toValue());
                    program.write("x" + i, t);
                }
                program.run();
                outputs.forEach((name, e) -> {
                    double[] expected = interpreter.evaluate(e).data();
                    double size = Math.max(
                            1, Arrays.stream(expected).map(Math::abs).max().orElse(0));
                    assertThat(program.read(name).toValue().data())
                            .as("%s of %s", name, c)
                            .containsExactly(expected, within(2e-5 * size));
                });
            }
        }
    }

    /** An option that is an argument is set by a variant, whose text tells it. */
    @Test
    void everyLossHasARow() {
        List<String> factories = new ArrayList<>(List.of(
                "elementwise(String, Each)",
                // Objectives, which ObjectivesTest and LossUseTest look at, and functions of distributions, which
                // LossesTest does.
                "regularised(Loss)",
                "stacked(MultiLoss)",
                "entropy(Expr)",
                "crossEntropy(Expr, Expr)"));
        for (Row row : rows()) {
            factories.add(row.name() + "()");
            if (row.variants().stream().anyMatch(v -> text(v).matches(row.name() + "\\([^)].*"))) {
                factories.add(row.name() + "(double)");
            }
        }
        factories.remove("elementwise()");
        Factories.requireRows(Losses.class, factories);
    }

    private static String text(Variant variant) {
        return variant.maker().make(new Draw(1), LossReduction.MEAN).loss().toString();
    }

    @Test
    void thePageTellsOfEveryLoss() throws IOException {
        String page = Files.readString(Path.of("LOSSES.md"));
        for (Row row : rows()) {
            assertThat(page).containsPattern("(?m)^\\| `" + row.name() + "\\(");
            for (Variant variant : row.variants()) {
                for (String option :
                        text(variant).replaceAll("\\([^()]*\\)", " ").split("[ .]+")) {
                    assertThat(page).contains(option);
                }
            }
        }
    }

    private static void forAll(Row row, int cases, BiConsumer<Variant, LossCase> test) {
        for (Variant variant : row.variants()) {
            for (LossReduction reduction : LossReduction.values()) {
                for (int i = 0; i < cases; i++) {
                    long seed = 1000L * variant.options().hashCode() + 7L * i + reduction.ordinal();
                    test.accept(variant, variant.maker().make(new Draw(seed), reduction));
                }
            }
        }
    }
}
