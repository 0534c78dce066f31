package dev.fluxion.ir;

import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** Functions of two numbers. A comparison gives 1 where it holds and 0 where it does not, and has no gradient. */
public enum BinaryFn {
    /** a + b. */
    ADD((a, b) -> a + b, (a, b, y, g) -> List.of(g, g)),
    /** a − b. */
    SUB((a, b) -> a - b, (a, b, y, g) -> List.of(g, g.neg())),
    /** a·b. */
    MUL((a, b) -> a * b, (a, b, y, g) -> List.of(g.mul(b), g.mul(a))),
    /** a/b. */
    DIV((a, b) -> a / b, (a, b, y, g) -> List.of(g.div(b), g.mul(y).div(b).neg())),
    /** The larger; operands that are equal share the gradient by halves. */
    MAX(Math::max, (a, b, y, g) -> shared(a.gt(b), b.gt(a), g)),
    /** The smaller; operands that are equal share the gradient by halves. */
    MIN(Math::min, (a, b, y, g) -> shared(a.lt(b), b.lt(a), g)),
    /** a to the power b; where a is 0 or b is, the gradient that would be infinite or undefined is 0. */
    POW(Math::pow, (a, b, y, g) -> {
        Expr one = Expr.constant(1);
        Expr slope = b.mul(a.pow(b.eq(0).where(one, b.sub(1))));
        return List.of(g.mul(slope), g.mul(y).mul(a.eq(0).where(one, a).log()));
    }),
    /** a = b. */
    EQ((a, b) -> a == b ? 1 : 0, null),
    /** a ≠ b. */
    NE((a, b) -> a != b ? 1 : 0, null),
    /** a &lt; b. */
    LT((a, b) -> a < b ? 1 : 0, null),
    /** a ≤ b. */
    LE((a, b) -> a <= b ? 1 : 0, null),
    /** a &gt; b. */
    GT((a, b) -> a > b ? 1 : 0, null),
    /** a ≥ b. */
    GE((a, b) -> a >= b ? 1 : 0, null);

    private final Value value;
    private final @Nullable Derivative derivative;

    BinaryFn(Value value, @Nullable Derivative derivative) {
        this.value = value;
        this.derivative = derivative;
    }

    /** The value at (a, b). */
    public double apply(double a, double b) {
        return value.at(a, b);
    }

    /** Whether the function is a comparison. */
    public boolean comparison() {
        return derivative == null;
    }

    List<Expr> gradient(Expr node, Expr g) {
        return derivative == null
                ? List.of(Expr.none(), Expr.none())
                : derivative.of(node.input(0), node.input(1), node, g);
    }

    private static List<Expr> shared(Expr first, Expr second, Expr g) {
        Expr half = first.sub(second).mul(0.5);
        return List.of(g.mul(half.add(0.5)), g.mul(half.neg().add(0.5)));
    }

    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT);
    }

    private interface Value {
        double at(double a, double b);
    }

    private interface Derivative {
        List<Expr> of(Expr a, Expr b, Expr y, Expr g);
    }
}
