package dev.fluxion.ir;

import java.util.Locale;

/**
 * Functions of one number: the value, and the derivative as an expression of the operand and the result. They are chosen
 * so that their derivatives are stable where a composition would not be (log(1 − sigmoid(x)) is −∞ in float32 from
 * x ≈ 17, −softplus(x) is not).
 */
public enum UnaryFn {
    /** −x. */
    NEG((x, a) -> -x, (x, y, a) -> Expr.constant(-1)),
    /** |x|; the subgradient at 0 is 0. */
    ABS((x, a) -> Math.abs(x), (x, y, a) -> x.sign()),
    /** −1, 0 or 1 by the sign of x; its derivative is 0. */
    SIGN((x, a) -> Math.signum(x), (x, y, a) -> Expr.constant(0)),
    /** eˣ. */
    EXP((x, a) -> Math.exp(x), (x, y, a) -> y),
    /** Natural logarithm. */
    LOG((x, a) -> Math.log(x), (x, y, a) -> x.reciprocal()),
    /** log(1 + x), exact near 0. */
    LOG1P((x, a) -> Math.log1p(x), (x, y, a) -> x.add(1).reciprocal()),
    /** Square root. */
    SQRT((x, a) -> Math.sqrt(x), (x, y, a) -> y.reciprocal().mul(0.5)),
    /** x². */
    SQUARE((x, a) -> x * x, (x, y, a) -> x.mul(2)),
    /** 1/x. */
    RECIPROCAL((x, a) -> 1 / x, (x, y, a) -> y.square().neg()),
    /** x to a constant power. */
    POWER(
            (x, a) -> Math.pow(x, a),
            (x, y, a) -> a == 0 ? Expr.constant(0) : x.pow(a - 1).mul(a)),
    /** Sine. */
    SIN((x, a) -> Math.sin(x), (x, y, a) -> x.cos()),
    /** Cosine. */
    COS((x, a) -> Math.cos(x), (x, y, a) -> x.sin().neg()),
    /** max(x, 0); the subgradient at 0 is 0. */
    RELU((x, a) -> x > 0 || Double.isNaN(x) ? x : 0, (x, y, a) -> y.gt(0)),
    /** x where positive, αx elsewhere; the subgradient at 0 is α. */
    LEAKY_RELU((x, a) -> x > 0 ? x : a * x, (x, y, a) -> x.gt(0).where(Expr.constant(1), Expr.constant(a))),
    /** x where positive, α(eˣ − 1) elsewhere (Clevert et al., 2016). */
    ELU((x, a) -> x > 0 ? x : a * Math.expm1(x), (x, y, a) -> x.gt(0).where(Expr.constant(1), y.add(a))),
    /** 1/(1 + e⁻ˣ). */
    SIGMOID((x, a) -> Special.sigmoid(x), (x, y, a) -> y.mul(y.neg().add(1))),
    /** Hyperbolic tangent. */
    TANH((x, a) -> Math.tanh(x), (x, y, a) -> y.square().neg().add(1)),
    /** log(1 + eˣ), without overflow. */
    SOFTPLUS((x, a) -> Special.softplus(x), (x, y, a) -> x.sigmoid()),
    /** The error function. */
    ERF((x, a) -> Special.erf(x), (x, y, a) -> x.square().neg().exp().mul(2 / Math.sqrt(Math.PI))),
    /** x·Φ(x), Φ the normal distribution function (Hendrycks and Gimpel, 2016), exact, not the tanh form. */
    GELU((x, a) -> x * Special.normalCdf(x), (x, y, a) -> {
        Expr cdf = x.mul(Math.sqrt(0.5)).erf().add(1).mul(0.5);
        Expr density = x.square().mul(-0.5).exp().mul(1 / Math.sqrt(2 * Math.PI));
        return cdf.add(x.mul(density));
    }),
    /** x·sigmoid(x), also called swish. */
    SILU((x, a) -> x * Special.sigmoid(x), (x, y, a) -> {
        Expr s = x.sigmoid();
        return s.add(y.mul(s.neg().add(1)));
    });

    private final Value value;
    private final Derivative derivative;

    UnaryFn(Value value, Derivative derivative) {
        this.value = value;
        this.derivative = derivative;
    }

    /** The value at x; {@code alpha} is the function's constant where it has one. */
    public double apply(double x, double alpha) {
        return value.at(x, alpha);
    }

    /** Whether the function has a constant. */
    public boolean parameterised() {
        return this == POWER || this == LEAKY_RELU || this == ELU;
    }

    Expr derivative(Expr x, Expr y, double alpha) {
        return derivative.of(x, y, alpha);
    }

    /** The name in camel case, as the method of {@link Expr}. */
    @Override
    public String toString() {
        String[] words = name().toLowerCase(Locale.ROOT).split("_", -1);
        return words.length == 1
                ? words[0]
                : words[0] + Character.toUpperCase(words[1].charAt(0)) + words[1].substring(1);
    }

    private interface Value {
        double at(double x, double alpha);
    }

    private interface Derivative {
        Expr of(Expr x, Expr y, double alpha);
    }
}
