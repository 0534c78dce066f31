package dev.fluxion.ir;

import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.function.BiConsumer;
import java.util.function.Function;
import java.util.function.UnaryOperator;

/**
 * The meaning of the language: plain Java in double precision, one operator after the other. It is the oracle for every
 * pass, plan and kernel, and what gradient checks run on. It is slow and simple on purpose.
 *
 * <p>An interpreter holds the values of inputs, parameters and buffers by name; updates change them. It is not safe for use by
 * several threads.
 */
public final class Interpreter {
    private final Map<String, Value> bound = new LinkedHashMap<>();
    private final Map<Slot, Value> kept = new LinkedHashMap<>();
    private final Map<Leaf.Carried, double[]> carried = new HashMap<>();
    private long seed;
    private long step = 1;
    private double learningRate;

    /** Nothing has a value yet. */
    public Interpreter() {}

    /** Gives an input, a parameter or a buffer its value. */
    public Interpreter bind(String name, Value value) {
        bound.put(Given.require("bind", "the name", name), Given.require("bind", "the value", value));
        return this;
    }

    /** Gives what is kept beside a parameter its value. */
    public Interpreter bind(Slot slot, Value value) {
        kept.put(Given.require("bind", "the slot", slot), Given.require("bind", "the value", value));
        return this;
    }

    /** Chooses the random numbers. */
    public Interpreter seed(long newSeed) {
        this.seed = newSeed;
        return this;
    }

    /** Sets the learning rate that updates see. */
    public Interpreter learningRate(double rate) {
        this.learningRate = rate;
        return this;
    }

    /** Sets the step whose random numbers are drawn. */
    public Interpreter step(long newStep) {
        this.step = newStep;
        return this;
    }

    /**
     * The value of an input, a parameter or a buffer.
     *
     * @throws IllegalStateException if it has none
     */
    public Value value(String name) {
        Value value = bound.get(Given.require("value", "the name", name));
        if (value == null) {
            throw new IllegalStateException(Errors.unbound("name", name));
        }
        return value;
    }

    /**
     * What is kept beside a parameter.
     *
     * @throws IllegalStateException if nothing is
     */
    public Value value(Slot slot) {
        Value value = kept.get(Given.require("value", "the slot", slot));
        if (value == null) {
            throw new IllegalStateException(Errors.unbound("slot", slot.toString()));
        }
        return value;
    }

    /** The value of an expression. */
    public Value evaluate(Expr expr) {
        return evaluate(Given.require("evaluate", "the expression", expr), new Values());
    }

    /** The values of expressions, what they share computed once. */
    public List<Value> evaluate(List<Expr> exprs) {
        Values values = new Values();
        return Given.each("evaluate", "an expression", exprs).stream()
                .map(e -> evaluate(e, values))
                .toList();
    }

    /**
     * Computes expressions one operator after the other, each from operands that were rounded to float32, and keeps no value
     * longer than it is needed.
     *
     * @param observer is given each expression with its value before it is rounded
     */
    public void observe(List<Expr> exprs, BiConsumer<Expr, double[]> observer) {
        Given.require("observe", "the observer", observer);
        List<Expr> order = Graph.topological(exprs);
        Map<Expr, Integer> uses = new HashMap<>();
        order.forEach(e -> e.inputs().forEach(in -> uses.merge(in.node(), 1, Integer::sum)));
        Values values = new Values();
        for (Expr node : order) {
            compute(node, values, in -> Arrays.stream(values.of(in))
                    .map(x -> in.dtype() == DType.INT ? x : (float) x)
                    .toArray());
            observer.accept(node, values.of(node));
            for (Expr in : node.inputs()) {
                if (uses.merge(in.node(), -1, Integer::sum) == 0) {
                    values.remove(in.node());
                }
            }
        }
    }

    /**
     * Runs all stages of a graph once and applies their updates, what is kept being zero at first; the step that updates and
     * random numbers see advances by one.
     *
     * @return the outputs of all stages by name
     */
    public Map<String, Value> run(Graph graph) {
        Values values = new Values();
        Map<String, Value> outputs = new LinkedHashMap<>();
        for (Graph.Stage stage : Given.require("run", "the graph", graph).stages()) {
            stage.outputs().forEach((name, e) -> outputs.put(name, evaluate(e, values)));
            stage.carried()
                    .forEach((leaf, e) -> carried.put(leaf, evaluate(e, values).data()));
            Map<Leaf.Variable, Value> next = new LinkedHashMap<>();
            for (Update update : stage.updates()) {
                for (int i = 0; i < update.parameters().size(); i++) {
                    Expr g = update.gradients().get(i);
                    Expr parameter = update.parameters().get(i);
                    Map<Leaf.Variable, Value> changed = apply(update.rule(), parameter, evaluate(g, values));
                    if (update.rule().isOfRows()) {
                        Expr rows = Update.rows(g)
                                .orElseThrow(() ->
                                        new IllegalArgumentException(Errors.notOfRows(update.rule(), parameter, g)));
                        keepOthers(changed, evaluate(rows, values));
                    }
                    next.putAll(changed);
                }
            }
            next.forEach(this::assign);
            values.removeIf(e -> e.op() instanceof Leaf.Variable);
        }
        step++;
        return outputs;
    }

