package dev.fluxion.engine.graph;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fluxion.Tensor;
import dev.fluxion.engine.Compiler;
import dev.fluxion.engine.Options;
import dev.fluxion.engine.Parameters;
import dev.fluxion.engine.Program;
import dev.fluxion.ir.Expr;
import dev.fluxion.ir.Graph;
import dev.fluxion.ir.Interpreter;
import dev.fluxion.ir.Leaf;
import dev.fluxion.ir.Shape;
import dev.fluxion.ir.TableRule;
import dev.fluxion.ir.Value;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What is known before a run is what the run would compute. */
class SimplifyTest {
    private static final Expr INFINITE = Expr.constant(Double.NEGATIVE_INFINITY);

    /** No constant is NaN, but what is made of constants may be. */
    static Map<String, Expr> made() {
        Expr wide = INFINITE.broadcastTo(Shape.of(2, 3));
        return Map.of(
                "difference", INFINITE.sub(INFINITE),
                "root", Expr.constant(-1).sqrt().broadcastTo(Shape.of(5)),
                "logarithm", wide.log().add(Expr.input("x", Shape.of(2, 3))),
                "mean of nothing", Expr.constant(2).broadcastTo(Shape.of(0, 3)).mean(0),
                "sum", wide.sum(0),
                "sum of nothing", INFINITE.broadcastTo(Shape.of(2, 0)).sum(1),
                "no sums", INFINITE.broadcastTo(Shape.of(0, 0)).sum(1));
    }

    /** Elements that are all taken in their order are what they were. */
    @Test
    void whatIsTakenAsItIsIsNotTaken() {
        Expr x = Expr.input("x", Shape.of(2, 3));
        Leaf.Table all = new Leaf.Table(TableRule.REPEATED, List.of(3, 0, 0), 0, 1, 2);
        Leaf.Table some = new Leaf.Table(TableRule.REPEATED, List.of(3, 1, -1), 0, 1, 2);
        for (Leaf.Table table : List.of(all, some)) {
            Expr taken = x.gather(1, new Expr(table, List.of()).broadcastTo(x.shape()));
            Graph simple = Simplify.apply(Graph.of(Map.of("y", taken)));
            Expr y = simple.stages().get(0).outputs().get("y");
            assertThat(y.op()).isEqualTo(table == all ? x.op() : taken.op());
        }
    }

    /** Places that are the same for all that lies behind their axis, and have no axes for it. */
    @Test
    void placesMayHaveFewerAxes() {
        Expr x = Expr.input("x", Shape.of(3, 3));
        Expr places = Expr.constant(Tensor.of(new int[] {0, 1, 2}, Shape.of(3))).broadcastTo(x.shape());
        Graph simple = Simplify.apply(Graph.of(Map.of("y", x.gather(0, places), "z", x.gather(1, places))));
        Map<String, Expr> outputs = simple.stages().get(0).outputs();
        assertThat(outputs.get("y").op().toString()).isEqualTo("gather[0]");
        assertThat(outputs.get("z").op()).isEqualTo(x.op());
    }

    static Stream<Map.Entry<String, Expr>> entries() {
        return made().entrySet().stream();
    }

    @ParameterizedTest
    @MethodSource("entries")
    void whatIsMadeOfConstantsIsWhatARunMakes(Map.Entry<String, Expr> made) {
        Expr x = Expr.input("x", Shape.of(2, 3));
        Graph graph = Graph.of(Map.of("y", made.getValue(), "z", x.neg()));
        double[] given = {1, 2, 3, 4, 5, 6};
        double[] expected = new Interpreter()
                .bind("x", new Value(x.shape(), given))
                .evaluate(made.getValue())
                .data();
        try (Parameters none = Parameters.of(Map.of());
                Program program = Compiler.compile(graph, none, new Options(1))) {
            program.write("x", Tensor.of(new float[] {1, 2, 3, 4, 5, 6}, 2, 3));
            program.run();
            assertThat(program.read("y").toValue().data()).isEqualTo(expected);
        }
    }
}
