package dev.fluxion.engine.catalogue;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.fluxion.ir.ArgSort;
import dev.fluxion.ir.DType;
import dev.fluxion.ir.Elementwise;
import dev.fluxion.ir.Expr;
import dev.fluxion.ir.Indexing;
import dev.fluxion.ir.Marker;
import dev.fluxion.ir.Movement;
import dev.fluxion.ir.Op;
import dev.fluxion.ir.Pooling;
import dev.fluxion.ir.Shape;
import dev.fluxion.ir.ShapeException;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/** An operand that does not fit is refused where the operator is applied, whichever operand it is. */
class MisfitLawTest {
    private static final int CASES = 5;

    private static final Set<Class<? extends Op>> OF_ANY_TYPE = Set.of(
            Movement.Reshape.class,
            Movement.Transpose.class,
            Movement.Broadcast.class,
            Movement.Slice.class,
            Elementwise.Cast.class,
            ArgSort.class,
            Marker.StopGradient.class,
            Marker.Require.class);

    @TestFactory
    Stream<DynamicTest> operandsOfAnotherTypeAreRefused() {
        return forAll((row, node, i) -> takesOneType(node, i), x -> {
            DType other = x.dtype() == DType.INT ? DType.FLOAT : DType.INT;
            return Expr.input("misfit", x.shape(), other);
        });
    }

    private static boolean takesOneType(Expr node, int operand) {
        Op op = node.op();
        boolean free = op instanceof Elementwise.Where || op instanceof Indexing.Gather;
        return !OF_ANY_TYPE.contains(op.getClass()) && !(free && operand == 0);
    }

    @TestFactory
    Stream<DynamicTest> operandsOfAnotherRankAreRefused() {
        return forAll(MisfitLawTest::takesOneRank, x -> {
            int[] dims = new int[x.shape().rank() + 1];
            dims[0] = 1;
            System.arraycopy(x.shape().dims(), 0, dims, 1, dims.length - 1);
            return Expr.input("misfit", Shape.of(dims), x.dtype());
        });
    }

    /** Operators of a single operand take any rank, except those of images. */
    private static boolean takesOneRank(Row row, Expr node, int operand) {
        return operand != row.anyRank() && node.inputs().size() > 1 || node.op() instanceof Pooling;
    }

    private static Stream<DynamicTest> forAll(Choice choice, UnaryOperator<Expr> misfit) {
        return OperatorCatalogue.rows().stream()
                .map(row -> DynamicTest.dynamicTest(row.name(), () -> row.cases(CASES)
                        .flatMap(c -> c.graph().order().stream())
                        .forEach(node -> {
                            for (int i = 0; i < node.inputs().size(); i++) {
                                if (choice.includes(row, node, i)) {
                                    refuses(node, i, misfit.apply(node.input(i)));
                                }
                            }
                        })));
    }

    private static void refuses(Expr node, int operand, Expr misfit) {
        List<Expr> operands = new ArrayList<>(node.inputs());
        operands.set(operand, misfit);
        assertThatThrownBy(() -> new Expr(node.op(), operands))
                .as("%s of %s", node.op(), operands)
                .isInstanceOf(ShapeException.class);
    }

    private interface Choice {
        boolean includes(Row row, Expr node, int operand);
    }
}
