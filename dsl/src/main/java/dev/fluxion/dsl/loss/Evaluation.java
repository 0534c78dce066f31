package dev.fluxion.dsl.loss;

import dev.fluxion.Loss;
import dev.fluxion.MultiLoss;
import dev.fluxion.Tensor;
import dev.fluxion.dsl.internal.Checks;
import dev.fluxion.dsl.internal.Text;
import dev.fluxion.ir.DType;
import dev.fluxion.ir.Expr;
import dev.fluxion.ir.Given;
import dev.fluxion.ir.Gradients;
import dev.fluxion.ir.Interpreter;
import dev.fluxion.ir.Value;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;

/**
 * The value and the gradients of a loss on numbers, in double precision.
 *
 * <pre>{@code
 * Evaluation e = Evaluation.of(tripletMargin().swap(true), anchors, positives, negatives);
 * e.value();
 * e.gradient(0);
 * }</pre>
 *
 * <p>The gradients of a loss that is not reduced are those of its sum.
 *
 * @param value the loss
 * @param gradients the gradients by the position of the input, without those of integers
 */
public record Evaluation(Value value, Map<Integer, Value> gradients) {
    /** Copies the gradients. */
    public Evaluation {
        Given.require("Evaluation", "the value", value);
        Given.require("Evaluation", "the gradients", gradients);
        gradients = Collections.unmodifiableMap(new LinkedHashMap<>(gradients));
    }

    /** A loss of an output and a target; integers are classes. */
    public static Evaluation of(Loss loss, Tensor output, Tensor target) {
        return of((MultiLoss) loss, output, target);
    }

    /** A loss of several inputs; integers are classes or lengths. */
    public static Evaluation of(MultiLoss loss, Tensor... inputs) {
        requireAll(loss, inputs);
        DType[] types = Arrays.stream(inputs).map(Tensor::dtype).toArray(DType[]::new);
        return of(loss, types, Arrays.stream(inputs).map(Tensor::toValue).toArray(Value[]::new));
    }

    /** A loss of an output and a target in double precision. */
    public static Evaluation of(Loss loss, Value output, Value target) {
        return of((MultiLoss) loss, output, target);
    }

    /** A loss of several inputs in double precision; the loss says which of them are integers. */
    public static Evaluation of(MultiLoss loss, Value... inputs) {
        requireAll(loss, inputs);
        DType[] types = IntStream.range(0, inputs.length).mapToObj(loss::type).toArray(DType[]::new);
        return of(loss, types, inputs);
    }

    private static void requireAll(MultiLoss loss, Object[] inputs) {
        Given.require("Evaluation", "the loss", loss);
        Checks.present(Text.of(loss), "input", Checks.list(inputs), input -> "");
    }

    private static Evaluation of(MultiLoss loss, DType[] types, Value[] inputs) {
        Interpreter interpreter = new Interpreter();
        Expr[] leaves = new Expr[inputs.length];
        Map<Integer, Expr> floating = new LinkedHashMap<>();
        for (int i = 0; i < inputs.length; i++) {
            String name = "input " + i;
            leaves[i] = Expr.input(name, inputs[i].shape(), types[i]);
            interpreter.bind(name, inputs[i]);
            if (types[i] == DType.FLOAT) {
                floating.put(i, leaves[i]);
            }
        }
        Expr value = loss.apply(leaves);
        List<Expr> wanted = new ArrayList<>(List.of(value));
        wanted.addAll(Gradients.of(value.sum(), List.copyOf(floating.values())));
        List<Value> computed = interpreter.evaluate(wanted);
        Map<Integer, Value> gradients = new LinkedHashMap<>();
        floating.keySet().forEach(i -> gradients.put(i, computed.get(gradients.size() + 1)));
        return new Evaluation(computed.get(0), gradients);
    }

    /**
     * The gradient by an input, counted from 0.
     *
     * @throws IllegalArgumentException if there is no such input or it holds integers
     */
    public Value gradient(int input) {
        Value gradient = gradients.get(input);
        if (gradient == null) {
            throw new IllegalArgumentException(Errors.noGradientOf(input, gradients.keySet()));
        }
        return gradient;
    }
}
