package dev.fluxion.dsl.watch;

import dev.fluxion.dsl.lint.Check;
import dev.fluxion.dsl.lint.Finding;
import dev.fluxion.dsl.lint.Findings;
import dev.fluxion.ir.Expr;
import dev.fluxion.ir.Leaf;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Finds parameters that are trained though the loss does not depend on them. */
public final class GradientLint {
    private GradientLint() {}

    /** Looks at the gradients of parameters, as they are built; those of a layer are one finding. */
    public static void look(Findings findings, List<Expr> parameters, List<Expr> gradients) {
        Map<String, List<String>> without = new LinkedHashMap<>();
        for (int i = 0; i < parameters.size(); i++) {
            if (Exprs.isZero(gradients.get(i))) {
                Expr e = parameters.get(i);
                without.computeIfAbsent(Exprs.place(e), place -> new ArrayList<>())
                        .add(((Leaf.Parameter) e.op()).name());
            }
        }
        without.forEach((place, names) -> findings.tell(
                new Finding(Check.NO_GRADIENT, place, Errors.noGradient(names), Errors.leaveFrozen(names))));
    }
}
