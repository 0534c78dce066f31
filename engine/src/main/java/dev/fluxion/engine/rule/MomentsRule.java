package dev.fluxion.engine.rule;

import dev.fluxion.engine.emit.Facts;
import dev.fluxion.engine.kernel.MomentSums;
import dev.fluxion.engine.plan.Step;
import dev.fluxion.ffi.Layout;
import dev.fluxion.ir.Compound;
import dev.fluxion.ir.Expr;
import dev.fluxion.ir.Moments;
import dev.fluxion.ir.Shape;
import dev.fluxion.ir.Standardise;
import java.util.List;
import java.util.Optional;

/** Means and variances, and the sums of their gradients, of operands as the first, or x, lies where it is not row-major. */
record MomentsRule() implements Rule {
    @Override
    public String name() {
        return "moments";
    }

    @Override
    public Optional<Match> match(Candidate c, Facts facts) {
        Expr e = c.core();
        if (!isOne(e)) {
            return Optional.empty();
        }
        Layout lying = facts.layouts().of(large(e));
        return lying.isPlain()
                        || !lying.isDense()
                        || lying.rank() != e.shape().rank()
                        || !ReductionRule.isInOrder(lying, e, true)
                ? Optional.empty()
                : Optional.of(match(e, lying, facts));
    }

    @Override
    public Optional<Match> inJava(Candidate c, Facts facts) {
        Expr e = c.core();
        return isOne(e) ? Optional.of(match(e, Laid.plain(e.input(0)).layout(), facts)) : Optional.empty();
    }

    private static boolean isOne(Expr e) {
        return e.op() instanceof Moments || e.op() instanceof Standardise.Sums;
    }

    /** The operand that decides. */
    private static Expr large(Expr e) {
        return e.op() instanceof Moments ? e.input(0) : e.input(1);
    }

    /** A match for large operands in a layout in which numbers of the results come in order. */
    private Match match(Expr e, Layout layout, Facts facts) {
        List<Layout.Axis> axes = layout.axes();
        Shape in = Shape.of(axes.stream().mapToInt(axis -> (int) axis.extent()).toArray());
        Shape out = Shape.of(axes.stream()
                .mapToInt(axis -> ReductionRule.isKept(axis, e) ? (int) axis.extent() : 1)
                .toArray());
        List<Laid> reads = e.inputs().stream()
                .map(x -> x.shape().equals(large(e).shape()) ? new Laid(x, layout) : Laid.plain(x))
                .toList();
        boolean moments = e.op() instanceof Moments;
        return Results.match(this, e, (Compound) e.op(), reads, facts, (from, to) -> Step.of(
                        e,
                        from,
                        to,
                        MomentSums.NAME,
                        moments ? MomentSums.moments(in, out, from.get(0), to) : MomentSums.products(in, out, from, to))
                .flops(4.0 * in.size()));
    }
}
