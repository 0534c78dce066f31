package dev.fluxion.dsl;

import dev.fluxion.Loss;
import dev.fluxion.ir.DType;
import dev.fluxion.ir.Expr;
import dev.fluxion.ir.Graph;
import dev.fluxion.ir.Leaf;
import dev.fluxion.ir.Shape;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;

/**
 * A loss and a penalty for large parameters: cost + λ₁·Σ|w| + λ₂·Σw², over the parameters that the output depends on and
 * whose name is accepted. The gradient of the second is 2λ₂w, so that a weight decay d of plain SGD is λ₂ = d/2. The
 * penalty is added after the reduction, once.
 *
 * @param cost the loss without the penalty
 * @param l1 λ₁
 * @param l2 λ₂
 * @param parameters which parameters are penalised, by name
 */
public record Regularised(Loss cost, double l1, double l2, Predicate<String> parameters) implements Loss {
    /** Checks the factors. */
    public Regularised {
        Numbers.requireNotNegative("regularised(…)", "l1", l1);
        Numbers.requireNotNegative("regularised(…)", "l2", l2);
    }

    /** This objective with another factor of the sum of absolute values. */
    public Regularised l1(double factor) {
        return new Regularised(cost, factor, l2, parameters);
    }

    /** This objective with another factor of the sum of squares. */
    public Regularised l2(double factor) {
        return new Regularised(cost, l1, factor, parameters);
    }

    /** This objective with a penalty of some parameters only: {@code only(name -> name.endsWith("weight"))}. */
    public Regularised only(Predicate<String> names) {
        return new Regularised(cost, l1, l2, names);
    }

    @Override
    public Shape targetShape(Shape output) {
        return cost.targetShape(output);
    }

    @Override
    public DType targetType() {
        return cost.targetType();
    }

    @Override
    public Expr apply(Expr output, Expr target) {
        Map<String, Expr> found = new LinkedHashMap<>();
        for (Expr e : Graph.topological(List.of(output))) {
            if (e.op() instanceof Leaf.Parameter parameter && parameters.test(parameter.name())) {
                found.putIfAbsent(parameter.name(), e);
            }
        }
        Expr sum = cost.apply(output, target);
        for (Expr w : found.values()) {
            sum = l1 == 0 ? sum : sum.add(w.abs().sum().mul(l1));
            sum = l2 == 0 ? sum : sum.add(w.square().sum().mul(l2));
        }
        return sum;
    }

    /** The objective as the user wrote it. */
    @Override
    public String toString() {
        return "regularised(" + Text.of(cost) + ")" + Text.option("l1", l1, 0) + Text.option("l2", l2, 0);
    }
}
