package dev.fluxion.engine.catalogue;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fluxion.ir.AxisRule;
import dev.fluxion.ir.Expr;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/** What operators declare about their axes holds, and would be seen not to hold. */
class AxisLawTest {
    private static final int CASES = Integer.getInteger("fluxion.cases", 12);

    @TestFactory
    Stream<DynamicTest> partsMakeTheWhole() {
        return OperatorCatalogue.rows().stream()
                .map(row -> DynamicTest.dynamicTest(row.name(), () -> {
                    for (int seed = 0; seed < CASES; seed++) {
                        Case c = row.at(seed);
                        for (Expr e : c.graph().order()) {
                            for (AxisRule rule : e.op().axes(e)) {
                                check(row + ", seed " + seed, c, e, rule);
                            }
                        }
                    }
                }));
    }

    private static void check(String what, Case c, Expr e, AxisRule rule) {
        AxisLaw.check(what, e, c.interpreter().evaluate(e.inputs()), rule, c.interpreter());
    }

    /** Also an axis that is called mixed but is not: then what is planted is right, and nothing catches it. */
    @TestFactory
    Stream<DynamicTest> wrongDeclarationsAreCaught() {
        return OperatorCatalogue.rows().stream()
                .map(row -> DynamicTest.dynamicTest(row.name(), () -> {
                    Map<String, Boolean> caught = new TreeMap<>();
                    for (int seed = 0; seed < CASES; seed++) {
                        Case c = row.at(seed);
                        for (Expr e : c.graph().order()) {
                            String operator = e.op().getClass().getSimpleName() + ": ";
                            for (WrongAxes.Wrong wrong : WrongAxes.of(e)) {
                                boolean seen = wrong.ways().stream().allMatch(rule -> isCaught(c, e, rule));
                                caught.merge(operator + wrong.what(), seen, Boolean::logicalOr);
                            }
                        }
                    }
                    assertThat(caught)
                            .as("wrong declarations by whether they are seen")
                            .doesNotContainValue(false);
                }));
    }

    private static boolean isCaught(Case c, Expr e, AxisRule rule) {
        try {
            check("planted", c, e, rule);
            return false;
        } catch (AssertionError expected) {
            return true;
        }
    }
}
