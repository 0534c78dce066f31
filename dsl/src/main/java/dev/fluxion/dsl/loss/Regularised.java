package dev.fluxion.dsl.loss;

import dev.fluxion.Loss;
import dev.fluxion.Tensor;
import dev.fluxion.dsl.internal.Numbers;
import dev.fluxion.dsl.internal.ParameterFilter;
import dev.fluxion.dsl.internal.Text;
import dev.fluxion.ir.DType;
import dev.fluxion.ir.Expr;
import dev.fluxion.ir.Given;
import dev.fluxion.ir.Graph;
import dev.fluxion.ir.Leaf;
import dev.fluxion.ir.Shape;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Predicate;
import java.util.function.UnaryOperator;
import java.util.stream.Collectors;

/**
 * A loss with a penalty for large parameters: cost + λ₁·Σ|w| + λ₂·Σw², over all or some of the parameters that the
 * output depends on. The gradient of the second is 2λ₂w, so that a weight decay d of plain SGD is λ₂ = d/2. The
 * penalty is added after the reduction, once.
 *
 * @param cost the loss without the penalty
 * @param l1 λ₁
 * @param l2 λ₂
 * @param parameters selects the penalised parameters from the names of those that the output depends on
 */
public record Regularised(Loss cost, double l1, double l2, UnaryOperator<List<String>> parameters) implements Loss {
    private static final String PENALISE = "penalise";

    /** Penalises every parameter. */
    static final UnaryOperator<List<String>> ALL = names -> names;

    /** Checks the factors, and that nothing is null. */
    public Regularised {
        Given.require("regularised(…)", "the loss", cost);
        Given.require("regularised(…)", "the choice of parameters", parameters);
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

    /**
     * This objective with a penalty of some parts of the model only: {@code only("7", "head.weight")}, by the paths
     * of layers or names of parameters, as in {@link dev.fluxion.dsl.train.Training#only(String...)}. It replaces an
     * earlier choice. If there are no parts, or the output depends on no parameter of a part, applying the loss
     * throws an {@link IllegalArgumentException}.
     */
    public Regularised only(String... parts) {
        return new Regularised(cost, l1, l2, new Within(List.of(ParameterFilter.parts(parts))));
    }

    /**
     * This objective with a penalty of only the parameters whose names satisfy a condition:
     * {@code only(name -> name.endsWith("weight"))}. If none does, though the output depends on some, applying the
     * loss throws an {@link IllegalArgumentException}.
     */
    public Regularised only(Predicate<String> accepted) {
        ParameterFilter.given(accepted);
        return new Regularised(cost, l1, l2, names -> ParameterFilter.accepted(names, PENALISE, accepted));
    }

    @Override
    public Shape targetShape(Shape output) {
        return cost.targetShape(output);
    }

    @Override
    public boolean takesOtherShapes() {
        return cost.takesOtherShapes();
    }

    @Override
    public DType targetType() {
        return cost.targetType();
    }

    @Override
    public double samples(Tensor target) {
        return cost.samples(target);
    }

    @Override
    public double sum(double value, Tensor target) {
        return cost.sum(value, target);
    }

    @Override
    public Expr apply(Expr output, Expr target) {
        Map<String, Expr> found = new LinkedHashMap<>();
        for (Expr e : Graph.topological(List.of(output))) {
            if (e.op() instanceof Leaf.Parameter parameter) {
                found.putIfAbsent(parameter.name(), e);
            }
        }
        Expr sum = cost.apply(output, target);
        List<String> chosen = found.isEmpty() ? List.of() : parameters.apply(List.copyOf(found.keySet()));
        for (String name : chosen) {
            Expr w = Objects.requireNonNull(found.get(name));
            sum = l1 == 0 ? sum : sum.add(w.abs().sum().mul(l1));
            sum = l2 == 0 ? sum : sum.add(w.square().sum().mul(l2));
        }
        return sum;
    }

    /** The objective as the user wrote it. */
    @Override
    public String toString() {
        return "regularised(" + Text.of(cost) + ")"
                + Text.option("l1", l1, 0)
                + Text.option("l2", l2, 0)
                + Text.option("only", parameters, ALL);
    }

    /** The parameters in some parts of the model, written as the arguments of {@code only}. */
    private record Within(List<String> parts) implements UnaryOperator<List<String>> {
        @Override
        public List<String> apply(List<String> names) {
            return ParameterFilter.within(names, PENALISE, parts.toArray(String[]::new));
        }

        @Override
        public String toString() {
            return parts.stream().map(part -> '"' + part + '"').collect(Collectors.joining(", "));
        }
    }
}
