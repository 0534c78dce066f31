package dev.fluxion.engine.rule;

import dev.fluxion.engine.emit.Facts;
import dev.fluxion.engine.kernel.GroupGradient;
import dev.fluxion.engine.kernel.GroupParts;
import dev.fluxion.engine.kernel.GroupRows;
import dev.fluxion.engine.kernel.Grouped;
import dev.fluxion.engine.kernel.Room;
import dev.fluxion.engine.plan.Buffer;
import dev.fluxion.engine.plan.Step;
import dev.fluxion.ffi.Layout;
import dev.fluxion.ir.Compound;
import dev.fluxion.ir.Expr;
import dev.fluxion.ir.GroupNormalisation;
import java.util.List;
import java.util.Optional;

/** Group normalisations and their gradients of samples as x lies where it is not row-major. */
record GroupNormRule() implements Rule {
    @Override
    public String name() {
        return "group-norm";
    }

    @Override
    public Optional<Match> match(Candidate c, Facts facts) {
        Expr e = c.core();
        if (!isOne(e)) {
            return Optional.empty();
        }
        Layout lying = facts.layouts().of(x(e));
        return lying.isPlain() ? Optional.empty() : match(e, lying, facts);
    }

    @Override
    public Optional<Match> inJava(Candidate c, Facts facts) {
        Expr e = c.core();
        return isOne(e) ? match(e, Laid.plain(e).layout(), facts) : Optional.empty();
    }

    private static boolean isOne(Expr e) {
        return e.op() instanceof GroupNormalisation || e.op() instanceof GroupNormalisation.Gradient;
    }

    private static Expr x(Expr e) {
        return e.input(e.op() instanceof GroupNormalisation ? 0 : 1);
    }

    /** A match for samples in a layout; empty if there is none. */
    private Optional<Match> match(Expr e, Layout layout, Facts facts) {
        List<Laid> reads = e.inputs().stream()
                .map(in -> in.shape().equals(e.shape()) ? new Laid(in, layout) : Laid.plain(in))
                .toList();
        int groups =
                e.op() instanceof GroupNormalisation op ? op.groups() : ((GroupNormalisation.Gradient) e.op()).groups();
        return Grouped.of(layout, e.shape(), groups)
                .map(lie -> Results.match(
                        this, e, (Compound) e.op(), reads, layout, facts, (from, to) -> step(e, lie, from, to)));
    }

    private static Step step(Expr e, Grouped lie, List<Buffer> reads, List<Buffer> writes) {
        if (!(e.op() instanceof GroupNormalisation op)) {
            return step(e, reads, writes, GroupGradient.of(lie, reads, writes));
        }
        Step all = step(e, reads, writes, GroupRows.forward(lie, op.eps(), reads, writes));
        return all.shared(new GroupParts(all, lie, op.eps()));
    }

    private static Step step(Expr e, List<Buffer> reads, List<Buffer> writes, Step.Binder binder) {
        Step step = Step.of(e, reads, writes, GroupRows.NAME, binder)
                .flops(8.0 * writes.get(0).layout().elements());
        Room.require(step, GroupRows.NAME);
        return step;
    }
}
