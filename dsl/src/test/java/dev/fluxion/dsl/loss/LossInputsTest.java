package dev.fluxion.dsl.loss;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.fluxion.Loss;
import dev.fluxion.MultiLoss;
import dev.fluxion.dsl.loss.LossCase.Row;
import dev.fluxion.dsl.loss.LossCase.Variant;
import dev.fluxion.ir.DType;
import dev.fluxion.ir.Expr;
import dev.fluxion.ir.Shape;
import dev.fluxion.ir.ShapeException;
import dev.fluxion.ir.Value;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What every loss says of its inputs, and that it refuses others where it is applied. */
class LossInputsTest {
    private static final int CASES = 5;

    private static final String OF_OPERATORS =
            "needs (floating-point )?operands|needs an integer index|cannot (reshape|broadcast)|do not broadcast|the index must";

    static List<Row> rows() {
        return LossCatalogue.rows();
    }

    private static Stream<LossCase> cases(Row row, LossReduction reduction) {
        return row.variants().stream().flatMap(variant -> cases(variant, reduction));
    }

    private static Stream<LossCase> cases(Variant variant, LossReduction reduction) {
        return Stream.iterate(0L, seed -> seed + 1).limit(CASES).map(seed -> variant.maker()
                .make(new Draw(seed), reduction));
    }

    @ParameterizedTest
    @MethodSource("rows")
    void inputsHaveNames(Row row) {
        cases(row, LossReduction.MEAN).forEach(c -> assertThat(c.loss().inputs())
                .hasSizeGreaterThanOrEqualTo(c.inputs().size())
                .doesNotHaveDuplicates());
    }

    @ParameterizedTest
    @MethodSource("rows")
    void targetsAreAsAnnounced(Row row) {
        cases(row, LossReduction.MEAN)
                .filter(c -> c.loss() instanceof Loss && !(c.loss() instanceof Ctc) && !stretches(c))
                .forEach(c -> {
                    Loss loss = (Loss) c.loss();
                    assertThat(loss.targetShape(c.inputs().get(0).shape()))
                            .isEqualTo(c.inputs().get(1).shape());
                    assertThat(loss.targetType()).isEqualTo(loss.type(1));
                });
    }

    @ParameterizedTest
    @MethodSource("rows")
    void inputsOfAnotherNumberAreRefused(Row row) {
        cases(row, LossReduction.MEAN).forEach(c -> {
            Expr[] leaves = c.leaves();
            refuses(c, Arrays.copyOf(leaves, 1));
            Expr[] many = Arrays.copyOf(leaves, c.loss().inputs().size() + 1);
            Arrays.fill(many, leaves.length, many.length, leaves[0]);
            refuses(c, many);
        });
    }

    @ParameterizedTest
    @MethodSource("rows")
    void inputsOfAnotherTypeAreRefused(Row row) {
        cases(row, LossReduction.MEAN).forEach(c -> {
            for (int i = 0; i < c.inputs().size(); i++) {
                DType other = c.loss().type(i) == DType.INT ? DType.FLOAT : DType.INT;
                Expr[] inputs =
                        with(c, i, Expr.input("misfit", c.inputs().get(i).shape(), other));
                if (i == 0) {
                    refuses(c, inputs);
                } else {
                    explains(c, inputs);
                }
            }
        });
    }

    @ParameterizedTest
    @MethodSource("rows")
    void inputsWithAnAxisMoreAreRefused(Row row) {
        cases(row, LossReduction.MEAN).filter(c -> !stretches(c)).forEach(c -> {
            for (int i = 0; i < c.inputs().size(); i++) {
                int[] dims = c.inputs().get(i).shape().dims();
                int[] more = new int[dims.length + 1];
                more[0] = 11;
                System.arraycopy(dims, 0, more, 1, dims.length);
                explains(
                        c,
                        with(c, i, Expr.input("misfit", Shape.of(more), c.loss().type(i))));
            }
        });
    }

    @ParameterizedTest
    @MethodSource("rows")
    void aWeightScalesTheLossOfItsElement(Row row) {
        cases(row, LossReduction.NONE)
                .filter(c -> c.inputs().size() == 2 && c.loss().inputs().contains("weight"))
                .forEach(c -> {
                    double[] each = c.value().data();
                    Value w = new Draw(7).uniform(c.inputs().get(0).shape(), 0, 2);
                    Value weighted = Evaluation.of(
                                    c.loss(), c.inputs().get(0), c.inputs().get(1), w)
                            .value();
                    for (int i = 0; i < each.length; i++) {
                        assertThat(weighted.data()[i]).isCloseTo(w.data()[i] * each[i], within(0.0));
                    }
                });
    }

    @ParameterizedTest
    @MethodSource("rows")
    void anObjectiveIsTheSameLoss(Row row) {
        cases(row, LossReduction.SUM)
                .filter(c -> c.loss() instanceof Loss && !(c.loss() instanceof Ctc))
                .filter(c -> c.inputs().size() == 2)
                .forEach(c -> {
                    MultiLoss objective = new MultiLoss() {
                        @Override
                        public Expr apply(Expr... inputs) {
                            return ((Loss) c.loss()).apply(inputs[0], inputs[1]);
                        }

                        @Override
                        public DType type(int input) {
                            return c.loss().type(input);
                        }
                    };
                    assertThat(Evaluation.of(objective, c.inputs().toArray(Value[]::new)))
                            .isEqualTo(c.evaluate());
                });
    }

    private static boolean stretches(LossCase c) {
        return c.loss() instanceof ElementwiseLoss loss && loss.broadcast();
    }

    private static Expr[] with(LossCase c, int input, Expr misfit) {
        Expr[] leaves = c.leaves();
        leaves[input] = misfit;
        return leaves;
    }

    private static void refuses(LossCase c, Expr... inputs) {
        assertThatThrownBy(() -> c.loss().apply(inputs))
                .as("%s of %s", c.loss(), Arrays.toString(inputs))
                .isInstanceOf(ShapeException.class);
    }

    /** Refused by the loss itself, in its words and not in those of an operator that it is made of. */
    private static void explains(LossCase c, Expr... inputs) {
        assertThatThrownBy(() -> c.loss().apply(inputs))
                .as("%s of %s", c.loss(), Arrays.toString(inputs))
                .isInstanceOf(ShapeException.class)
                .message()
                .doesNotContainPattern(OF_OPERATORS);
    }
}
