package dev.fluxion.engine;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fluxion.engine.catalogue.Case;
import dev.fluxion.engine.catalogue.OperatorCatalogue;
import dev.fluxion.engine.catalogue.Row;
import dev.fluxion.engine.check.ErrorBound;
import dev.fluxion.engine.partition.BatchPartition;
import dev.fluxion.engine.partition.Tiling;
import dev.fluxion.ir.AxisRule;
import dev.fluxion.ir.AxisRule.Along;
import dev.fluxion.ir.AxisRule.Join;
import dev.fluxion.ir.DType;
import dev.fluxion.ir.Expr;
import dev.fluxion.ir.Graph;
import dev.fluxion.ir.Leaf;
import dev.fluxion.ir.Result;
import dev.fluxion.ir.Value;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/**
 * Every operator in the middle of a network in tiles, two threads and blocked images, with the batch along each of its axes: those
 * that it divides, and those that it needs whole.
 */
class CrossedCatalogueTest {
    private static final int CASES = Integer.getInteger("fluxion.crossed", 1);

    private final Set<String> divided = new TreeSet<>();
    private final Set<String> divisible = new TreeSet<>();

    @TestFactory
    Stream<DynamicTest> everyRow() {
        Stream<DynamicTest> rows =
                OperatorCatalogue.rows().stream().map(row -> DynamicTest.dynamicTest(row.name(), () -> cross(row)));
        DynamicTest all = DynamicTest.dynamicTest(
                "operators were divided", () -> assertThat(divided).isEqualTo(divisible));
        return Stream.concat(rows, Stream.of(all));
    }

    private void cross(Row row) {
        for (int seed = 0; seed < CASES; seed++) {
            Case c = row.at(seed);
            for (Expr e : c.graph().order().stream()
                    .filter(x -> !(x.op() instanceof Result))
                    .toList()) {
                List<Value> values = c.interpreter().evaluate(e.inputs()).stream()
                        .map(CrossedCatalogueTest::rounded)
                        .toList();
                for (AxisRule rule : ways(e)) {
                    check(row + ", seed " + seed + ", " + e.op() + " by " + rule, c, e, values, rule);
                }
            }
        }
    }

    /** As float32 holds it. */
    private static Value rounded(Value value) {
        return new Value(
                value.shape(), Arrays.stream(value.data()).map(x -> (float) x).toArray());
    }

    /** A node's rules, and one for each axis of its first operand that has none. */
    private static List<AxisRule> ways(Expr e) {
        List<AxisRule> ways = new ArrayList<>(e.op().axes(e));
        int rank = e.inputs().isEmpty() ? 0 : e.input(0).shape().rank();
        for (int axis = 0; axis < rank; axis++) {
            int a = axis;
            if (ways.stream().noneMatch(r -> r.operands().get(0).axis() == a)) {
                List<Along> operands =
                        new ArrayList<>(Collections.nCopies(e.inputs().size(), Along.WHOLE));
                operands.set(0, Along.axis(axis));
                AxisRule.Made made = new AxisRule.Made(Join.MAXIMUM, Along.WHOLE);
                ways.add(new AxisRule(e.input(0).shape().dim(axis), Collections.nCopies(e.results(), made), operands));
            }
        }
        ways.removeIf(r -> r.units() < 2
                || r.results().stream()
                        .anyMatch(m -> !m.along().isWhole() && !m.along().isDivided())
                || r.operands().stream().anyMatch(a -> !a.isWhole() && !a.isDivided()));
        return ways;
    }

    private void check(String what, Case c, Expr e, List<Value> values, AxisRule rule) {
        for (int i = 0; i < e.results(); i++) {
            check(what + ", result " + i, c, e, values, rule, i);
        }
    }

    private void check(String what, Case c, Expr e, List<Value> values, AxisRule rule, int result) {
        AxisRule.Made made = rule.results().get(result);
        Host host = new Host(rule.units());
        List<Expr> operands = host.operands(e, values, rule.operands());
        Expr node = e.op() instanceof Leaf ? e : new Expr(e.op(), operands);
        Expr y = node.result(result);
        Expr number = y.dtype() == DType.INT ? y.toFloat() : y;
        Expr output = made.along().isWhole() ? number : host.read(number, made.along());
        List<Expr> wrt = IntStream.range(0, operands.size())
                .filter(i -> e.input(i).op() instanceof Leaf.Input input
                        && c.differentiable().contains(input.name()))
                .mapToObj(i -> leaf(output, "operand " + i))
                .toList();
        Graph graph = Match.withGradients(output, wrt, host.values, 1);
        Tiling tiling = new Tiling(rule.units(), Math.min(rule.units(), 5), 2);
        if (made.join() == Join.CONCATENATION || made.join() == Join.SUM) {
            divisible.add(e.op().getClass().getName());
        }
        if (BatchPartition.apply(graph, tiling).origins().containsValue(node)) {
            divided.add(e.op().getClass().getName());
        }
        try (Parameters parameters = Match.parameters(graph, host.values)) {
            Program program = Compiler.compile(
                    graph, parameters, RunState.of(parameters), new Options(2), g -> Optional.of(tiling));
            program.state().seed(Case.SEED);
            Match.write(program, graph, host.values);
            program.run();
            Match.check(what, program, graph, new ErrorBound(Match.interpreter(host.values, Case.SEED)));
        } catch (RuntimeException ex) {
            throw new AssertionError(what + ": " + ex.getMessage(), ex);
        }
    }

    private static Expr leaf(Expr root, String name) {
        return Graph.topological(List.of(root)).stream()
                .filter(e -> e.op() instanceof Leaf.Input input && input.name().equals(name))
                .findFirst()
                .orElseThrow();
    }
}
