package dev.fluxion.engine.rule;

import dev.fluxion.engine.emit.Facts;
import dev.fluxion.engine.emit.Primitives;
import dev.fluxion.engine.kernel.Guarded;
import dev.fluxion.engine.plan.Step;
import dev.fluxion.ffi.Arg;
import dev.fluxion.ffi.Layout;
import dev.fluxion.ffi.Primitive;
import dev.fluxion.ir.Elementwise;
import dev.fluxion.ir.Expr;
import dev.fluxion.ir.UnaryFn;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Slow functions by a kernel of the library.
 *
 * @param size elements from which on a pass over memory pays
 * @param slow the same for functions that take about ten nanoseconds an element in Java
 */
public record NativeFunctionRule(int size, int slow) implements Rule {
    @Override
    public String name() {
        return "native-functions";
    }

    @Override
    public Optional<Candidate> cover(Expr e, Facts facts) {
        return e.op() instanceof Elementwise.Unary unary
                        && facts.tiled().size(e) >= (NativeFunctions.isEarly(unary.fn()) ? slow : size)
                        && NativeFunctions.of(unary).isPresent()
                ? Optional.of(Candidate.alone(e))
                : Optional.empty();
    }

    @Override
    public Optional<Match> match(Candidate c, Facts facts) {
        Expr e = c.core();
        if (c.covers().size() > 1 || cover(e, facts).isEmpty()) {
            return Optional.empty();
        }
        Elementwise.Unary op = (Elementwise.Unary) e.op();
        NativeFunctions.Native function = NativeFunctions.of(op).orElseThrow();
        Laid plain = Laid.plain(e.input(0));
        Laid lying = new Laid(e.input(0), facts.layouts().of(e.input(0)));
        return facts.offered(function.on(lying.layout()))
                .map(primitive -> match(e, lying, primitive))
                .or(() -> facts.offered(function.on(plain.layout())).map(primitive -> match(e, plain, primitive)));
    }

    /** The exponential of NaN is infinite here, and the others keep it. */
    private Match match(Expr e, Laid x, Primitive primitive) {
        UnaryFn fn = ((Elementwise.Unary) e.op()).fn();
        Layout layout = x.layout();
        return Match.step(this, e, List.of(x), layout, (reads, to) -> {
            Step step = Primitives.step(
                    e,
                    primitive,
                    Map.of(Arg.SOURCE, reads.get(0)),
                    Map.of(Arg.DESTINATION, to),
                    e.shape().size());
            return fn == UnaryFn.EXP ? Guarded.step(step, to, Guarded.elements(reads.get(0), to)) : step.overwriting();
        });
    }
}
