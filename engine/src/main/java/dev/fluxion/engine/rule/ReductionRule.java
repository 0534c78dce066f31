package dev.fluxion.engine.rule;

import dev.fluxion.engine.emit.Facts;
import dev.fluxion.engine.kernel.Reduce;
import dev.fluxion.engine.plan.Step;
import dev.fluxion.engine.plan.TensorLayout;
import dev.fluxion.ffi.Layout;
import dev.fluxion.ir.Expr;
import dev.fluxion.ir.Reduction;
import dev.fluxion.ir.Shape;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/** Sums and largest elements along axes, of an operand as it lies where it is not row-major. */
public record ReductionRule() implements Rule {
    @Override
    public String name() {
        return "reductions";
    }

    @Override
    public Optional<Match> match(Candidate c, Facts facts) {
        return Reduced.of(c.core(), facts)
                .filter(reduced -> !reduced.operand.layout().isPlain())
                .map(reduced -> match(c.core(), reduced));
    }

    private Match match(Expr e, Reduced reduced) {
        boolean sum = e.op() instanceof Reduction.Sum;
        return Match.step(this, e, List.of(reduced.operand), reduced.made, (reads, to) -> Step.of(
                        e.op().toString(),
                        e.origin(),
                        reads,
                        List.of(to),
                        "java:reduce",
                        Reduce.of(sum, reduced.in(), reduced.out(e), reads.get(0), to))
                .flops(e.input(0).shape().size()));
    }

    /**
     * A reduction of an operand as it lies.
     *
     * @param operand how it lies
     * @param made how the result lies
     */
    record Reduced(Laid operand, Layout made) {
        /** A reduction; empty if the node is none, or its operand lies so that it has to be brought into order. */
        static Optional<Reduced> of(Expr e, Facts facts) {
            if (!(e.op() instanceof Reduction)) {
                return Optional.empty();
            }
            Layout lying = facts.layouts().of(e.input(0));
            return !lying.isDense() || !isInOrder(lying, e)
                    ? Optional.empty()
                    : result(lying, e).map(made -> new Reduced(new Laid(e.input(0), lying), made));
        }

        /** The extents of the operand, in the order in which they lie. */
        Shape in() {
            return Shape.of(
                    axes().stream().mapToInt(axis -> (int) axis.extent()).toArray());
        }

        /** Those of the result beside them. */
        Shape out(Expr e) {
            return Shape.of(axes().stream()
                    .mapToInt(axis -> isKept(axis, e) ? (int) axis.extent() : 1)
                    .toArray());
        }

        private List<Layout.Axis> axes() {
            return operand.layout().axes();
        }
    }

    private static boolean isKept(Layout.Axis axis, Expr e) {
        return e.shape().dim(axis.dim()) > 1;
    }

    /** Whether what is summed comes in the order of the plain layout. */
    private static boolean isInOrder(Layout operand, Expr e) {
        int[] dims = operand.axes().stream()
                .filter(axis -> !isKept(axis, e))
                .mapToInt(Layout.Axis::dim)
                .toArray();
        return Arrays.equals(dims, Arrays.stream(dims).sorted().toArray());
    }

    /** How the result lies if its elements come in the order of the operand; empty if that is no layout. */
    private static Optional<Layout> result(Layout operand, Expr e) {
        List<Layout.Axis> kept =
                operand.axes().stream().filter(axis -> isKept(axis, e)).toList();
        int[] dims = kept.stream().mapToInt(Layout.Axis::dim).toArray();
        return Arrays.equals(dims, Arrays.stream(dims).sorted().toArray())
                ? Optional.of(Laid.plain(e).layout())
                : operand.resized(TensorLayout.dims(e.shape()))
                        .filter(layout -> layout.axes().equals(kept));
    }
}
