package dev.fluxion.engine.graph;

import dev.fluxion.ir.AxisRule;
import dev.fluxion.ir.AxisRule.Along;
import dev.fluxion.ir.AxisRule.Join;
import dev.fluxion.ir.Contraction;
import dev.fluxion.ir.Expr;
import dev.fluxion.ir.Indexing;
import dev.fluxion.ir.Leaf;
import dev.fluxion.ir.Shape;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;

/** Finds, among the rules that an operator declares, the one that says what is asked. */
public final class AxisRules {
    /** No axis. */
    public static final int NONE = -1;

    private AxisRules() {}

    /** The rule that cuts an operand along an axis. */
    public static Optional<AxisRule> cutting(Expr e, int operand, int axis) {
        return e.op().axes(e).stream()
                .filter(r -> r.operands().get(operand).axis() == axis)
                .findFirst();
    }

    /** The rule whose parts lie along an axis of the result. */
    public static Optional<AxisRule> giving(Expr e, int axis) {
        return e.op().axes(e).stream().filter(r -> r.axis() == axis).findFirst();
    }

    /**
     * The rule by which a node follows the batch.
     *
     * @param axes the axes that the batch lies along in the operands, {@link #NONE} where it lies along none
     * @param batch the number of samples
     */
    public static Optional<AxisRule> following(Expr e, List<Integer> axes, int batch) {
        if (e.op() instanceof Leaf.Input) {
            return given(e.shape(), batch);
        }
        return e.op().axes(e).stream()
                .filter(r -> r.units() % batch == 0 && isDivided(r))
                .filter(r -> follows(r, axes) && isWanted(e, r, axes))
                .findFirst();
    }

    /** The batch lies along the first axis of what is given. */
    private static Optional<AxisRule> given(Shape shape, int batch) {
        return shape.rank() > 0 && shape.dim(0) == batch
                ? Optional.of(new AxisRule(Join.POSITION, batch, Along.axis(0), List.of()))
                : Optional.empty();
    }

    /** Whether units lie side by side wherever they lie: no windows, and no summands of a part of the result. */
    private static boolean isDivided(AxisRule r) {
        return r.results().stream()
                        .allMatch(m -> m.join() == Join.SUM
                                ? m.along().isWhole()
                                : m.along().isDivided())
                && r.operands().stream().allMatch(a -> a.isWhole() || a.isDivided());
    }

    /** Whether some operand is cut along the batch, and none along another axis than the batch. */
    private static boolean follows(AxisRule r, List<Integer> axes) {
        boolean some = false;
        for (int i = 0; i < axes.size(); i++) {
            Along along = r.operands().get(i);
            boolean batched = axes.get(i) != NONE && !along.isWhole();
            if (batched && along.axis() != axes.get(i)) {
                return false;
            }
            some |= batched;
        }
        return some;
    }

    /**
     * Sums are of operands that have the batch, all of them. Products over the batch, and gradients of tables, stay whole: their
     * operands are small, what they give is not.
     */
    private static boolean isWanted(Expr e, AxisRule r, List<Integer> axes) {
        boolean all = IntStream.range(0, axes.size())
                .allMatch(i -> r.operands().get(i).isWhole() || axes.get(i) != NONE);
        boolean none = r.results().stream().noneMatch(m -> m.join() == Join.MAXIMUM);
        return r.join() == Join.SUM ? all && !(e.op() instanceof Contraction.MatMul) && !isLarge(e) : none;
    }

    private static boolean isLarge(Expr e) {
        return e.op() instanceof Indexing.ScatterAdd
                && e.shape().size() > e.input(0).shape().size();
    }

    /** Whether all elements along an axis are the same: each part repeats what it is given. */
    public static boolean isRepeated(Expr e, int axis) {
        return giving(e, axis)
                .filter(r -> !r.operands().isEmpty() && r.operands().stream().allMatch(Along::isWhole))
                .isPresent();
    }
}
