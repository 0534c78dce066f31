package dev.fluxion.engine.update;

import dev.fluxion.engine.error.Errors;
import dev.fluxion.engine.plan.Buffer;
import dev.fluxion.engine.plan.Step;
import dev.fluxion.engine.store.Own;
import dev.fluxion.engine.store.Position;
import dev.fluxion.engine.store.Scalars;
import dev.fluxion.ir.Expr;
import dev.fluxion.ir.Interpreter;
import dev.fluxion.ir.Leaf;
import dev.fluxion.ir.Shape;
import dev.fluxion.ir.Value;
import dev.fluxion.ir.ValueException;
import java.nio.FloatBuffer;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Tries a rule on the numbers that an update would change, chunk by chunk in the interpreter, and writes nothing: whether one
 * of them would become infinite or NaN. It runs where bounds do not rule that out, and may take long.
 */
final class Trial {
    /** The length of a chunk, for whose shape the rule is written. */
    static final int CHUNK = 1024;
    /** Kernels may round otherwise. */
    private static final double LARGEST = Float.MAX_VALUE * (1 - 0x1p-20);

    private final TracedUpdate rule;
    private final List<Scalars.Cell> cells;
    private final List<FloatBuffer> targets;
    private final int count;
    private final Position position;
    private final Elements elements;

    /** The gradient of an element. */
    interface Gradient {
        float at(int position);

        /** Whether the update changes the element. */
        default boolean isChanged(int position) {
            return true;
        }
    }

    /** A trial of an update of so many elements. The targets are in the rule's order. */
    Trial(TracedUpdate rule, List<Buffer> targets, int count, Elements elements, Step.Places places) {
        this.rule = rule;
        this.cells = rule.cells(places);
        this.targets = targets.stream().map(t -> places.of(t).floats()).toList();
        this.count = count;
        this.position = places.of(Own.POSITION);
        this.elements = elements;
    }

    /**
     * Goes through all elements.
     *
     * @throws ValueException if a number would be infinite or NaN
     */
    void run(Gradient gradient) {
        int length = rule.shape().size();
        for (int start = 0; start < count; start += length) {
            chunk(Math.min(start, count - length), length, gradient);
        }
    }

    private void chunk(int start, int length, Gradient gradient) {
        Interpreter interpreter = new Interpreter();
        Map<Expr, double[]> before = new LinkedHashMap<>();
        for (Expr target : rule.next().keySet()) {
            FloatBuffer values = targets.get(before.size());
            before.put(target, numbers(length, i -> values.get(start + i)));
        }
        before.put(rule.gradient(), numbers(length, i -> gradient.at(start + i)));
        before.forEach((leaf, values) -> bind(interpreter, leaf, values));
        for (int i = 0; i < rule.scalars().size(); i++) {
            bind(interpreter, rule.scalars().get(i), new double[] {cells.get(i).getAsDouble()});
        }
        List<Expr> results = new ArrayList<>(rule.next().values());
        interpreter.observe(results, (e, values) -> {
            for (int i = 0; i < values.length; i++) {
                int own = values.length == length ? i : 0;
                if (!(Math.abs(values[i]) <= LARGEST) && gradient.isChanged(start + own)) {
                    throw refusal(before, own, start, e, values[i]);
                }
            }
        });
    }

    private static double[] numbers(int length, Trial.Gradient source) {
        double[] all = new double[length];
        for (int i = 0; i < length; i++) {
            all[i] = source.at(i);
        }
        return all;
    }

    private static void bind(Interpreter interpreter, Expr leaf, double[] values) {
        Value value = new Value(leaf.shape().rank() == 0 ? Shape.scalar() : Shape.of(values.length), values);
        if (leaf.op() instanceof Leaf.Kept kept) {
            interpreter.bind(kept.slot(), value);
        } else if (leaf.op() instanceof Leaf.Input input) {
            interpreter.bind(input.name(), value);
        } else {
            interpreter.bind(((Leaf.Parameter) leaf.op()).name(), value);
        }
    }

    private ValueException refusal(Map<Expr, double[]> before, int i, int start, Expr e, double result) {
        Map<String, Double> numbers = new LinkedHashMap<>();
        before.forEach((leaf, values) -> numbers.put(TracedUpdate.name(leaf), values[i]));
        return new ValueException(Errors.wouldOverflow(
                position.step(), elements.at(start + i), numbers, position.learningRate(), e.op(), result));
    }
}
