package dev.fluxion;

import dev.fluxion.ir.DType;
import dev.fluxion.ir.Expr;
import dev.fluxion.ir.Leaf;
import dev.fluxion.ir.Shape;
import dev.fluxion.ir.ShapeException;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** The layers' side of a session: which values go on from earlier positions, and what is kept for the next ones. */
final class Continuation {
    private final Past past;
    private final Expr positions;
    private final Map<Expr, Boolean> known = new HashMap<>();
    private final Map<String, Carried> carried = new LinkedHashMap<>();
    private final Map<String, Integer> counts = new HashMap<>();

    Continuation(Past past) {
        this.past = past;
        this.positions = Expr.input(Past.POSITIONS, Shape.of(past.steps()), DType.INT);
    }

    Past past() {
        return past;
    }

    Expr positions() {
        return positions;
    }

    Map<String, Carried> carried() {
        return carried;
    }

    boolean goesOn(Expr x) {
        if (!follows(x)) {
            return false;
        }
        Shape shape = x.shape();
        if (shape.rank() < 2 || shape.dim(1) != past.steps()) {
            throw new ShapeException(Errors.positionsElsewhere(past.steps(), shape));
        }
        return true;
    }

    /** Whether a value depends on an input that brings positions. */
    private boolean follows(Expr e) {
        Boolean follows = known.get(e);
        if (follows == null) {
            follows = e.op() instanceof Leaf.Input input
                    ? past.inputs().contains(input.name())
                    : e.inputs().stream().anyMatch(this::follows);
            known.put(e, follows);
        }
        return follows;
    }

    /** All positions so far; behind those that there are yet come some that are not there, then those of x. */
    Expr history(String path, Expr x) {
        Leaf.Input kept = input(path, x.shape().with(1, past.room()));
        Expr all = past.room() == 0 ? x : Expr.concat(1, List.of(new Expr(kept, List.of()), x));
        carried.put(kept.name(), new Carried(kept.name(), all, x, true));
        return all;
    }

    Expr state(String path, Shape shape) {
        return new Expr(input(path, shape), List.of());
    }

    void next(Expr state, Expr next) {
        if (!(state.op() instanceof Leaf.Input kept) || !next.shape().equals(state.shape())) {
            throw new ShapeException(Errors.nextState(state, next));
        }
        carried.put(kept.name(), new Carried(kept.name(), next, next, false));
    }

    /** A layer that is called again keeps something for each call. */
    private Leaf.Input input(String path, Shape shape) {
        int calls = counts.merge(path, 1, Integer::sum);
        String name = "session " + path + (calls == 1 ? "" : " of call " + calls);
        return new Leaf.Input(name, shape, DType.FLOAT, true);
    }
}
