package dev.fluxion.ir;

import java.util.Locale;

/**
 * Functions of one number: the value, and the derivative as an expression of the operand and the result. They are chosen
 * so that their derivatives are stable where a composition would not be (log(1 − sigmoid(x)) is −∞ in float32 from
 * x ≈ 17, −softplus(x) is not).
 */
public enum UnaryFn {
    /** −x. */
    NEG(Exactness.EXACT),
    /** |x|; the subgradient at 0 is 0. */
    ABS(Exactness.EXACT),
    /** −1, 0 or 1 by the sign of x; its derivative is 0. */
    SIGN(Exactness.EXACT),
    /** The largest integer that is not above x; its derivative is 0. */
    FLOOR(Exactness.EXACT),
    /** The nearest integer, of two that are as near the even one; its derivative is 0. */
    ROUND(Exactness.EXACT),
    /** eˣ. */
    EXP(Exactness.APPROXIMATE),
    /** Natural logarithm. */
    LOG(Exactness.FUNCTION),
    /** log(1 + x), exact near 0. */
    LOG1P(Exactness.FUNCTION),
    /** Square root. */
    SQRT(Exactness.ARITHMETIC),
    /** x². */
    SQUARE(Exactness.ARITHMETIC),
    /** 1/x. */
    RECIPROCAL(Exactness.ARITHMETIC),
    /** x to a constant power. */
    POWER(Exactness.FUNCTION),
    /** Sine. */
    SIN(Exactness.FUNCTION),
    /** Cosine. */
    COS(Exactness.FUNCTION),
    /** Inverse sine; NaN beyond ±1. */
    ASIN(Exactness.FUNCTION),
    /** Inverse cosine; NaN beyond ±1. */
    ACOS(Exactness.FUNCTION),
    /** Inverse tangent. */
    ATAN(Exactness.FUNCTION),
    /** Hyperbolic sine. */
    SINH(Exactness.FUNCTION),
    /** Hyperbolic cosine. */
    COSH(Exactness.FUNCTION),
    /** Inverse hyperbolic sine. */
    ASINH(Exactness.FUNCTION),
    /** Inverse hyperbolic cosine; NaN below 1. */
    ACOSH(Exactness.FUNCTION),
    /** Inverse hyperbolic tangent; NaN beyond ±1. */
    ATANH(Exactness.FUNCTION),
    /** max(x, 0); the subgradient at 0 is 0. */
    RELU(Exactness.EXACT),
    /** x where positive, αx elsewhere; the subgradient at 0 is α. */
    LEAKY_RELU(Exactness.ARITHMETIC),
    /** x where positive, α(eˣ − 1) elsewhere (Clevert et al., 2016). */
    ELU(Exactness.BESIDE_ONE),
    /** 1/(1 + e⁻ˣ). */
    SIGMOID(Exactness.APPROXIMATE),
    /** Hyperbolic tangent. */
    TANH(Exactness.APPROXIMATE),
    /** log(1 + eˣ), without overflow. */
    SOFTPLUS(Exactness.FUNCTION),
    /** The error function. */
    ERF(Exactness.FUNCTION),
    /** x·Φ(x), Φ the normal distribution function (Hendrycks and Gimpel, 2016), exact, not the tanh form; NaN at −∞. */
    GELU(Exactness.BESIDE_OPERAND),
    /** {@link #GELU} in the tanh form: x·½(1 + tanh(√(2/π)(x + 0.044715 x³))); NaN at −∞. */
    GELU_TANH(Exactness.BESIDE_OPERAND),
    /** x·sigmoid(x), also called swish; NaN at −∞. */
    SILU(Exactness.BESIDE_OPERAND),
    /** x·tanh(log(1 + eˣ)) (Misra, 2019); NaN at −∞. */
    MISH(Exactness.BESIDE_OPERAND),
    /** x·(x + 3)/6, the second factor within [0, 1] (Howard et al., 2019); NaN at −∞. */
    HARD_SWISH(Exactness.BESIDE_OPERAND);

    /** ½(1 + tanh(z/2)) is sigmoid(z), which keeps the tail; z is x·SLOPE·(1 + CUBE·x²). */
    private static final double GELU_SLOPE = Math.sqrt(8 / Math.PI);

    private static final double GELU_CUBE = 0.044715;
    /** Where tanh(log(1 + eˣ)) is 1 in double precision. */
    private static final double MISH_LINEAR = 20;

    private final Exactness exactness;

    UnaryFn(Exactness exactness) {
        this.exactness = exactness;
    }

    /** How far a kernel in float32 may be off. */
    public enum Exactness {
        /** Not at all. */
        EXACT,
        /** By one arithmetic operation, and one that may be fused with it. */
        ARITHMETIC,
        /** By few roundings of the result. */
        FUNCTION,
        /** By roundings of the result in an approximation. */
        APPROXIMATE,
        /** The same of a number as large as the result and 1. */
        BESIDE_ONE,
        /** The same of a number as large as the result and the operand. */
        BESIDE_OPERAND
    }

    /** How far a kernel may be off. */
    public Exactness exactness() {
        return exactness;
    }

