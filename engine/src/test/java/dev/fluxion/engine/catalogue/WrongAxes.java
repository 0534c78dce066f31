package dev.fluxion.engine.catalogue;

import dev.fluxion.ir.AxisRule;
import dev.fluxion.ir.AxisRule.Along;
import dev.fluxion.ir.AxisRule.Join;
import dev.fluxion.ir.Expr;
import dev.fluxion.ir.Shape;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;

/** Declarations that a node's operator could have made by mistake: each of its rules changed, and rules for axes that it calls mixed. */
final class WrongAxes {
    private final Expr node;
    private final Map<String, AxisRule> wrong = new LinkedHashMap<>();

    private WrongAxes(Expr node) {
        this.node = node;
    }

    /** Wrong rules, by what is wrong with them. */
    static Map<String, AxisRule> of(Expr node) {
        WrongAxes axes = new WrongAxes(node);
        List<AxisRule> right = node.op().axes(node);
        right.stream().filter(r -> r.units() > 1).forEach(axes::change);
        axes.invent(right);
        return axes.wrong;
    }

    private void change(AxisRule r) {
        switch (r.join()) {
            case CONCATENATION -> put("is a maximum", new AxisRule(Join.MAXIMUM, r.units(), r.result(), r.operands()));
            case SUM -> put("a sum is a maximum", new AxisRule(Join.MAXIMUM, r.units(), r.result(), r.operands()));
            case MAXIMUM -> put("a maximum is a sum", new AxisRule(Join.SUM, r.units(), r.result(), r.operands()));
            case POSITION -> {
                if (r.operands().isEmpty()) {
                    put("needs no position", new AxisRule(Join.CONCATENATION, r.units(), r.result(), r.operands()));
                }
            }
        }
        put("a unit is missing", new AxisRule(r.join(), r.units() - 1, r.result(), r.operands()));
        along("result", r.result(), node.shape(), a -> new AxisRule(r.join(), r.units(), a, r.operands()));
        for (int i = 0; i < r.operands().size(); i++) {
            int operand = i;
            along("operand " + i, r.operands().get(i), node.input(i).shape(), a -> {
                List<Along> operands = new ArrayList<>(r.operands());
                operands.set(operand, a);
                return new AxisRule(r.join(), r.units(), r.result(), operands);
            });
        }
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

    /** Rules for axes that none names: as if they were kept, summed or maximised. */
    private void invent(List<AxisRule> right) {
        Shape first = node.inputs().isEmpty() ? node.shape() : node.input(0).shape();
        for (int axis = 0; axis < first.rank(); axis++) {
            int a = axis;
            boolean named = right.stream()
                    .anyMatch(r -> r.axis() == a && node.inputs().isEmpty()
                            || !node.inputs().isEmpty() && r.operands().get(0).axis() == a);
            if (named || first.dim(axis) < 2) {
                continue;
            }
            List<Along> operands = node.inputs().stream()
                    .map(in -> in.shape().rank() == first.rank() ? Along.axis(a) : Along.WHOLE)
                    .toList();
            put("a mixed axis is kept", new AxisRule(Join.CONCATENATION, first.dim(axis), Along.axis(a), operands));
            if (node.inputs().isEmpty()) {
                continue;
            }
            put("a mixed axis is summed", new AxisRule(Join.SUM, first.dim(axis), Along.WHOLE, operands));
            put("a mixed axis is maximised", new AxisRule(Join.MAXIMUM, first.dim(axis), Along.WHOLE, operands));
        }
    }

    private void put(String what, AxisRule rule) {
        wrong.put(what + ", " + wrong.size(), rule);
    }
}
