package dev.fluxion.ir;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/**
 * The gradient of a {@link Recurrence}.
 *
 * <p>Operands: the gradients of its output N×T×H and of the last states; h before each step and what the cell keeps; the weights; the first
 * states but h; and the lengths, if they differ. Results: the gradients of the products of the input N×T×G·H and of the first states, and
 * for a cell that {@link RecurrentCell#isSplit} those of the products of the state.
 *
 * @param cell the cell
 * @param backwards whether its steps are taken from the last to the first
 */
public record RecurrenceGradient(RecurrentCell cell, boolean backwards) implements Compound {
    private int before() {
        return 1 + cell.states();
    }

    private int weights() {
        return before() + 2;
    }

    private int lengths() {
        return weights() + cell.states();
    }

    @Override
    public List<Shape> shapes(List<Expr> inputs) {
        Shape y = inputs.get(0).shape();
        Errors.requireFloat(this, inputs.subList(0, lengths()));
        if (y.rank() != 3) {
            throw new ShapeException(Errors.noSequences(this, y, inputs.get(1).shape()));
        }
        int width = y.dim(2);
        Shape h = Shape.of(y.dim(0), width);
        for (int i = 1; i < before(); i++) {
            Errors.requireShape(this, h, inputs.get(i).shape());
        }
        Errors.requireShape(this, y, inputs.get(before()).shape());
        Errors.requireShape(
                this, y.with(2, cell.kept() * width), inputs.get(before() + 1).shape());
        Errors.requireShape(
                this,
                Shape.of(cell.gates() * width, width),
                inputs.get(weights()).shape());
        for (int i = weights() + 1; i < lengths(); i++) {
            Errors.requireShape(this, h, inputs.get(i).shape());
        }
        if (inputs.size() > lengths()) {
            Errors.requireLengths(this, inputs.get(lengths()), y.dim(0));
        }
        Shape products = y.with(2, cell.gates() * width);
        List<Shape> shapes = new ArrayList<>(List.of(products));
        for (int i = 0; i < cell.states(); i++) {
            shapes.add(h);
        }
        if (cell.isSplit()) {
            shapes.add(products);
        }
        return shapes;
    }

    /** The steps one after the other, beginning with the last that was taken. */
    @Override
    public List<Expr> decomposed(List<Expr> inputs) {
        int steps = inputs.get(0).shape().dim(1);
        Expr[] u = new Expr[steps];
        Expr[] v = new Expr[steps];
        List<Expr> states = inputs.subList(1, before());
        for (int i = 0; i < steps; i++) {
            int t = backwards ? i : steps - 1 - i;
            Expr there = Steps.isThere(inputs.subList(lengths(), inputs.size()), t);
            List<Expr> gradients = new ArrayList<>(states);
            gradients.set(0, states.get(0).add(Recurrence.step(inputs.get(0), t)));
            RecurrentCell.Back back = cell.back(gradients, kept(inputs, t), statesBefore(inputs, t));
            u[t] = Steps.orZero(there, back.u());
            v[t] = Steps.orZero(there, back.v());
            List<Expr> before = new ArrayList<>(back.states());
            before.set(0, before.get(0).add(back.v().matmul(inputs.get(weights()))));
            states = Steps.chosen(there, before, states);
        }
        return Stream.of(
                        Stream.of(Steps.stacked(u)),
                        states.stream(),
                        cell.isSplit() ? Stream.of(Steps.stacked(v)) : Stream.<Expr>of())
                .flatMap(s -> s)
                .toList();
    }

    private Expr kept(List<Expr> inputs, int t) {
        return Recurrence.step(inputs.get(before() + 1), t);
    }

    /** h before a step, and c, which is that after the step before, or the first one. */
    private List<Expr> statesBefore(List<Expr> inputs, int t) {
        Expr h = Recurrence.step(inputs.get(before()), t);
        if (cell.states() == 1) {
            return List.of(h);
        }
        int steps = inputs.get(0).shape().dim(1);
        int width = h.shape().dim(1);
        int last = backwards ? t + 1 : t - 1;
        Expr first = inputs.get(weights() + 1);
        if (last < 0 || last == steps) {
            return List.of(h, first);
        }
        Expr there = Steps.isThere(inputs.subList(lengths(), inputs.size()), last);
        Expr c = kept(inputs, last).slice(1, 4 * width, 5 * width);
        return List.of(h, Steps.chosen(there, List.of(c), List.of(first)).get(0));
    }

    @Override
    public List<AxisRule> axes(Expr node) {
        return Recurrence.sequences(node, weights());
    }

    @Override
    public String toString() {
        return cell + " gradient" + (backwards ? " backwards" : "");
    }
}
