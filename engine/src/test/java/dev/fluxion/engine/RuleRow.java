package dev.fluxion.engine;

import dev.fluxion.engine.rule.Rule;
import dev.fluxion.ffi.NativeLibrary;
import dev.fluxion.ir.Graph;
import java.util.List;
import java.util.function.Function;

/**
 * A graph that a rule must take, and one just past its threshold that it must not.
 *
 * @param rule the name of the rule
 * @param switches rules that are left out, so that this one gets its key
 * @param step what the explanation of the graph that is taken says, and that of the other one does not
 * @param lanes the width of vectors from which on the library has the kernels; 0 if that does not matter
 * @param taken the graph that it takes
 * @param past the one that it does not
 * @param wrong the rule with wrong thresholds
 */
record RuleRow(
        String rule,
        String switches,
        String step,
        int lanes,
        Function<Leaves, Graph> taken,
        Function<Leaves, Graph> past,
        List<Rule> wrong) {
    /** Whether this machine has the kernels. */
    boolean isHere() {
        return lanes <= NativeLibrary.lanes();
    }

    @Override
    public String toString() {
        return rule + " " + step;
    }
}