    private void assign(Leaf.Variable variable, Value value) {
        if (variable instanceof Leaf.Kept leaf) {
            kept.put(leaf.slot(), value);
        } else {
            bound.put(variable.parameter(), value);
        }
    }

    /** Takes back what was changed in other rows than these. */
    private void keepOthers(Map<Leaf.Variable, Value> changed, Value rows) {
        Set<Integer> some = new HashSet<>();
        for (double row : rows.data()) {
            some.add((int) row);
        }
        changed.replaceAll((variable, value) -> {
            int width = value.shape().dim(1);
            double[] data = leaf(new Expr(variable, List.of()), variable).clone();
            some.forEach(row -> System.arraycopy(value.data(), row * width, data, row * width, width));
            return new Value(value.shape(), data);
        });
    }

    private Map<Leaf.Variable, Value> apply(Update.Rule rule, Expr parameter, Value gradient) {
        Map<Leaf.Variable, Value> next = new LinkedHashMap<>();
        Leaf.Variable variable = (Leaf.Variable) parameter.op();
        Expr g = Expr.input("gradient", gradient.shape());
        Values values = new Values();
        values.put(g, gradient.data());
        Slots slots = new Slots(variable.parameter(), parameter.shape(), values);
        Value result = evaluate(Update.next(rule, parameter, g, slots), values);
        slots.next.forEach((leaf, e) -> next.put(leaf, evaluate(e, values)));
        next.put(variable, result);
        return next;
    }

    private Value evaluate(Expr root, Values values) {
        for (Expr node : Graph.topological(List.of(root), values::has)) {
            compute(node, values, values::of);
        }
        return new Value(root.shape(), values.of(root));
    }

    /** Computes all results of a node; further ones are computed with it. */
    private void compute(Expr node, Values values, Function<Expr, double[]> operand) {
        if (node.op() instanceof Leaf leaf) {
            values.put(node, leaf(node, leaf));
        } else if (!(node.op() instanceof Result)) {
            values.put(node, compute(node, node.inputs().stream().map(operand).toArray(double[][]::new)));
        }
    }

    private static double[][] compute(Expr node, double[][] in) {
        try {
            return node.op().evaluateAll(node, in);
        } catch (ValueException e) {
            throw node.origin().isEmpty()
                    ? e
                    : new ValueException(Errors.in(node.origin(), String.valueOf(e.getMessage())));
        }
    }

    private double[] leaf(Expr node, Leaf leaf) {
        if (leaf instanceof Leaf.Input input) {
            return data(input.name(), node.shape());
        }
        if (leaf instanceof Leaf.Parameter parameter) {
            return data(parameter.name(), node.shape());
        }
        if (leaf instanceof Leaf.Buffer buffer) {
            return data(buffer.name(), node.shape());
        }
        if (leaf instanceof Leaf.Carried early && carried.containsKey(early)) {
            return Objects.requireNonNull(carried.get(early));
        }
        if (leaf instanceof Leaf.Kept slot) {
            Value value = kept.get(slot.slot());
            return value == null ? new double[slot.shape().size()] : value.data();
        }
        if (leaf instanceof Leaf.Uniform uniform) {
            long key = Noise.key(seed, step, uniform.stream());
            double[] out = new double[node.shape().size()];
            for (int i = 0; i < out.length; i++) {
                out[i] = Noise.uniform(key, i);
            }
            return out;
        }
        return leaf.evaluate(node, new double[0][]);
    }

    private double[] data(String name, Shape shape) {
        Value value = value(name);
        if (!value.shape().equals(shape)) {
            throw new ShapeException(Errors.bindingShape(name, shape, value.shape()));
        }
        return value.data();
    }

    private final class Slots implements Update.State {
        private final String parameter;
        private final Shape shape;
        private final Values values;
        private final Map<Leaf.Kept, Expr> next = new LinkedHashMap<>();

        Slots(String parameter, Shape shape, Values values) {
            this.parameter = parameter;
            this.shape = shape;
            this.values = values;
        }

        @Override
        public Expr keep(String name, UnaryOperator<Expr> change) {
            Leaf.Kept leaf = new Leaf.Kept(Slot.optimizer(name, parameter), shape);
            Expr result = change.apply(new Expr(leaf, List.of()));
            next.put(leaf, result);
            return result;
        }

        @Override
        public Expr scalar(Update.Scalar value) {
            Expr scalar = Expr.input("scalar", Shape.scalar());
            values.put(scalar, new double[] {value.at(step, learningRate)});
            return scalar;
        }
    }
}
