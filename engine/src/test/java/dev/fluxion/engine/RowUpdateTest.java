package dev.fluxion.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.fluxion.Tensor;
import dev.fluxion.ir.DType;
import dev.fluxion.ir.Expr;
import dev.fluxion.ir.Gradients;
import dev.fluxion.ir.Graph;
import dev.fluxion.ir.Interpreter;
import dev.fluxion.ir.Shape;
import dev.fluxion.ir.Slot;
import dev.fluxion.ir.Update;
import dev.fluxion.ir.Value;
import dev.fluxion.ir.ValueException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Tables of which a step reads few rows: gradient descent changes these, and makes no gradient as large as the table. */
class RowUpdateTest {
    private static final int ROWS = 5000;
    private static final int WIDTH = 19;
    private static final int COUNT = 300;
    private static final Update.Rule SGD = (value, g, state) -> value.sub(g.mul(state.learningRate()));
    private static final Expr TABLE = Expr.parameter("table", Shape.of(ROWS, WIDTH));
    private static final Expr IDS = Expr.input("ids", Shape.of(COUNT, 1), DType.INT);
    private static final Expr READ = TABLE.gather(0, IDS.broadcastTo(Shape.of(COUNT, WIDTH)));
    private static final Expr WANTED = Expr.input("wanted", READ.shape());

    private static Graph graph(Update.Rule rule) {
        Expr w = Expr.parameter("w", Shape.of(WIDTH, WIDTH));
        Expr loss = READ.matmul(w).sub(WANTED).square().sum();
        List<Expr> trained = List.of(TABLE, w);
        return Graph.of(new Graph.Stage(
                "step", Map.of("loss", loss), List.of(new Update(trained, Gradients.of(loss, trained), rule))));
    }

    private static Tensor random(int seed, int... dims) {
        Random random = new Random(seed);
        Tensor values = Tensor.zeros(dims);
        for (int i = 0; i < values.size(); i++) {
            values.floats()[i] = (float) (0.5 * random.nextGaussian());
        }
        return values;
    }

    /** Half of them name a row that another one names, too. */
    private static int[] ids(int seed) {
        return new Random(seed)
                .ints(COUNT, 0, COUNT)
                .map(i -> (int) (i * 1_234_567L % ROWS))
                .toArray();
    }

