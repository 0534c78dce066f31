package dev.fluxion.engine.catalogue;

import dev.fluxion.ir.AxisRule;
import dev.fluxion.ir.AxisRule.Along;
import dev.fluxion.ir.AxisRule.Join;
import dev.fluxion.ir.AxisRule.Made;
import dev.fluxion.ir.Expr;
import dev.fluxion.ir.Result;
import dev.fluxion.ir.Shape;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/** Declarations that a node's operator could have made by mistake: each of its rules changed, and rules for axes that it calls mixed. */
final class WrongAxes {
    private final Expr node;
    private final List<Wrong> wrong = new ArrayList<>();

    private WrongAxes(Expr node) {
        this.node = node;
    }

    /**
     * A mistake.
     *
     * @param what in words
     * @param ways the rules by which it could be made, each of which is wrong
     */
    record Wrong(String what, List<AxisRule> ways) {}

    /** All mistakes. */
    static List<Wrong> of(Expr node) {
        WrongAxes axes = new WrongAxes(node);
        List<AxisRule> right = node.op().axes(node);
        if (node.op() instanceof Result) {
            return axes.wrong;
        }
        right.stream().filter(r -> r.units() > 1).forEach(axes::change);
        axes.invent(right);
        return axes.wrong;
    }

    private void change(AxisRule r) {
        for (int i = 0; i < r.results().size(); i++) {
            result(r, i);
        }
        put("a unit is missing", new AxisRule(r.units() - 1, r.results(), r.operands()));
        for (int i = 0; i < r.operands().size(); i++) {
            int operand = i;
            along("operand " + i, r.operands().get(i), node.input(i).shape(), a -> {
                List<Along> operands = new ArrayList<>(r.operands());
                operands.set(operand, a);
                return new AxisRule(r.units(), r.results(), operands);
            });
        }
    }

    private void result(AxisRule r, int i) {
        String result = "result " + i;
        Made made = r.results().get(i);
        switch (made.join()) {
            case CONCATENATION -> put(result + " is a maximum", joined(r, i, Join.MAXIMUM));
            case SUM -> put(result + ", a sum, is a maximum", joined(r, i, Join.MAXIMUM));
            case MAXIMUM -> put(result + ", a maximum, is a sum", joined(r, i, Join.SUM));
            case POSITION -> {
                if (r.operands().isEmpty()) {
                    put(result + " needs no position", joined(r, i, Join.CONCATENATION));
                }
            }
        }
        along(result, made.along(), node.result(i).shape(), a -> with(r, i, new Made(made.join(), a)));
    }

    private static AxisRule joined(AxisRule r, int i, Join join) {
        return with(r, i, new Made(join, r.results().get(i).along()));
    }

    private static AxisRule with(AxisRule r, int i, Made made) {
        List<Made> results = new ArrayList<>(r.results());
        results.set(i, made);
        return new AxisRule(r.units(), results, r.operands());
    }

    private interface Change {
        AxisRule with(Along along);
    }

    private void along(String what, Along right, Shape shape, Change change) {
        if (right.isWhole()) {
            IntStream.range(0, shape.rank())
                    .forEach(axis -> put(what + " is not whole", change.with(Along.axis(axis))));
            return;
        }
        put(what + " is whole", change.with(Along.WHOLE));
        if (shape.rank() > 1) {
            int other = (right.axis() + 1) % shape.rank();
            put(what + " has another axis", change.with(new Along(other, right.step(), right.reach())));
        }
        put(what + " reaches further", change.with(new Along(right.axis(), right.step(), right.reach() + 1)));
        put(what + " steps further", change.with(new Along(right.axis(), right.step() + 1, right.reach())));
    }

    /**
     * Axes that no rule names: as if they became an axis of the result, were summed or maximised, cut in the first operand alone or in
     * all. An operator that declares nothing although its parts make the whole would do so right in every case.
     */
    private void invent(List<AxisRule> right) {
        if (node.inputs().isEmpty()) {
            if (right.isEmpty() && node.shape().rank() > 0 && node.shape().dim(0) > 1) {
                put(
                        "is given in parts",
                        new AxisRule(Join.CONCATENATION, node.shape().dim(0), Along.axis(0), List.of()));
            }
            return;
        }
        Shape first = node.input(0).shape();
        for (int axis = 0; axis < first.rank(); axis++) {
            int a = axis;
            if (first.dim(axis) > 1
                    && right.stream().noneMatch(r -> r.operands().get(0).axis() == a)) {
                String mixed = "mixed axis " + (axis - first.rank()) + " ";
                IntStream kept = IntStream.range(0, node.shape().rank())
                        .filter(to -> node.shape().dim(to) == first.dim(a));
                put(mixed + "is kept", kept.boxed().flatMap(to -> cut(Join.CONCATENATION, a, Along.axis(to))));
                put(mixed + "is summed", cut(Join.SUM, a, Along.WHOLE));
                put(mixed + "is maximised", cut(Join.MAXIMUM, a, Along.WHOLE));
            }
        }
    }

    private Stream<AxisRule> cut(Join join, int axis, Along result) {
        Shape first = node.input(0).shape();
        List<Along> all = node.inputs().stream()
                .map(in -> in.shape().rank() == first.rank() ? Along.axis(axis) : Along.WHOLE)
                .toList();
        List<Along> one = new ArrayList<>(Collections.nCopies(all.size(), Along.WHOLE));
        one.set(0, Along.axis(axis));
        return Stream.of(all, one)
                .map(operands -> new AxisRule(
                        first.dim(axis), Collections.nCopies(node.results(), new Made(join, result)), operands));
    }

    private void put(String what, AxisRule rule) {
        put(what, Stream.of(rule));
    }

    private void put(String what, Stream<AxisRule> ways) {
        wrong.add(new Wrong(what, ways.toList()));
    }
}
