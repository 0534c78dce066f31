package dev.fluxion;

import dev.fluxion.ir.DType;
import dev.fluxion.ir.Expr;
import dev.fluxion.ir.Given;
import dev.fluxion.ir.ShapeException;
import java.util.ArrayList;
import java.util.List;

/** A loss plus another one times a factor, of all inputs of both. */
record LossSum(MultiLoss first, double factor, MultiLoss second) implements MultiLoss {
    LossSum {
        Given.require("plus", "the loss", second);
        if (!(factor > 0 && Double.isFinite(factor))) {
            throw new IllegalArgumentException(Errors.badFactor(factor));
        }
        if (first.inputs().isEmpty() || second.inputs().isEmpty()) {
            throw new IllegalArgumentException(
                    Errors.addedWithoutNames(first.inputs().isEmpty() ? first : second));
        }
    }

    @Override
    public List<String> inputs() {
        List<String> all = new ArrayList<>(first.inputs());
        second.inputs().stream().filter(name -> !all.contains(name)).forEach(all::add);
        return all;
    }

    @Override
    public Expr apply(Expr... given) {
        if (given.length != inputs().size()) {
            throw new ShapeException(Errors.inputCount(this, inputs(), given.length));
        }
        return part(first, given).add(part(second, given).mul(factor));
    }

    private Expr part(MultiLoss loss, Expr... given) {
        Expr[] own = loss.inputs().stream()
                .map(name -> given[inputs().indexOf(name)])
                .toArray(Expr[]::new);
        return loss.apply(own);
    }

    @Override
    public DType type(int input) {
        String name = inputs().get(input);
        MultiLoss loss = first.inputs().contains(name) ? first : second;
        return loss.type(loss.inputs().indexOf(name));
    }

    /** The losses as the user wrote them. */
    @Override
    public String toString() {
        return Errors.text(first) + ".plus(" + factor + ", " + Errors.text(second) + ")";
    }
}