    private static Parameters parameters() {
        return Parameters.of(Map.of("table", random(1, ROWS, WIDTH), "w", random(2, WIDTH, WIDTH)));
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 4})
    void trainsAsItIsMeant(int threads) {
        Graph graph = graph(SGD);
        try (Parameters parameters = parameters();
                Program program = Compiler.compile(graph, parameters, new Options(threads))) {
            assertThat(program.explain().toString()).contains("add gradient to value (rows)");
            assertThat(program.bytes()).isLessThan((long) ROWS * WIDTH * Float.BYTES);
            Interpreter oracle = new Interpreter();
            parameters.values().forEach((name, value) -> oracle.bind(name, value.toValue()));
            program.state().learningRate(0.01);
            for (int step = 0; step < 3; step++) {
                Tensor ids = Tensor.of(ids(step), Shape.of(COUNT, 1));
                Tensor wanted = random(10 + step, COUNT, WIDTH);
                program.write("ids", ids);
                program.write("wanted", wanted);
                program.run();
                oracle.bind("ids", ids.toValue()).bind("wanted", wanted.toValue());
                oracle.learningRate(0.01).run(graph);
            }
            for (String name : parameters.names()) {
                double[] expected = oracle.value(name).data();
                double[] got = parameters.get(name).toValue().data();
                for (int i = 0; i < expected.length; i++) {
                    assertThat(got[i]).as("%s[%d]", name, i).isCloseTo(expected[i], Offset.offset(2e-6));
                }
            }
        }
    }

    @Test
    void threadsChangeNoBit() {
        List<Tensor> tables = new ArrayList<>();
        for (int threads : new int[] {1, 2, 4, 8}) {
            try (Parameters parameters = parameters();
                    Program program = Compiler.compile(graph(SGD), parameters, new Options(threads))) {
                program.state().learningRate(0.01);
                program.write("ids", ids(1));
                program.write("wanted", random(3, COUNT, WIDTH));
                program.run();
                program.run();
                tables.add(parameters.get("table"));
            }
        }
        assertThat(tables).allMatch(tables.get(0)::equals);
    }

    /** Momentum and decay change every row. */
    @Test
    void otherRulesChangeAllRows() {
        Update.Rule decaying =
                (value, g, state) -> value.sub(g.add(value.mul(0.1)).mul(state.learningRate()));
        for (Update.Rule rule : List.of(decaying, UpdateRules.ALL.get("momentum"))) {
            try (Parameters parameters = parameters();
                    Program program = Compiler.compile(graph(rule), parameters, new Options(1))) {
                assertThat(program.explain().toString()).doesNotContain("(rows)");
            }
        }
    }

    /** Summands are finite, their sum is not; or a step would make a value infinite. Nothing changes then. */
    @Test
    void whatWouldNotBeFiniteIsRefused() {
        Expr loss = READ.mul(WANTED).sum();
        Graph graph = Graph.of(new Graph.Stage(
                "step",
                Map.of("loss", loss.mul(0)),
                List.of(new Update(List.of(TABLE), Gradients.of(loss, List.of(TABLE)), SGD))));
        try (Parameters parameters = parameters();
                Program program = Compiler.compile(graph, parameters, new Options(1))) {
            Tensor before = parameters.get("table");
            int[] same = new int[COUNT];
            Arrays.fill(same, 7);
            program.write("ids", same);
            program.write("wanted", Tensor.full(2e36f, COUNT, WIDTH));
            program.state().learningRate(1e-30);
            assertThatThrownBy(program::run)
                    .isInstanceOf(ValueException.class)
                    .hasMessageContaining("gradient of 'table'");
            program.write("wanted", Tensor.full(1e35f, COUNT, WIDTH));
            program.state().learningRate(1e3);
            assertThatThrownBy(program::run)
                    .isInstanceOf(ValueException.class)
                    .hasMessageContaining("'table' at [7, 0]");
            assertThat(parameters.get("table")).isEqualTo(before);
            program.state().learningRate(1e-30);
            program.run();
            assertThat(parameters.get("table")).isNotEqualTo(before);
        }
    }

    /** Moments that decay only where a row is read. */
    private static final Update.Rule LAZY = new Update.Rule() {
        @Override
        public Expr next(Expr value, Expr g, Update.State state) {
            Expr mean = state.keep("mean", m -> m.mul(0.9).add(g.mul(0.1)));
            Expr square = state.keep("square", v -> v.mul(0.99).add(g.square().mul(0.01)));
            return value.sub(mean.div(square.sqrt().add(1e-3)).mul(state.learningRate()));
        }

        @Override
        public boolean isOfRows() {
            return true;
        }

        @Override
        public String toString() {
            return "lazy";
        }
    };

    private static Graph lazy(Expr table, Expr loss) {
        return Graph.of(new Graph.Stage(
                "step",
                Map.of("loss", loss),
                List.of(new Update(List.of(table), Gradients.of(loss, List.of(table)), LAZY))));
    }

    /** A table of few rows has a gradient that is smaller than what is summed up. */
    @ParameterizedTest
    @CsvSource({"5000, 1", "5000, 4", "40, 1", "40, 4"})
    void rulesOfRowsLeaveOtherRowsAsTheyAre(int rows, int threads) {
        Expr table = Expr.parameter("table", Shape.of(rows, WIDTH));
        Expr w = Expr.constant(random(2, WIDTH, WIDTH));
        Expr read = table.gather(0, IDS.broadcastTo(Shape.of(COUNT, WIDTH)));
        Graph graph = lazy(table, read.matmul(w).sub(WANTED).square().sum());
        try (Parameters parameters = Parameters.of(Map.of("table", random(1, rows, WIDTH)));
                Program program = Compiler.compile(graph, parameters, new Options(threads))) {
            assertThat(program.explain().toString()).contains("(rows)");
            Interpreter oracle =
                    new Interpreter().bind("table", parameters.get("table").toValue());
            program.state().learningRate(0.01);
            for (int step = 0; step < 4; step++) {
                int[] ids = Arrays.stream(ids(step)).map(id -> id % rows / 2).toArray();
                Tensor wanted = random(10 + step, COUNT, WIDTH);
                Tensor column = Tensor.of(ids, Shape.of(COUNT, 1));
                program.write("ids", column);
                program.write("wanted", wanted);
                program.run();
                oracle.bind("ids", column.toValue()).bind("wanted", wanted.toValue());
                oracle.learningRate(0.01).run(graph);
            }
            for (String kept : List.of("mean", "square")) {
                Slot slot = Slot.optimizer(kept, "table");
                close(kept, program.state().get(slot), oracle.value(slot));
            }
            close("table", parameters.get("table"), oracle.value("table"));
        }
    }

    private static void close(String name, Tensor found, Value expected) {
        double[] got = found.toValue().data();
        for (int i = 0; i < got.length; i++) {
            double most = 1e-4 * Math.max(1, Math.abs(expected.data()[i]));
            assertThat(got[i]).as("%s[%d]", name, i).isCloseTo(expected.data()[i], Offset.offset(most));
        }
    }

    /** Whatever the switch says: it is what the rule means. */
    @Test
    void rulesOfRowsWantRows() {
        List<Expr> losses = List.of(
                READ.sum().add(TABLE.square().sum()), READ.mul(READ.sum()).sum().add(TABLE.sum()), TABLE.sum());
        for (Expr loss : losses) {
            try (Parameters parameters = parameters()) {
                assertThatThrownBy(() -> Compiler.compile(lazy(TABLE, loss), parameters, new Options(1)))
                        .isInstanceOf(IllegalArgumentException.class)
                        .hasMessageStartingWith("lazy changes only the rows of table that a step reads. ");
            }
            Interpreter oracle =
                    new Interpreter().bind("table", random(1, ROWS, WIDTH).toValue());
            oracle.bind("ids", Tensor.of(ids(1), Shape.of(COUNT, 1)).toValue());
            assertThatThrownBy(() -> oracle.run(lazy(TABLE, loss)))
                    .hasMessageStartingWith("lazy changes only the rows of table that a step reads, but its gradient");
        }
    }
}
