package dev.fluxion.dsl.watch;

import dev.fluxion.ir.Expr;
import dev.fluxion.ir.Leaf;
import dev.fluxion.ir.Movement;

/** Questions about expressions. */
final class Exprs {
    private Exprs() {}

    /** The layer that made an expression, and where it is. */
    static String place(Expr e) {
        String place = (e.origin() + " " + e.place()).strip();
        return place.isEmpty() ? e.op().toString() : place;
    }

    /** Whether all elements are 0, as those of the gradient of what nothing depends on. */
    static boolean isZero(Expr e) {
        return e.op() instanceof Leaf.Constant constant
                ? constant.value() == 0
                : e.op() instanceof Movement && e.inputs().stream().allMatch(Exprs::isZero);
    }
}
