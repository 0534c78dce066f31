package dev.fluxion.ir;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/** Calls a rule once and checks the expressions that it returns. */
final class RuleCall implements Update.State {
    private final Update.Rule rule;
    private final Expr value;
    private final Expr gradient;
    private final Update.State state;
    private final Set<Expr> own = new HashSet<>();
    private final Set<String> names = new HashSet<>();
    private final List<Expr> results = new ArrayList<>();

    RuleCall(Update.Rule rule, Expr value, Expr gradient, Update.State state) {
        this.rule = rule;
        this.value = value;
        this.gradient = gradient;
        this.state = state;
        own.add(value);
        own.add(gradient);
    }

    Expr next() {
        Expr next = fitting("the next value", rule.next(value, gradient, this));
        for (Expr e : Graph.topological(results)) {
            if (e.op() instanceof Leaf && !(e.op() instanceof Leaf.Constant) && !own.contains(e)) {
                throw new IllegalArgumentException(Errors.foreign(rule, e));
            }
            if (e.op() instanceof Marker.Require) {
                throw new IllegalArgumentException(Errors.requiring(rule));
            }
        }
        return next;
    }

    @Override
    public Expr keep(String name, UnaryOperator<Expr> change) {
        Given.require(Errors.rule(rule), "the name of what it keeps", name);
        Given.require(Errors.rule(rule), "the change of '" + name + "'", change);
        if (!names.add(name)) {
            throw new IllegalArgumentException(Errors.keptTwice(name));
        }
        return state.keep(name, leaf -> {
            own.add(leaf);
            return fitting("the next '" + name + "'", change.apply(leaf));
        });
    }

    @Override
    public Expr scalar(Update.Scalar number) {
        Expr scalar = state.scalar(Given.require(Errors.rule(rule), "a scalar", number));
        own.add(scalar);
        return scalar;
    }

    private Expr fitting(String what, @Nullable Expr result) {
        Expr given = Given.require(Errors.rule(rule), what, result);
        if (!given.shape().equals(value.shape()) || given.dtype() != DType.FLOAT) {
            throw new IllegalArgumentException(Errors.nextShape(rule, what, value.shape(), given));
        }
        results.add(given);
        return given;
    }
}
