package dev.fluxion.engine.rule;

import dev.fluxion.engine.emit.Facts;
import dev.fluxion.engine.kernel.ReduceParts;
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
        return Lying.of(c.core(), facts).map(this::match);
    }

    @Override
    public Optional<Match> inJava(Candidate c, Facts facts) {
        Expr e = c.core();
        if (!(e.op() instanceof Reduction)) {
            return Optional.empty();
        }
        Laid operand = Laid.plain(e.input(0));
        return Optional.of(
                match(new Lying(e, operand, Laid.plain(e).layout(), e.input(0).shape(), e.shape())));
    }

    private Match match(Lying lying) {
        Expr e = lying.e;
        boolean sum = e.op() instanceof Reduction.Sum;
        return Match.step(
                this,
                e,
                List.of(lying.operand),
                lying.made,
                (reads, to) -> ReduceParts.step(e, sum, lying.in, lying.out, reads.get(0), to));
    }

    /**
     * A reduction of an operand that is not row-major, whose result comes in the order of what is read.
     *
     * @param e the reduction
     * @param operand what is read, as it lies
     * @param made how the result lies
     * @param in the extents of the operand's axes in the order in which they lie
     * @param out the same with 1 for those that are reduced
     */
    record Lying(Expr e, Laid operand, Layout made, Shape in, Shape out) {
        /** The reduction that an expression is; empty if it is none, or its operand lies otherwise. */
        static Optional<Lying> of(Expr e, Facts facts) {
            if (!(e.op() instanceof Reduction)) {
                return Optional.empty();
            }
            Layout lying = facts.layouts().of(e.input(0));
            return lying.isPlain() || !lying.isDense() || !isInOrder(lying, e, false)
                    ? Optional.empty()
                    : result(lying, e).map(made -> of(e, new Laid(e.input(0), lying), made));
        }

        private static Lying of(Expr e, Laid operand, Layout made) {
            List<Layout.Axis> axes = operand.layout().axes();
            Shape in =
                    Shape.of(axes.stream().mapToInt(axis -> (int) axis.extent()).toArray());
            Shape out = Shape.of(axes.stream()
                    .mapToInt(axis -> isKept(axis, e) ? (int) axis.extent() : 1)
                    .toArray());
            return new Lying(e, operand, made, in, out);
        }
    }

    static boolean isKept(Layout.Axis axis, Expr e) {
        return e.shape().dim(axis.dim()) > 1;
    }

    /** Whether some of the axes of an operand come in the order of the plain layout: those that are kept, or those that are not. */
    static boolean isInOrder(Layout operand, Expr e, boolean kept) {
        int[] dims = operand.axes().stream()
                .filter(axis -> isKept(axis, e) == kept)
                .mapToInt(Layout.Axis::dim)
                .toArray();
        return Arrays.equals(dims, Arrays.stream(dims).sorted().toArray());
    }

    /** How the result lies if its elements come in the order of the operand; empty if that is no layout. */
    private static Optional<Layout> result(Layout operand, Expr e) {
        List<Layout.Axis> kept =
                operand.axes().stream().filter(axis -> isKept(axis, e)).toList();
        return isInOrder(operand, e, true)
                ? Optional.of(Laid.plain(e).layout())
                : operand.resized(TensorLayout.dims(e.shape()))
                        .filter(layout -> layout.axes().equals(kept));
    }
}
