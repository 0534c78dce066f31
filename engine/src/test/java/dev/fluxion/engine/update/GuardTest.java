package dev.fluxion.engine.update;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fluxion.engine.store.Magnitude;
import dev.fluxion.engine.store.Scalars;
import dev.fluxion.ffi.Memory;
import dev.fluxion.ir.Expr;
import dev.fluxion.ir.Shape;
import dev.fluxion.ir.Update;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** Bounds of updates: what they promise, and how seldom the numbers have to be looked at. */
class GuardTest {
    private static final int STEPS = 20_000;

    private static Update.Rule sgd(double decay, double momentum, boolean nesterov) {
        return (w, g, state) -> {
            Expr d = g.add(w.mul(decay));
            Expr b = state.keep("buffer", old -> old.mul(momentum).add(d));
            return w.sub((nesterov ? d.add(b.mul(momentum)) : b).mul(state.learningRate()));
        };
    }

    private static Update.Rule adam(double coupled, double decoupled, double eps) {
        return (w, gradient, state) -> {
            Expr g = gradient.add(w.mul(coupled));
            Expr m = state.keep("mean", old -> old.mul(0.9).add(g.mul(0.1)));
            Expr v = state.keep("square", old -> old.mul(0.999).add(g.square().mul(0.001)));
            Expr rate = state.scalar((t, lr) -> lr / (1 - Math.pow(0.9, (double) t)));
            Expr scale = state.scalar((t, lr) -> 1 / Math.sqrt(1 - Math.pow(0.999, (double) t)));
            Expr change = m.mul(rate).div(v.sqrt().mul(scale).add(eps));
            return w.sub(change.add(w.mul(state.scalar((t, lr) -> lr * decoupled))));
        };
    }

    /** With a moving average of the values, which follows a target that comes behind it. */
    private static Update.Rule averaged(Update.Rule rule) {
        return (w, g, state) -> {
            Expr next = rule.next(w, g, state);
            Expr fresh = state.scalar((t, lr) -> t == 1 ? 1 : 0.001);
            Expr old = state.scalar((t, lr) -> t == 1 ? 0 : 0.999);
            state.keep("average", mean -> mean.mul(old).add(next.mul(fresh)));
            return next;
        };
    }

    @Test
    void numbersAreLookedAtSeldom() {
        Map<String, Update.Rule> rules = new LinkedHashMap<>();
        rules.put("sgd", (w, g, state) -> w.sub(g.mul(state.learningRate())));
        rules.put("momentum", sgd(0, 0.9, false));
        rules.put("nesterov with decay", sgd(5e-4, 0.9, true));
        rules.put("adam", adam(0, 0, 1e-8));
        rules.put("adamW", adam(0, 0.01, 1e-8));
        rules.put("adam with decay in the gradient", adam(0.01, 0, 1e-8));
        rules.put("averaged momentum", averaged(sgd(0, 0.9, false)));
        rules.put("averaged adamW", averaged(adam(0, 0.01, 1e-8)));
        rules.forEach((name, rule) -> {
            for (double warmUp : new double[] {1, 1000}) {
                // A mean that scalars weigh may grow by what scalars may.
                assertThat(looks(rule, warmUp)).as(name).isLessThanOrEqualTo(name.startsWith("averaged") ? 400 : 20);
            }
        });
    }

    /** How often a guard looks at the numbers of a rule, while the learning rate grows to 0.1. */
    private static int looks(Update.Rule rule, double warmUp) {
        int[] looks = new int[1];
        try (Memory block = Memory.allocate(64)) {
            TracedUpdate written = TracedUpdate.of(rule, 0, Shape.of(1));
            Scalars own = new Scalars(rule);
            List<Scalars.Cell> cells = IntStream.range(0, written.scalars().size())
                    .mapToObj(own::cell)
                    .toList();
            assertThat(Growth.isBoundable(written)).isTrue();
            List<Guard.Target> targets = new ArrayList<>();
            written.next()
                    .keySet()
                    .forEach(t -> targets.add(new Guard.Target(new Magnitude(), () -> {
                        looks[0]++;
                        return block;
                    })));
            Guard guard = Guard.of(written, cells, targets);
            for (int step = 0; step < STEPS; step++) {
                own.evaluate(step + 1, 0.1 * Math.min(1, (step + 1) / warmUp));
                own.publish();
                guard.prepare();
                assertThat(guard.limit().squares()).isGreaterThanOrEqualTo(0x1p40);
                guard.advance();
            }
        }
        return looks[0];
    }

    @Test
    void nothingIsPromisedWhereTooLittleIsKnown() {
        List<Update.Rule> rules = List.of(
                adam(0, 0, 0),
                (w, g, state) -> w.sub(g.log()),
                (w, g, state) -> w.sub(g.div(w)),
                (w, g, state) -> w.sub(g.sqrt()),
                (w, g, state) -> w.sub(w.pow(g)),
                (w, g, state) -> w.sub(state.keep("signed", v -> v.sub(g)).sqrt()));
        rules.forEach(rule -> assertThat(Growth.isBoundable(TracedUpdate.of(rule, 0, Shape.of(1))))
                .isFalse());
    }
}
