package dev.fluxion.engine.rule;

import dev.fluxion.engine.emit.Facts;
import dev.fluxion.engine.kernel.FusedBuilder;
import dev.fluxion.engine.plan.Buffer;
import dev.fluxion.ffi.Layout;
import dev.fluxion.ir.DType;
import dev.fluxion.ir.Expr;
import dev.fluxion.ir.Marker;
import dev.fluxion.ir.Movement;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;

/** Elementwise operators, whatever they are, in Java: the plain form of all that is fused. */
record FusedRule() implements Rule {
    @Override
    public String name() {
        return "fused";
    }

    @Override
    public Optional<Match> match(Candidate c, Facts facts) {
        if (!Fusion.isElementwise(c.core())) {
            return Optional.empty();
        }
        Expr e = c.root();
        Layout layout = layout(c, facts, true);
        List<Laid> operands = operands(c).stream().map(x -> laid(x, e, layout)).toList();
        return Optional.of(Match.step(this, c, operands, layout, () -> e, (reads, to) -> {
            Map<Expr, Buffer> buffers = new HashMap<>();
            for (int i = 0; i < reads.size(); i++) {
                buffers.put(operands.get(i).value(), reads.get(i));
            }
            return new FusedBuilder(e.shape(), layout, new Operands(c.covers(), buffers))
                    .add(e, to)
                    .shared(e.origin());
        }));
    }

    private record Operands(Set<Expr> covers, Map<Expr, Buffer> buffers) implements FusedBuilder.Operands {
        @Override
        public boolean isInside(Expr e) {
            return e.op() instanceof Movement.Broadcast || covers.contains(e);
        }

        @Override
        public Buffer buffer(Expr e) {
            return Objects.requireNonNull(buffers.get(e));
        }
    }

    private static Laid laid(Expr x, Expr e, Layout layout) {
        return x.shape().equals(e.shape()) && !layout.isPlain() ? new Laid(x, layout) : Laid.plain(x);
    }

    /**
     * The dense layout in which most operands of the result's shape lie, rather one that a kernel chose than the plain one, and
     * rather channels last than in blocks; plain where elements are named that are refused.
     *
     * @param broadcasts whether there may be operands of other shapes that are no scalars; else it is plain if there are
     */
    static Layout layout(Candidate c, Facts facts, boolean broadcasts) {
        Expr e = c.root();
        Layout plain = Laid.plain(e).layout();
        List<Expr> operands = new ArrayList<>(operands(c));
        operands.removeIf(x -> x.shape().size() == 1 && e.shape().size() != 1);
        operands.removeIf(x -> broadcasts && !x.shape().equals(e.shape()) && x.dtype() == e.dtype());
        boolean alike = operands.stream().allMatch(o -> o.shape().equals(e.shape()) && o.dtype() == e.dtype());
        boolean names = c.covers().stream().anyMatch(x -> x.op() instanceof Marker.Require);
        if (!alike || names || e.dtype() == DType.INT) {
            return plain;
        }
        Layout best = plain;
        int most = -1;
        for (Expr operand : operands) {
            Layout layout = facts.layouts().of(operand);
            int rank = layout.isDense() ? rank(layout, operands, facts) : -1;
            if (rank > most) {
                best = layout;
                most = rank;
            }
        }
        return best;
    }

    /** Above all by how many operands lie in a layout. */
    private static int rank(Layout layout, List<Expr> operands, Facts facts) {
        int lying = 0;
        for (Expr operand : operands) {
            lying += facts.layouts().isIn(operand, layout) ? 1 : 0;
        }
        return 4 * lying + (layout.isPlain() ? 0 : 2) + (layout.isBlocked() ? 0 : 1);
    }

    /** What the operators read, in the order in which they do: of what is broadcast, that which it is made of. */
    private static List<Expr> operands(Candidate c) {
        List<Expr> found = new ArrayList<>();
        operands(c.root(), c, found, new HashSet<>(Set.of(c.root())));
        return found;
    }

    private static void operands(Expr e, Candidate c, List<Expr> found, Set<Expr> seen) {
        for (Expr in : e.inputs()) {
            if (!seen.add(in)) {
                continue;
            }
            Expr x = in.op() instanceof Movement.Broadcast ? in.input(0) : in;
            if (c.covers().contains(in)) {
                operands(in, c, found, seen);
            } else if (FusedBuilder.constant(x).isEmpty()) {
                found.add(x);
            }
        }
    }
}
