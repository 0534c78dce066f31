package dev.fluxion.engine;

import dev.fluxion.ir.Expr;
import dev.fluxion.ir.Update;
import java.util.Map;

/** Update rules of many forms, by name. */
final class UpdateRules {
    private UpdateRules() {}

    static final Map<String, Update.Rule> ALL = Map.of(
            "sgd", TinyNet.SGD,
            "decay", (w, g, state) -> w.sub(g.add(w.mul(0.1)).mul(state.learningRate())),
            "negated", (w, g, state) -> g.mul(state.learningRate()).neg().add(w),
            "step by step",
                    (w, g, state) -> {
                        Expr first = state.keep("first", m -> m.mul(0.5).add(g));
                        Expr second = state.keep("second", m -> m.mul(0.5).add(first));
                        return w.sub(second.add(first).mul(state.learningRate()));
                    },
            "one step late",
                    (w, g, state) -> {
                        Expr[] late = new Expr[1];
                        state.keep("velocity", v -> {
                            late[0] = v;
                            return v.mul(0.9).add(g);
                        });
                        return w.sub(late[0].mul(state.learningRate()));
                    },
            "forgetful", (w, g, state) -> g.mul(state.scalar((t, lr) -> lr / t)),
            "momentum",
                    (w, g, state) ->
                            w.sub(state.keep("velocity", v -> v.mul(0.9).add(g)).mul(state.learningRate())),
            "nesterov",
                    (w, g, state) -> {
                        Expr v = state.keep("velocity", old -> old.mul(0.9).add(g));
                        return w.sub(v.mul(0.9).add(g).mul(state.learningRate()));
                    },
            "nesterov with decay",
                    (w, g, state) -> {
                        Expr decayed = g.add(w.mul(0.1));
                        Expr v = state.keep("velocity", old -> old.mul(0.9).add(decayed));
                        return w.sub(v.mul(0.9).add(decayed).mul(state.learningRate()));
                    },
            "adam",
                    (w, g, state) -> {
                        Expr mean = state.keep("mean", m -> m.mul(0.9).add(g.mul(0.1)));
                        Expr square = state.keep(
                                "square", v -> v.mul(0.99).add(g.square().mul(0.01)));
                        Expr rate = state.scalar((t, lr) -> 0.1 * lr / (1 - Math.pow(0.9, (double) t)));
                        Expr scale = state.scalar((t, lr) -> 1 / Math.sqrt(1 - Math.pow(0.99, (double) t)));
                        return w.sub(mean.mul(rate).div(square.sqrt().mul(scale).add(1e-3)));
                    });
}
