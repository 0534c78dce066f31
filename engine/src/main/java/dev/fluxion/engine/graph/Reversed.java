package dev.fluxion.engine.graph;

import dev.fluxion.ir.Expr;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/** Values turned round. */
final class Reversed {
    private Reversed() {}

    /** The elements along an axis from the last to the first. */
    static Expr along(int axis, Expr e) {
        List<Expr> all = new ArrayList<>();
        for (int i = 0; i < e.shape().dim(axis); i++) {
            all.add(e.slice(axis, i, i + 1));
        }
        Collections.reverse(all);
        return all.size() == 1 ? e : Expr.concat(axis, all);
    }
}
