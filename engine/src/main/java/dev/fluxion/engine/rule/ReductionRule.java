package dev.fluxion.engine.rule;

import dev.fluxion.engine.emit.Facts;
import dev.fluxion.engine.kernel.Reduce;
import dev.fluxion.engine.kernel.ReduceParts;
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
        Expr e = c.core();
        if (!(e.op() instanceof Reduction)) {
            return Optional.empty();
        }
        Layout lying = facts.layouts().of(e.input(0));
        return lying.isPlain() || !lying.isDense() || !isInOrder(lying, e)
                ? Optional.empty()
                : result(lying, e).map(made -> match(e, new Laid(e.input(0), lying), made));
    }

    private Match match(Expr e, Laid operand, Layout made) {
        List<Layout.Axis> axes = operand.layout().axes();
        Shape in = Shape.of(axes.stream().mapToInt(axis -> (int) axis.extent()).toArray());
        Shape out = Shape.of(axes.stream()
                .mapToInt(axis -> isKept(axis, e) ? (int) axis.extent() : 1)
                .toArray());
        boolean sum = e.op() instanceof Reduction.Sum;
        return Match.step(this, e, List.of(operand), made, (reads, to) -> {
            Step step = Step.of(
                            e.op().toString(),
                            e.origin(),
                            reads,
                            List.of(to),
                            "java:reduce",
                            Reduce.of(sum, in, out, reads.get(0), to))
                    .flops(e.input(0).shape().size());
            return step.shared(new ReduceParts(step, sum, in, out));
        });
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
