package dev.fluxion.dsl.train;

import dev.fluxion.Input;
import dev.fluxion.Loss;
import dev.fluxion.MultiLoss;
import dev.fluxion.Scope;
import dev.fluxion.Tensor;
import dev.fluxion.data.Batch;
import dev.fluxion.dsl.internal.LossCalls;
import dev.fluxion.dsl.internal.Text;
import dev.fluxion.ir.DType;
import dev.fluxion.ir.Expr;
import dev.fluxion.ir.Given;
import dev.fluxion.ir.Shape;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/**
 * What a training makes small: a loss whose inputs are outputs of the network or else targets, found by their names. A
 * loss of an output and a target takes the result of the network and the only target.
 */
final class Objective {
    private static final String TARGET = "target";

    private final MultiLoss loss;
    private final List<String> names;
    /** The inputs of the loss that are no outputs of the network. */
    private final List<String> targets = new ArrayList<>();
    /** What these are called in a graph, where the inputs of the network have their names. */
    private final List<String> leaves = new ArrayList<>();

    /**
     * An objective of a network.
     *
     * @param outputs the names of the network's outputs
     * @throws IllegalArgumentException if the inputs of the loss have no names, or none is an output of the network
     */
    Objective(MultiLoss loss, List<String> outputs, List<Input> inputs) {
        this.loss = loss;
        this.names = loss instanceof Loss ? List.of(Scope.RESULT, TARGET) : loss.inputs();
        if (names.isEmpty()) {
            throw new IllegalArgumentException(Errors.lossWithoutNames(loss, outputs));
        }
        names.stream()
                .filter(name -> loss instanceof Loss ? name.equals(TARGET) : !outputs.contains(name))
                .forEach(targets::add);
        if (targets.size() == names.size()) {
            throw new IllegalArgumentException(Errors.noOutput(loss, names, outputs));
        }
        for (String target : targets) {
            boolean taken = inputs.stream().anyMatch(input -> input.name().equals(target));
            leaves.add(taken ? "target " + target : target);
        }
    }

    /** The loss. */
    MultiLoss loss() {
        return loss;
    }

    /** Shape and element type of a target. */
    record Kind(Shape shape, DType type) {
        static Kind of(Tensor tensor) {
            return new Kind(tensor.shape(), tensor.dtype());
        }
    }

    /**
     * What of a batch's targets decides about a program: nothing where the loss itself says what they are.
     *
     * @throws IllegalArgumentException if a target is missing
     */
    List<Kind> kinds(Batch batch) {
        if (loss instanceof Loss two && !two.takesOtherShapes() || targets.isEmpty()) {
            return List.of();
        }
        List<Kind> kinds = new ArrayList<>();
        targets.forEach(target -> kinds.add(Kind.of(target(batch, target))));
        return kinds;
    }

    /** What the targets of a batch of some size are, if the loss itself says so. */
    List<Kind> kinds(String method) {
        if (!(loss instanceof Loss) && !targets.isEmpty()) {
            throw new IllegalStateException(Errors.targetsUnknown(method, loss, targets));
        }
        return List.of();
    }

    /** The loss as a scalar, of the network's outputs and of targets, whose kinds are given unless the loss says them. */
    Expr value(Map<String, Expr> outputs, List<Kind> kinds) {
        Map<String, Expr> leaf = new LinkedHashMap<>();
        for (int i = 0; i < targets.size(); i++) {
            Kind kind = kinds.isEmpty() ? declared(outputs) : kinds.get(i);
            leaf.put(targets.get(i), Expr.input(leaves.get(i), kind.shape, kind.type));
        }
        Expr[] given = names.stream()
                .map(name -> Objects.requireNonNull(leaf.getOrDefault(name, outputs.get(name))))
                .toArray(Expr[]::new);
        Expr value = loss instanceof Loss two
                ? LossCalls.objective(two, given[0], given[1])
                : LossCalls.objective(loss, names, given);
        if (value.shape().size() != 1 || value.dtype() == DType.INT) {
            throw new IllegalArgumentException(Errors.objectiveNotScalar(loss, value.shape(), value.dtype()));
        }
        return value;
    }

    /** What the target of a loss of an output and a target is. */
    private Kind declared(Map<String, Expr> outputs) {
        Loss two = (Loss) loss;
        String text = Text.of(loss);
        Shape output = Objects.requireNonNull(outputs.get(Scope.RESULT)).shape();
        return new Kind(
                Given.require(text, "the shape of its targets", two.targetShape(output)),
                Given.require(text, "the type of its targets", two.targetType()));
    }

    /**
     * Requires that a loss of an output and a target takes the target of a batch.
     *
     * @throws IllegalArgumentException if it does not
     */
    void requireTarget(Map<String, Expr> outputs, Tensor target) {
        value(outputs, List.of(Kind.of(target)));
        Kind expected = declared(outputs);
        if (!((Loss) loss).takesOtherShapes() && !expected.equals(Kind.of(target))) {
            Shape output = Objects.requireNonNull(outputs.get(Scope.RESULT)).shape();
            throw new IllegalArgumentException(Errors.targets(loss, output, expected, target));
        }
    }

    /** The loss of outputs that prefer no class, or NaN. */
    double guess(Shape result) {
        return names.get(0).equals(Scope.RESULT) ? loss.guess(result) : Double.NaN;
    }

    /** The number of targets. */
    int targets() {
        return targets.size();
    }

    /** The name of a target in a graph. */
    String leaf(int target) {
        return leaves.get(target);
    }

    /** A target of a batch. */
    Tensor target(Batch batch, int target) {
        return target(batch, targets.get(target));
    }

    private Tensor target(Batch batch, String name) {
        Map<String, Tensor> given = batch.allTargets().all();
        boolean single = given.size() == 1 && targets.size() == 1;
        if (single && (loss instanceof Loss || batch.allTargets().isUnnamed())) {
            return batch.targets();
        }
        Tensor target = given.get(name);
        if (target == null) {
            throw new IllegalArgumentException(Errors.missingTarget(loss, name, given.keySet()));
        }
        return target;
    }

    /** The number of samples of a batch that count. */
    double samples(Batch batch) {
        return loss instanceof Loss two ? two.samples(target(batch, TARGET)) : batch.size();
    }

    /** The sum of the losses of a batch's samples, from the loss of the batch. */
    double sum(double value, Batch batch) {
        return loss instanceof Loss two ? two.sum(value, target(batch, TARGET)) : loss.sum(value, batch.size());
    }
}
