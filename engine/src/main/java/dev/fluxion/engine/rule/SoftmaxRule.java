package dev.fluxion.engine.rule;

import dev.fluxion.engine.emit.Facts;
import dev.fluxion.engine.emit.Primitives;
import dev.fluxion.engine.kernel.Guarded;
import dev.fluxion.engine.kernel.Normalise;
import dev.fluxion.ffi.Arg;
import dev.fluxion.ffi.Layout;
import dev.fluxion.ffi.Softmax;
import dev.fluxion.ir.Expr;
import dev.fluxion.ir.Normalised;
import java.util.Map;
import java.util.Optional;

/** Softmax by a kernel of the library, which makes NaN of the whole line where one number is. */
record SoftmaxRule() implements Rule {
    @Override
    public String name() {
        return "softmax";
    }

    @Override
    public Optional<Match> match(Candidate c, Facts facts) {
        Expr e = c.core();
        if (!(e.op() instanceof Normalised.Softmax op)) {
            return Optional.empty();
        }
        Layout plain = Laid.plain(e).layout();
        return facts.offered(Softmax.of(op.axis(), plain))
                .map(primitive -> Match.plain(
                        this,
                        e,
                        e.inputs(),
                        (reads, to) -> Guarded.step(
                                Primitives.step(
                                        e,
                                        primitive,
                                        Map.of(Arg.SOURCE, reads.get(0)),
                                        Map.of(Arg.DESTINATION, to),
                                        5.0 * e.shape().size()),
                                to,
                                Guarded.lines(e.shape(), op.axis(), to))));
    }

    @Override
    public Optional<Match> inJava(Candidate c, Facts facts) {
        Expr e = c.core();
        if (e.op() instanceof Normalised.Softmax op) {
            return inJava(e, op.axis(), false);
        }
        return e.op() instanceof Normalised.LogSoftmax op ? inJava(e, op.axis(), true) : Optional.empty();
    }

    private Optional<Match> inJava(Expr e, int axis, boolean logarithm) {
        return Optional.of(Match.plain(
                this,
                e,
                e.inputs(),
                "java:softmax",
                (reads, to) -> Normalise.of(logarithm, e.shape(), axis, reads.get(0), to)));
    }
}
