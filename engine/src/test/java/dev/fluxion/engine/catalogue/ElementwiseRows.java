package dev.fluxion.engine.catalogue;

import dev.fluxion.ir.BinaryFn;
import dev.fluxion.ir.Elementwise;
import dev.fluxion.ir.Expr;
import dev.fluxion.ir.Shape;
import dev.fluxion.ir.UnaryFn;
import java.util.ArrayList;
import java.util.List;

/** Functions of one and two operands, choice, conversion. */
final class ElementwiseRows {
    private ElementwiseRows() {}

    static List<Row> rows() {
        List<Row> rows = new ArrayList<>();
        for (UnaryFn fn : UnaryFn.values()) {
            rows.add(new Row(fn.toString(), d -> unary(fn, d)));
        }
        for (BinaryFn fn : BinaryFn.values()) {
            rows.add(new Row(fn.toString(), d -> binary(fn, d)));
        }
        rows.add(new Row("eq of integers", ElementwiseRows::labels));
        for (BinaryFn fn :
                List.of(BinaryFn.ADD, BinaryFn.SUB, BinaryFn.MUL, BinaryFn.DIV, BinaryFn.MAX, BinaryFn.MIN)) {
            rows.add(new Row(fn + " of integers", d -> integers(fn, d)));
        }
        rows.add(new Row("where", ElementwiseRows::where));
        rows.add(new Row("clip", d -> {
            double infinity = Double.POSITIVE_INFINITY;
            Expr x = d.input("x", d.shape(), () -> d.between(-8, 8) / 4.0 + 0.125);
            Elementwise.Clip op = new Elementwise.Clip(d.one(-1.0, -infinity), d.one(0.5, infinity), d.coin());
            return d.of(new Expr(op, List.of(x)));
        }));
        rows.add(new Row(
                "toInt",
                d -> d.of(d.fixed("x", d.shape(), () -> d.number(-9, 9)).toInt())));
        rows.add(new Row("toFloat", d -> d.of(d.index("x", d.shape(), 1000).toFloat())));
        return rows;
    }

    private static Case unary(UnaryFn fn, Draw d) {
        double alpha =
                switch (fn) {
                    case POWER -> d.one(2.0, 3.0, -1.0, -2.0, 0.5, 1.5, 0.0);
                    case LEAKY_RELU -> d.one(0.01, 0.2, -0.5);
                    case ELU -> d.one(1.0, 0.5, 2.0);
                    default -> 0;
                };
        Expr x = d.input("x", d.shape(), () -> argument(fn, alpha, d));
        return d.of(new Expr(new Elementwise.Unary(fn, alpha), List.of(x)));
    }

    /** A number where the function is smooth, and neither large nor steep. */
    private static double argument(UnaryFn fn, double alpha, Draw d) {
        return switch (fn) {
            case NEG, SQUARE, SIN, COS, ATAN, SINH, COSH, ASINH -> d.number(-4, 4);
            case FLOOR, ROUND -> (float) (d.between(-4, 4) + d.signed(0.1, 0.4));
            case ASIN, ACOS, ATANH -> d.number(-0.9, 0.9);
            case ACOSH -> d.number(1.1, 4);
            case EXP -> d.number(-4, 2);
            case SIGMOID, TANH, SOFTPLUS, GELU, GELU_TANH, SILU, MISH -> d.number(-6, 6);
            case HARD_SWISH -> d.one(d.number(-6, -3.2), d.number(-2.8, 2.8), d.number(3.2, 6));
            case ERF -> d.number(-2.5, 2.5);
            case ABS, SIGN, RELU, LEAKY_RELU, ELU -> d.signed(0.1, 3);
            case RECIPROCAL -> d.signed(0.3, 3);
            case LOG, SQRT -> d.number(0.2, 4);
            case LOG1P -> d.number(-0.6, 3);
            case POWER -> alpha == Math.rint(alpha) ? d.signed(0.3, 2) : d.number(0.3, 2);
        };
    }

    private static Case binary(BinaryFn fn, Draw d) {
        Shape shape = d.shape();
        if (fn.comparison()) {
            Expr a = d.fixed("a", shape, () -> d.between(-2, 2) / 2.0);
            Expr b = d.fixed("b", shape, () -> d.between(-2, 2) / 2.0);
            return d.of(new Expr(new Elementwise.Binary(fn), List.of(a, b)));
        }
        Expr a;
        Expr b;
        switch (fn) {
            case DIV -> {
                a = d.input("a", shape);
                b = d.input("b", shape, () -> d.signed(0.3, 3));
            }
            case POW -> {
                a = d.input("a", shape, () -> d.number(0.3, 2));
                b = d.input("b", shape);
            }
            case MAX, MIN -> {
                a = d.input("a", shape, () -> d.between(-8, 8) / 4.0);
                b = d.input("b", shape, () -> d.between(-8, 8) / 4.0 + 0.125);
            }
            default -> {
                a = d.input("a", shape);
                b = d.input("b", shape);
            }
        }
        return d.of(new Expr(new Elementwise.Binary(fn), List.of(a, b)));
    }

    private static Case labels(Draw d) {
        Shape shape = d.shape();
        return d.of(d.index("a", shape, 3).eq(d.index("b", shape, 3)));
    }

    /** Some are so large that they wrap around. */
    private static Case integers(BinaryFn fn, Draw d) {
        Shape shape = d.shape();
        int factor = d.one(1, 1_000_003);
        Expr a = d.index("a", shape, 9).sub(4).mul(factor);
        Expr b = d.index("b", shape, 9000).mul(2).sub(7).mul(factor);
        return d.of(new Expr(new Elementwise.Binary(fn), List.of(a, b)));
    }

    private static Case where(Draw d) {
        Shape shape = d.shape();
        Expr condition = d.coin() ? d.index("c", shape, 2) : d.fixed("c", shape, () -> d.between(-1, 1) * 0.5);
        return d.of(condition.where(d.input("a", shape), d.input("b", shape)));
    }
}
