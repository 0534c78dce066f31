package dev.fluxion.ir;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.UnaryOperator;

/**
 * An update of parameters at the end of a stage. The rule is written once for a tensor of any shape and computes
 * element by element, so that an engine may apply it to many parameters laid out as one flat vector.
 *
 * @param parameters the parameters to change, or their kept tensors
 * @param gradients for each of them the gradient that the rule gets, of the same shape
 * @param rule computes the next value
 */
public record Update(List<Expr> parameters, List<Expr> gradients, Rule rule) {
    /** Checks that there is a gradient of equal shape for each parameter. */
    public Update {
        parameters = Given.each("Update", "a parameter", parameters);
        gradients = Given.each("Update", "a gradient", gradients);
        Given.require("Update", "the rule", rule);
        if (parameters.size() != gradients.size()) {
            throw new ShapeException(Errors.gradientCount(parameters.size(), gradients.size()));
        }
        for (int i = 0; i < parameters.size(); i++) {
            Expr p = parameters.get(i);
            if (!(p.op() instanceof Leaf.Variable)) {
                throw new ShapeException(Errors.notAParameter(p));
            }
            Errors.requireShape(p.op(), p.shape(), gradients.get(i).shape());
        }
    }

    /** Gives buffers their next values. */
    public static Update assign(Map<Expr, Expr> next) {
        Given.require("assign", "the next values", next);
        return new Update(new ArrayList<>(next.keySet()), new ArrayList<>(next.values()), Assignment.RULE);
    }

    /** Whether it gives buffers their next values. */
    public boolean assigns() {
        return rule == Assignment.RULE;
    }

    /** This update at so many times the learning rate of the step. */
    public Update rated(double factor) {
        return factor == 1 ? this : new Update(parameters, gradients, new Rated(rule, factor));
    }

    /** A rule at another learning rate. */
    private record Rated(Rule rule, double factor) implements Rule {
        @Override
        public Expr next(Expr value, Expr gradient, State state) {
            return rule.next(value, gradient, new State() {
                @Override
                public Expr keep(String name, UnaryOperator<Expr> next) {
                    return state.keep(name, next);
                }

                @Override
                public Expr scalar(Scalar number) {
                    return state.scalar((t, lr) -> number.at(t, lr * factor));
                }
            });
        }

        @Override
        public boolean isOfRows() {
            return rule.isOfRows();
        }

        @Override
        public String toString() {
            return rule.toString();
        }
    }

    /** The rule by which a buffer takes the value that stands for its gradient. */
    private enum Assignment implements Rule {
        RULE;

        @Override
        public Expr next(Expr value, Expr gradient, State state) {
            return gradient;
        }

        @Override
        public String toString() {
            return "assignment";
        }
    }

    /**
     * The names of the tensors that a rule keeps, in the order of its calls.
     *
     * @throws IllegalArgumentException as {@link #next} does
     */
    public static List<String> kept(Rule rule) {
        List<String> names = new ArrayList<>();
        Shape some = Shape.of(2);
        Given.require("kept", "the rule", rule);
        next(rule, Expr.parameter("value", some), Expr.input("gradient", some), new State() {
            @Override
            public Expr keep(String name, UnaryOperator<Expr> next) {
                names.add(name);
                return next.apply(Expr.kept(Slot.optimizer(name, "value"), some));
            }

            @Override
            public Expr scalar(Scalar number) {
                return Expr.input("scalar", Shape.scalar());
            }
        });
        return List.copyOf(names);
    }

    /**
     * The next value that a rule gives. Rules are users' code, so the expressions that they return are checked.
     *
     * @throws IllegalArgumentException if a value is null, of another shape or element type, or made of anything but
     *     the value, the gradient, constants and what the state gave; or if a name is blank or kept twice
     */
    public static Expr next(Rule rule, Expr value, Expr gradient, State state) {
        return new RuleCall(
                        Given.require("next", "the rule", rule),
                        Given.require("next", "the value", value),
                        Given.require("next", "the gradient", gradient),
                        Given.require("next", "the state", state))
                .next();
    }

    /** The next value of a tensor, element by element. */
    @FunctionalInterface
    public interface Rule {
        /**
         * The next value.
         *
         * @param value the present value
         * @param gradient the gradient, of the same shape
         * @param state the rule's state from step to step
         * @return an expression of the same shape
         */
        Expr next(Expr value, Expr gradient, State state);

        /**
         * Whether elements change only in the rows that the gradient is made of, as those of a table of which a step reads some: in
         * all other rows the value and what is kept stay as they are. The gradient must be a sum of rows: see {@link #rows}.
         */
        default boolean isOfRows() {
            return false;
        }
    }

    /**
     * The numbers of the rows that a gradient is a sum of, as that of a table whose rows are gathered: one for each summand, in a
     * column; empty if it is anything else.
     */
    public static Optional<Expr> rows(Expr gradient) {
        boolean sums = Given.require("rows", "the gradient", gradient).op() instanceof Indexing.ScatterAdd scatter
                && scatter.axis() == 0
                && gradient.shape().rank() == 2;
        if (!sums) {
            return Optional.empty();
        }
        Expr index = gradient.input(1);
        int count = index.shape().dim(0);
        boolean spread = index.shape().dim(1) > 1 && index.op() instanceof Movement.Broadcast;
        Expr column = spread ? index.input(0) : index;
        return column.shape().equals(Shape.of(count, 1)) ? Optional.of(column) : Optional.empty();
    }

    /** The state of a rule, and scalars that depend on the step. */
    public interface State {
        /**
         * A tensor of the value's shape, zero before the first step, that is replaced at each step.
         *
         * @param name unique within the rule, such as {@code momentum}, without a full stop
         * @param next the next value from the present one
         * @return the next value
         */
        Expr keep(String name, UnaryOperator<Expr> next);

        /**
         * A scalar computed in double precision, once before each step. It may predict with the model and read its weights; one
         * that fails, or that float32 cannot hold, stops the step before anything has changed.
         */
        Expr scalar(Scalar value);

        /** The learning rate of the step. */
        default Expr learningRate() {
            return scalar((step, lr) -> lr);
        }
    }

    /** A number that depends on the step and on the learning rate, and on nothing else. */
    @FunctionalInterface
    public interface Scalar {
        /**
         * The number.
         *
         * @param step 1 at the first update, 2 at the second …
         * @param learningRate the learning rate of the step
         */
        double at(long step, double learningRate);
    }
}
