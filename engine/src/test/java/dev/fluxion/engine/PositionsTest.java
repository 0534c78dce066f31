package dev.fluxion.engine;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.fluxion.engine.partition.Tiling;
import dev.fluxion.ir.ConvSpec;
import dev.fluxion.ir.DType;
import dev.fluxion.ir.Expr;
import dev.fluxion.ir.Graph;
import dev.fluxion.ir.Indexing;
import dev.fluxion.ir.Shape;
import dev.fluxion.ir.Value;
import dev.fluxion.ir.ValueException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/** What a program refuses while it computes tile by tile, it names by its place in the whole batch, as the interpreter does. */
class PositionsTest {
    private static final int BATCH = 7;
    private static final Tiling TILES = new Tiling(BATCH, 3, 2);

    private final Expr x = Expr.input("x", Shape.of(BATCH, 5));
    private final Expr rows = x.matmul(Expr.parameter("w", Shape.of(5, 4)));
    private final Expr columns = Expr.parameter("v", Shape.of(4, 5)).matmul(x.transposeLast());

    private record Refusal(Expr e, int at, String message) {}

    private static Expr index(int... dims) {
        return Expr.input("index", Shape.of(dims), DType.INT);
    }

    @TestFactory
    Stream<DynamicTest> areThoseInTheBatch() {
        Map<String, Refusal> refusals = new LinkedHashMap<>();
        for (int at = 0; at < 2 * BATCH; at++) {
            String message = "index 9 at position " + at + " is outside [0, 4)";
            refusals.put("rows " + at, new Refusal(rows.gather(1, index(BATCH, 2)), at, message));
            refusals.put("columns " + at, new Refusal(columns.gather(0, index(2, BATCH)), at, message));
            Expr added = new Expr(new Indexing.ScatterAdd(1, 4), List.of(rows.slice(1, 0, 2), index(BATCH, 2)));
            refusals.put("added to rows " + at, new Refusal(added, at, message));
        }
        Expr images = x.reshape(BATCH, 1, 5, 1).conv(Expr.parameter("u", Shape.of(4, 1, 2, 1)), ConvSpec.of());
        for (int at = 0; at < 2; at++) {
            Expr shared = index(1, 2, 1, 1).broadcastTo(Shape.of(BATCH, 2, 4, 1));
            String message = "index 9 at position " + 4 * at + " is outside [0, 4)";
            refusals.put("shared by rows " + at, new Refusal(images.gather(1, shared), at, message));
        }
        for (int at = 0; at < 4 * BATCH; at++) {
            Expr sums = new Expr(new Indexing.ScatterAdd(0, 4), List.of(rows, index(BATCH, 4)));
            refusals.put("summed " + at, new Refusal(sums, at, "index 9 at position " + at + " is outside [0, 4)"));
            Expr small = index(BATCH, 4).toFloat();
            Expr required = small.require(small.lt(rows.square().add(5)), "must be small");
            String place = "[" + at / 4 + ", " + at % 4 + "]";
            refusals.put(
                    "required " + at, new Refusal(required, at, "must be small, but element " + place + " is 9.0"));
        }
        return refusals.entrySet().stream().flatMap(r -> Stream.of(1, 2)
                .map(threads -> DynamicTest.dynamicTest(
                        r.getKey() + ", threads " + threads, () -> check(r.getValue(), threads))));
    }

    private static void check(Refusal refusal, int threads) {
        Graph graph = Graph.of(Map.of("y", refusal.e));
        Map<String, Value> values = new LinkedHashMap<>();
        Stream.concat(graph.inputs().stream(), graph.parameters().stream())
                .forEach(e -> values.put(e.op().toString().replaceAll(".*\\((.*)\\)", "$1"), zeros(e.shape())));
        try (Parameters parameters = Match.parameters(graph, values);
                Program program = Compiler.compile(
                        graph, parameters, RunState.of(parameters), new Options(threads), g -> Optional.of(TILES))) {
            Match.write(program, graph, values);
            program.run();
            values.get("index").data()[refusal.at] = 9;
            Match.write(program, graph, values);
            assertThatThrownBy(program::run).isInstanceOf(ValueException.class).hasMessage(refusal.message);
        }
    }

    private static Value zeros(Shape shape) {
        return new Value(shape, new double[shape.size()]);
    }
}
