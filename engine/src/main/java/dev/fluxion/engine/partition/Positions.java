package dev.fluxion.engine.partition;

import dev.fluxion.engine.kernel.GatherScatter;
import dev.fluxion.ir.Expr;
import dev.fluxion.ir.Shape;
import java.util.stream.IntStream;

/** Where the elements of a tile's value lie in the value of the whole batch: messages tell of that. */
public final class Positions {
    private Positions() {}

    /** From positions in an operand of a node to those in the same operand of the node that it is a part of. */
    public static GatherScatter.Positions of(BatchPartition.Tiled tiled, Expr e, int operand) {
        Expr origin = tiled.origin(e);
        Shape part = e.input(operand).shape();
        Shape whole = origin.input(operand).shape();
        return IntStream.range(0, whole.rank())
                .filter(axis -> part.dim(axis) != whole.dim(axis))
                .mapToObj(axis -> along(axis, part, whole, start(tiled, e, operand, axis)))
                .findFirst()
                .orElse((tile, position) -> position);
    }

    private static GatherScatter.Positions along(int axis, Shape part, Shape whole, int start) {
        int step = whole.strides()[axis];
        int length = part.dim(axis);
        int others = whole.dim(axis) - length;
        return (tile, position) -> position + (position / (step * length) * others + start + tile * length) * step;
    }

    /** What the parts before take of the axis. */
    private static int start(BatchPartition.Tiled tiled, Expr e, int operand, int axis) {
        return tiled.origins().entrySet().stream()
                .filter(part -> part.getValue() == tiled.origin(e)
                        && tiled.key(part.getKey()).order() < tiled.key(e).order())
                .mapToInt(part -> part.getKey().input(operand).shape().dim(axis)
                        * tiled.key(part.getKey()).times())
                .sum();
    }
}