    /** The value at x; {@code alpha} is the function's constant where it has one. */
    public double apply(double x, double alpha) {
        return switch (this) {
            case NEG -> -x;
            case ABS -> Math.abs(x);
            case SIGN -> Math.signum(x);
            case FLOOR -> Math.floor(x);
            case ROUND -> Math.rint(x);
            case EXP -> Math.exp(x);
            case LOG -> Math.log(x);
            case LOG1P -> Math.log1p(x);
            case SQRT -> Math.sqrt(x);
            case SQUARE -> x * x;
            case RECIPROCAL -> 1 / x;
            case POWER -> Math.pow(x, alpha);
            case SIN -> Math.sin(x);
            case COS -> Math.cos(x);
            case ASIN -> Math.asin(x);
            case ACOS -> Math.acos(x);
            case ATAN -> Math.atan(x);
            case SINH -> Math.sinh(x);
            case COSH -> Math.cosh(x);
            case ASINH -> Special.asinh(x);
            case ACOSH -> Special.acosh(x);
            case ATANH -> Special.atanh(x);
            case RELU -> x > 0 || Double.isNaN(x) ? x : 0;
            case LEAKY_RELU -> x > 0 ? x : alpha * x;
            case ELU -> x > 0 ? x : alpha * Math.expm1(x);
            case SIGMOID -> Special.sigmoid(x);
            case TANH -> Math.tanh(x);
            case SOFTPLUS -> Special.softplus(x);
            case ERF -> Special.erf(x);
            case GELU -> x * Special.normalCdf(x);
            case GELU_TANH -> x * Special.sigmoid(GELU_SLOPE * x * (1 + GELU_CUBE * x * x));
            case SILU -> x * Special.sigmoid(x);
            case MISH -> {
                double n = Math.exp(Math.min(x, MISH_LINEAR));
                yield x * (n * (n + 2) / (n * (n + 2) + 2));
            }
            case HARD_SWISH -> x * Math.min(Math.max(x + 3, 0), 6) / 6;
        };
    }

    Expr derivative(Expr x, Expr y, double alpha) {
        return switch (this) {
            case NEG -> Expr.constant(-1);
            case ABS -> x.sign();
            case SIGN, FLOOR, ROUND -> Expr.constant(0);
            case EXP -> y;
            case LOG -> x.reciprocal();
            case LOG1P -> x.add(1).reciprocal();
            case SQRT -> y.reciprocal().mul(0.5);
            case SQUARE -> x.mul(2);
            case RECIPROCAL -> y.square().neg();
            case POWER -> alpha == 0 ? Expr.constant(0) : x.pow(alpha - 1).mul(alpha);
            case SIN -> x.cos();
            case COS -> x.sin().neg();
            case ASIN -> inside(x).sqrt().reciprocal();
            case ACOS -> inside(x).sqrt().reciprocal().neg();
            case ATAN -> x.square().add(1).reciprocal();
            case SINH -> x.cosh();
            case COSH -> x.sinh();
            case ASINH -> x.square().add(1).sqrt().reciprocal();
            case ACOSH -> x.sub(1).mul(x.add(1)).sqrt().reciprocal();
            case ATANH -> inside(x).reciprocal();
            case RELU -> y.gt(0);
            case LEAKY_RELU -> x.gt(0).where(Expr.constant(1), Expr.constant(alpha));
            case ELU -> x.gt(0).where(Expr.constant(1), y.add(alpha));
            case SIGMOID -> y.mul(y.neg().add(1));
            case TANH -> y.square().neg().add(1);
            case SOFTPLUS -> x.sigmoid();
            case ERF -> x.square().neg().exp().mul(2 / Math.sqrt(Math.PI));
            case GELU -> {
                Expr cdf = x.mul(Math.sqrt(0.5)).erf().add(1).mul(0.5);
                Expr density = x.square().mul(-0.5).exp().mul(1 / Math.sqrt(2 * Math.PI));
                yield cdf.add(x.mul(density));
            }
            case GELU_TANH -> {
                Expr square = x.square().mul(GELU_CUBE);
                Expr s = x.mul(square.add(1)).mul(GELU_SLOPE).sigmoid();
                yield s.add(y.mul(s.neg().add(1)).mul(square.mul(3).add(1)).mul(GELU_SLOPE));
            }
            case SILU -> {
                Expr s = x.sigmoid();
                yield s.add(y.mul(s.neg().add(1)));
            }
            case MISH -> {
                Expr n = x.clamp(Double.NEGATIVE_INFINITY, MISH_LINEAR).exp();
                Expr u = n.mul(n.add(2));
                Expr steep = n.mul(n.add(1)).mul(4).div(u.add(2).square());
                yield u.div(u.add(2)).add(x.mul(steep));
            }
            case HARD_SWISH -> {
                Expr factor = x.add(3).clamp(0, 6).div(6);
                yield factor.add(x.mul(x.gt(-3).mul(x.lt(3))).div(6));
            }
        };
    }

    /** 1 − x², exact near ±1. */
    private static Expr inside(Expr x) {
        return x.add(1).mul(x.neg().add(1));
    }

    /** Whether the derivative is 0 wherever there is one. */
    boolean isStepwise() {
        return this == SIGN || this == FLOOR || this == ROUND;
    }

    /** Whether the function has a constant. */
    public boolean parameterised() {
        return this == POWER || this == LEAKY_RELU || this == ELU;
    }

    /** The name in camel case, as the method of {@link Expr}. */
    @Override
    public String toString() {
        String[] words = name().toLowerCase(Locale.ROOT).split("_", -1);
        return words.length == 1
                ? words[0]
                : words[0] + Character.toUpperCase(words[1].charAt(0)) + words[1].substring(1);
    }
}
