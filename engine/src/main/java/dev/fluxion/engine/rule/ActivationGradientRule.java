package dev.fluxion.engine.rule;

import dev.fluxion.engine.emit.Facts;
import dev.fluxion.engine.emit.Primitives;
import dev.fluxion.engine.kernel.Guarded;
import dev.fluxion.engine.plan.Buffer;
import dev.fluxion.engine.plan.Step;
import dev.fluxion.ffi.Arg;
import dev.fluxion.ffi.Eltwise;
import dev.fluxion.ffi.Layout;
import dev.fluxion.ffi.Pass;
import dev.fluxion.ffi.Primitive;
import dev.fluxion.ir.Expr;
import java.nio.FloatBuffer;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * The gradients of activations by a kernel of the library, in the layout of what the activation was applied to, or gave.
 *
 * @param size elements from which on it pays: Java makes their comparisons one by one
 */
public record ActivationGradientRule(int size) implements Rule {
    @Override
    public String name() {
        return "activation-gradients";
    }

    @Override
    public Optional<Candidate> cover(Expr e, Facts facts) {
        return slope(e, facts)
                .filter(s -> s.inner().stream().allMatch(i -> facts.readers().isOnlyFor(i, e, s.inner())))
                .map(s -> Candidate.alone(e).covering(with(e, s.inner())));
    }

    private Optional<ActivationGradient> slope(Expr e, Facts facts) {
        return facts.tiled().size(e) < size ? Optional.empty() : ActivationGradient.of(e);
    }

    private static Set<Expr> with(Expr e, Set<Expr> others) {
        Set<Expr> all = new HashSet<>(others);
        all.add(e);
        return all;
    }

    @Override
    public Optional<Match> match(Candidate c, Facts facts) {
        return slope(c.core(), facts)
                .filter(s -> c.covers().containsAll(s.inner()))
                .flatMap(s -> {
                    Layout layout = facts.layouts().of(s.data());
                    Eltwise backward = Eltwise.of(s.function(), (float) s.alpha(), (float) s.beta(), layout)
                            .pass(Pass.BACKWARD);
                    return facts.offered(backward).map(primitive -> match(c, s, layout, primitive));
                });
    }

    private Match match(Candidate c, ActivationGradient slope, Layout layout, Primitive primitive) {
        Expr e = c.core();
        Arg data = slope.function().isFromResult() ? Arg.DESTINATION : Arg.SOURCE;
        List<Laid> operands = List.of(new Laid(slope.gradient(), layout), new Laid(slope.data(), layout));
        return Match.step(this, c, operands, layout, () -> e, (buffers, to) -> {
            Map<Arg, Buffer> reads = new LinkedHashMap<>();
            reads.put(Arg.DESTINATION_GRADIENT, buffers.get(0));
            reads.put(data, buffers.get(1));
            Step step = Primitives.step(
                            slope.activation() + " gradient",
                            e.origin(),
                            primitive,
                            reads,
                            Map.of(Arg.SOURCE_GRADIENT, to),
                            e.shape().size())
                    .overwriting();
            return switch (slope.function()) {
                case ELU_FROM_RESULT -> Guarded.step(step, buffers.get(1), Guarded.elements(buffers.get(1), to));
                case CLIP_FROM_RESULT -> Guarded.step(step, buffers.get(1), vanishing(buffers.get(1), to));
                default -> step;
            };
        });
    }

    /** A repair that takes a NaN for a number beyond the bounds: the kernel passes its gradient on. */
    private static Step.Binder vanishing(Buffer data, Buffer result) {
        return places -> {
            FloatBuffer from = places.of(data).floats();
            FloatBuffer to = places.of(result).floats();
            return () -> {
                for (int i = 0; i < to.limit(); i++) {
                    if (Float.isNaN(from.get(i))) {
                        to.put(i, to.get(i) * 0);
                    }
                }
            };
        };
    }
}
