package dev.fluxion.engine.graph;

import dev.fluxion.ir.AxisRule;
import dev.fluxion.ir.AxisRule.Join;
import dev.fluxion.ir.Expr;
import dev.fluxion.ir.Graph;
import dev.fluxion.ir.Leaf;
import dev.fluxion.ir.Movement;
import dev.fluxion.ir.Recurrence;
import dev.fluxion.ir.Result;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.IntStream;

/**
 * Tells where a network mixes the positions of its sequences otherwise than a session can make up for, which keeps what attention
 * reads of earlier positions, and the states of recurrences. What is at the end of all positions so far is known, too.
 */
public final class Positionwise {
    private final int steps;
    private final Map<Expr, Integer> axes = new HashMap<>();

    private Positionwise(int steps) {
        this.steps = steps;
    }

    /**
     * The first value of a position that depends on other positions.
     *
     * @param one the network for a single sample
     * @param inputs the names of the inputs that bring positions, along axis 1
     * @param steps how many they bring
     * @param kept the values whose earlier positions are kept
     * @return nothing if there is none
     */
    public static Optional<Expr> mixed(Graph one, Set<String> inputs, int steps, Set<Expr> kept) {
        Positionwise all = new Positionwise(steps);
        return one.order().stream()
                .filter(e -> !kept.contains(e) && !all.follows(e, inputs))
                .findFirst();
    }

    private boolean follows(Expr e, Set<String> inputs) {
        if (e.op() instanceof Leaf.Input given) {
            if (inputs.contains(given.name())) {
                axes.put(e, 1);
            }
            return true;
        }
        List<Integer> own = e.inputs().stream().map(this::axis).toList();
        if (own.stream().allMatch(axis -> axis == AxisRules.NONE) || isEnd(e, own)) {
            return true;
        }
        if (isForwards(e, own)) {
            axes.put(e, 1);
            return true;
        }
        Optional<AxisRule> rule =
                e.op().axes(e).stream().filter(r -> follows(r, own)).findFirst();
        rule.ifPresent(r -> axes.put(e, r.axis()));
        return rule.isPresent();
    }

    private int axis(Expr e) {
        return axes.getOrDefault(e, AxisRules.NONE);
    }

    private boolean follows(AxisRule r, List<Integer> own) {
        return r.units() == steps
                && (r.join() == Join.CONCATENATION || r.join() == Join.POSITION)
                && r.result().isDivided()
                && IntStream.range(0, own.size())
                        .allMatch(i -> own.get(i) == AxisRules.NONE
                                || r.operands().get(i).axis() == own.get(i)
                                        && r.operands().get(i).isDivided());
    }

    /** Whether something is the last of all positions, or a state behind them. */
    private static boolean isEnd(Expr e, List<Integer> own) {
        return e.op() instanceof Movement.Slice s
                        && s.axis() == own.get(0)
                        && s.to() == e.input(0).shape().dim(s.axis())
                        && s.from() > 0
                || e.op() instanceof Result r
                        && e.node().op() instanceof Recurrence cell
                        && r.index() <= cell.cell().states();
    }

    /** Whether a recurrence goes along the positions of its first operand, whose first states a session knows. */
    private static boolean isForwards(Expr e, List<Integer> own) {
        return e.op() instanceof Recurrence cell
                && !cell.backwards()
                && own.get(0) == 1
                && own.subList(1, own.size()).stream().allMatch(axis -> axis == AxisRules.NONE);
    }
}
