package dev.fluxion.ir;

import dev.fluxion.ir.AxisRule.Along;
import dev.fluxion.ir.AxisRule.Join;
import dev.fluxion.ir.AxisRule.Made;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * A recurrent cell along the steps of sequences: from step to step it makes a state of N×H of the products of its input, which are
 * given, and those of the state before.
 *
 * <p>Operands: the products of all inputs N×T×G·H, G being the gates of the cell; the weights G·H×H and biases G·H of the state; the
 * first states, N×H each; and the lengths of the sequences, N integers from 1 to T, if they differ. Behind its end a sequence
 * keeps its state and gives zeros. Backwards, it begins with its last step.
 *
 * <p>Results: the state h after each step N×T×H, and the last of each state N×H. Then what the gradient is made of: h before each step
 * N×T×H, and what the cell keeps of each step N×T×….
 *
 * @param cell the cell
 * @param backwards whether steps are taken from the last to the first
 */
public record Recurrence(RecurrentCell cell, boolean backwards) implements Compound {
    static final int FIRST_STATE = 3;

    @Override
    public List<Shape> shapes(List<Expr> inputs) {
        Shape h = inputs.get(FIRST_STATE).shape();
        Shape u = inputs.get(0).shape();
        int states = cell.states();
        boolean lengths = inputs.size() > FIRST_STATE + states;
        Errors.requireFloat(this, inputs.subList(0, FIRST_STATE + states));
        if (u.rank() != 3 || h.rank() != 2 || u.dim(0) != h.dim(0)) {
            throw new ShapeException(Errors.noSequences(this, u, h));
        }
        int gates = cell.gates() * h.dim(1);
        Errors.requireShape(this, u.with(2, gates), u);
        Errors.requireShape(this, Shape.of(gates, h.dim(1)), inputs.get(1).shape());
        Errors.requireShape(this, Shape.of(gates), inputs.get(2).shape());
        for (int i = 0; i < states; i++) {
            Errors.requireShape(this, h, inputs.get(FIRST_STATE + i).shape());
        }
        if (lengths) {
            Errors.requireLengths(this, inputs.get(FIRST_STATE + states), u.dim(0));
        }
        List<Shape> shapes = new ArrayList<>(List.of(u.with(2, h.dim(1))));
        shapes.addAll(Collections.nCopies(states, h));
        shapes.add(u.with(2, h.dim(1)));
        shapes.add(u.with(2, cell.kept() * h.dim(1)));
        return shapes;
    }

    /** Which result is h before each step; the last one is what the cell keeps. */
    int before() {
        return 1 + cell.states();
    }

    /** The steps one after the other. */
    @Override
    public List<Expr> decomposed(List<Expr> inputs) {
        Expr u = inputs.get(0);
        int steps = u.shape().dim(1);
        List<Expr> states = inputs.subList(FIRST_STATE, FIRST_STATE + cell.states());
        Expr[] outputs = new Expr[steps];
        Expr[] before = new Expr[steps];
        Expr[] kept = new Expr[steps];
        for (int i = 0; i < steps; i++) {
            int t = backwards ? steps - 1 - i : i;
            Expr products = states.get(0).matmul(inputs.get(1).transposeLast()).add(inputs.get(2));
            RecurrentCell.Stepped next = cell.step(step(u, t), products, states);
            Expr there = Steps.isThere(lengths(inputs), t);
            before[t] = states.get(0);
            kept[t] = Steps.orZero(there, next.kept());
            outputs[t] = Steps.orZero(there, next.states().get(0));
            states = Steps.chosen(there, next.states(), states);
        }
        return Stream.of(
                        Stream.of(Steps.stacked(outputs)),
                        states.stream(),
                        Stream.of(Steps.stacked(before), Steps.stacked(kept)))
                .flatMap(s -> s)
                .toList();
    }

    private List<Expr> lengths(List<Expr> inputs) {
        return inputs.subList(FIRST_STATE + cell.states(), inputs.size());
    }

    static Expr step(Expr sequences, int t) {
        return sequences
                .slice(1, t, t + 1)
                .reshape(sequences.shape().dim(0), sequences.shape().dim(2));
    }

    /** By its kernel, unless a gradient comes from what is there for the sake of gradients. */
    @Override
    public List<Expr> gradient(Expr node, List<Expr> gradients) {
        if (gradients.get(before()) != Expr.none() || gradients.get(before() + 1) != Expr.none()) {
            return Compound.super.gradient(node, gradients);
        }
        List<Expr> inputs = node.inputs();
        List<Expr> operands = new ArrayList<>();
        for (int i = 0; i < before(); i++) {
            Shape shape = node.result(i).shape();
            operands.add(gradients.get(i) == Expr.none() ? Expr.constant(0).broadcastTo(shape) : gradients.get(i));
        }
        Expr before = node.result(before());
        operands.add(before);
        operands.add(node.result(before() + 1));
        operands.add(inputs.get(1));
        operands.addAll(inputs.subList(FIRST_STATE + 1, inputs.size()));
        Expr back = new Expr(new RecurrenceGradient(cell, backwards), operands);
        Expr products = cell.isSplit() ? back.result(before()) : back;
        int gates = products.shape().dim(2);
        int rows = products.shape().size() / gates;
        Expr flat = products.reshape(rows, gates);
        Expr weights =
                flat.transposeLast().matmul(before.reshape(rows, before.shape().dim(2)));
        List<Expr> all = new ArrayList<>(List.of(back, weights, products.sum(0, 1)));
        IntStream.range(0, cell.states()).forEach(i -> all.add(back.result(1 + i)));
        lengths(inputs).forEach(e -> all.add(Expr.none()));
        return all;
    }

    @Override
    public List<AxisRule> axes(Expr node) {
        return sequences(node, 1, 2);
    }

    /** Sequences are computed one by one; weights are whole. */
    static List<AxisRule> sequences(Expr node, int... whole) {
        return List.of(new AxisRule(
                node.shape().dim(0),
                Collections.nCopies(node.results(), new Made(Join.CONCATENATION, Along.axis(0))),
                IntStream.range(0, node.inputs().size())
                        .mapToObj(i -> Arrays.stream(whole).anyMatch(w -> w == i) ? Along.WHOLE : Along.axis(0))
                        .toList()));
    }

    @Override
    public String toString() {
        return cell + (backwards ? " backwards" : "");
    }
}
