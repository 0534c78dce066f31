package dev.fluxion.engine.rule;

import dev.fluxion.engine.emit.Facts;
import dev.fluxion.engine.emit.Primitives;
import dev.fluxion.engine.plan.Buffer;
import dev.fluxion.ffi.Arg;
import dev.fluxion.ffi.Binary;
import dev.fluxion.ffi.Layout;
import dev.fluxion.ffi.PostOps;
import dev.fluxion.ffi.Primitive;
import dev.fluxion.ir.BinaryFn;
import dev.fluxion.ir.Elementwise;
import dev.fluxion.ir.Expr;
import dev.fluxion.ir.Movement;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Sums of values of one shape by a kernel of the library.
 *
 * @param size elements from which on a pass over memory pays
 */
public record NativeSumRule(int size) implements Rule {
    /** The values that a native kernel adds: two, and those of 32 post-ops. */
    private static final int MOST = 34;

    @Override
    public String name() {
        return "native-sums";
    }

    @Override
    public Optional<Match> match(Candidate c, Facts facts) {
        Expr e = c.core();
        List<Expr> addends = addends(c);
        boolean adds = addends.size() > 1
                && addends.size() <= MOST
                && e.shape().size() >= size
                && addends.stream().noneMatch(a -> a.op() instanceof Movement.Broadcast);
        if (!adds) {
            return Optional.empty();
        }
        Layout layout = FusedRule.layout(c, facts, false);
        PostOps others = PostOps.NONE;
        for (int i = 2; i < addends.size(); i++) {
            others = others.binary(Binary.Function.ADD, layout);
        }
        return facts.offered(new Binary(Binary.Function.ADD, layout, layout, layout, others))
                .map(primitive -> match(c, addends, layout, primitive));
    }

    private Match match(Candidate c, List<Expr> addends, Layout layout, Primitive primitive) {
        Expr e = c.core();
        List<Laid> operands = addends.stream().map(a -> new Laid(a, layout)).toList();
        double flops = (double) e.shape().size() * (addends.size() - 1);
        return Match.step(this, c, operands, layout, () -> e, (buffers, to) -> {
            Map<Arg, Buffer> reads = new LinkedHashMap<>();
            buffers.forEach(addend -> reads.put(addend(reads.size()), addend));
            return Primitives.step(
                    "sum of " + reads.size(), e.origin(), primitive, reads, Map.of(Arg.DESTINATION, to), flops);
        });
    }

    /** What the native sum of two values and others calls the one at an index. */
    private static Arg addend(int index) {
        return switch (index) {
            case 0 -> Arg.SOURCE;
            case 1 -> Arg.RIGHT;
            default -> Arg.postOp(index - 2);
        };
    }

    /** The values that nested additions add, in their order; none if something else is computed, too. */
    private static List<Expr> addends(Candidate c) {
        List<Expr> found = new ArrayList<>();
        Expr rest = c.root();
        while (isAddition(rest) && c.covers().contains(rest)) {
            found.add(0, rest.input(1));
            rest = rest.input(0);
        }
        found.add(0, rest);
        return found.stream().noneMatch(c.covers()::contains) ? found : List.of();
    }

    private static boolean isAddition(Expr e) {
        return e.op() instanceof Elementwise.Binary op && op.fn() == BinaryFn.ADD;
    }
}
