package dev.fluxion.ir;

import java.util.List;
import java.util.Locale;

/** Functions of two numbers. A comparison gives 1 where it holds and 0 where it does not, and has no gradient. */
public enum BinaryFn {
    /** a + b. */
    ADD,
    /** a − b. */
    SUB,
    /** a·b. */
    MUL,
    /** a/b. */
    DIV,
    /** The larger; operands that are equal share the gradient by halves. */
    MAX,
    /** The smaller; operands that are equal share the gradient by halves. */
    MIN,
    /** a to the power b; where a is 0 or b is, the gradient that would be infinite or undefined is 0. */
    POW,
    /** a = b. */
    EQ,
    /** a ≠ b. */
    NE,
    /** a &lt; b. */
    LT,
    /** a ≤ b. */
    LE,
    /** a &gt; b. */
    GT,
    /** a ≥ b. */
    GE;

    /** The value at (a, b). */
    public double apply(double a, double b) {
        return switch (this) {
            case ADD -> a + b;
            case SUB -> a - b;
            case MUL -> a * b;
            case DIV -> a / b;
            case MAX -> Math.max(a, b);
            case MIN -> Math.min(a, b);
            case POW -> Math.pow(a, b);
            case EQ -> a == b ? 1 : 0;
            case NE -> a != b ? 1 : 0;
            case LT -> a < b ? 1 : 0;
            case LE -> a <= b ? 1 : 0;
            case GT -> a > b ? 1 : 0;
            case GE -> a >= b ? 1 : 0;
        };
    }

    /** Whether the function is a comparison. */
    public boolean comparison() {
        return switch (this) {
            case ADD, SUB, MUL, DIV, MAX, MIN, POW -> false;
            case EQ, NE, LT, LE, GT, GE -> true;
        };
    }

    /**
     * The value at integers. Results wrap around as Java's do, and a quotient is rounded down; that by 0, which {@link Expr#div} refuses,
     * is 0.
     */
    public int applyToInts(int a, int b) {
        return switch (this) {
            case ADD -> a + b;
            case SUB -> a - b;
            case MUL -> a * b;
            case DIV -> b == 0 ? 0 : Math.floorDiv(a, b);
            case MAX -> Math.max(a, b);
            case MIN -> Math.min(a, b);
            case POW -> throw new IllegalArgumentException(this + " of integers");
            case EQ, NE, LT, LE, GT, GE -> (int) apply(a, b);
        };
    }

    List<Expr> gradient(Expr node, Expr g) {
        Expr a = node.input(0);
        Expr b = node.input(1);
        return switch (this) {
            case ADD -> List.of(g, g);
            case SUB -> List.of(g, g.neg());
            case MUL -> List.of(g.mul(b), g.mul(a));
            case DIV -> List.of(g.div(b), g.mul(node).div(b).neg());
            case MAX -> shared(a.gt(b), b.gt(a), g);
            case MIN -> shared(a.lt(b), b.lt(a), g);
            case POW -> {
                Expr one = Expr.constant(1);
                Expr slope = b.mul(a.pow(b.eq(0).where(one, b.sub(1))));
                yield List.of(
                        g.mul(slope), g.mul(node).mul(a.eq(0).where(one, a).log()));
            }
            case EQ, NE, LT, LE, GT, GE -> List.of(Expr.none(), Expr.none());
        };
    }

    private static List<Expr> shared(Expr first, Expr second, Expr g) {
        Expr half = first.sub(second).mul(0.5);
        return List.of(g.mul(half.add(0.5)), g.mul(half.neg().add(0.5)));
    }

    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT);
    }
}
