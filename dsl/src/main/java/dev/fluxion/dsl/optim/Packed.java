package dev.fluxion.dsl.optim;

import dev.fluxion.ir.Expr;
import dev.fluxion.ir.Shape;
import dev.fluxion.ir.Slot;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Tensors of any shapes that an optimizer keeps for a parameter, one behind the other in tensors of the parameter's shape. */
record Packed(List<Expr> leaves, List<Shape> parts) {
    /**
     * What is kept for a parameter.
     *
     * @param name the beginning of the names of the tensors, which have numbers
     */
    static Packed of(String name, String parameter, Shape shape, List<Shape> parts) {
        int size = parts.stream().mapToInt(Shape::size).sum();
        List<Expr> leaves = new ArrayList<>();
        for (int i = 0; i * shape.size() < size; i++) {
            leaves.add(Expr.kept(Slot.optimizer(name + "_" + i, parameter), shape));
        }
        return new Packed(leaves, parts);
    }

    /** A part as it is. */
    Expr part(int index) {
        Expr all = Expr.concat(
                0,
                leaves.stream().map(leaf -> leaf.reshape(leaf.shape().size())).toList());
        int from = parts.subList(0, index).stream().mapToInt(Shape::size).sum();
        Shape shape = parts.get(index);
        return all.slice(0, from, from + shape.size()).reshape(shape);
    }

    /** The next values of the tensors from those of the parts. */
    Map<Expr, Expr> next(List<Expr> values) {
        Expr all = Expr.concat(
                0, values.stream().map(v -> v.reshape(v.shape().size())).toList());
        Shape shape = leaves.get(0).shape();
        Expr padded = all.pad(0, 0, leaves.size() * shape.size() - all.shape().size(), 0);
        Map<Expr, Expr> next = new LinkedHashMap<>();
        for (int i = 0; i < leaves.size(); i++) {
            next.put(
                    leaves.get(i),
                    padded.slice(0, i * shape.size(), (i + 1) * shape.size()).reshape(shape));
        }
        return next;
    }
}
