package dev.fluxion.engine.rule;

import dev.fluxion.ffi.Eltwise;
import dev.fluxion.ffi.Layout;
import dev.fluxion.ffi.NativeLibrary;
import dev.fluxion.ffi.PostOps;
import dev.fluxion.ir.Elementwise;
import dev.fluxion.ir.UnaryFn;
import java.util.List;
import java.util.Optional;

/** What the library calls the functions of the language. */
final class NativeFunctions {
    /**
     * max(x, 0) that keeps NaN, which the library's own makes 0: x times what is 1 above 0 and 0 below, and then + 0, which makes −0
     * a 0. At −∞ it is NaN.
     */
    private static PostOps relu(PostOps before) {
        return before.eltwise(Eltwise.Function.HARD_SWISH, slope(), 0).eltwise(Eltwise.Function.LINEAR, 1, 0);
    }

    /**
     * The slope of a step at 0. An infinite one makes a NaN at 0 itself, for which minima and maxima of x86 give their other operand.
     * Elsewhere the largest one comes so near that relu makes some numbers smaller which are themselves smaller than normal ones.
     */
    private static float slope() {
        return isReluExact() ? Float.POSITIVE_INFINITY : Float.MAX_VALUE;
    }

    /** Whether the relu that keeps NaN and that of {@link #ofFinite} are equal for all finite numbers. */
    static boolean isReluExact() {
        return NativeLibrary.lanes() > 4;
    }

    /** The library's own relu in place of the last functions, which keep NaN. */
    static PostOps ofFinite(PostOps keeping) {
        List<PostOps.Step> steps = keeping.steps();
        int kept = relu(PostOps.NONE).steps().size();
        return new PostOps(steps.subList(0, steps.size() - kept)).eltwise(Eltwise.Function.RELU, 0, 0);
    }

    /** The library's own clip behind other functions, which makes a bound of NaN. */
    static PostOps ofFinite(PostOps before, Elementwise.Clip bounds) {
        return before.eltwise(Eltwise.Function.CLIP, (float) bounds.least(), (float) bounds.most());
    }

    /** Whether an activation is max(x, 0). */
    static boolean isRelu(Elementwise.Unary op) {
        return op.fn() == UnaryFn.RELU || op.fn() == UnaryFn.LEAKY_RELU && (float) op.alpha() == 0;
    }

    private NativeFunctions() {}

    /**
     * A native function.
     *
     * @param kind the function
     * @param alpha its first constant
     * @param beta its second constant
     */
    record Native(Eltwise.Function kind, float alpha, float beta) {
        Eltwise on(Layout layout) {
            return Eltwise.of(kind, alpha, beta, layout);
        }

        PostOps after(PostOps before) {
            return before.eltwise(kind, alpha, beta);
        }
    }

    /**
     * The native function that computes an operator, where Java would be slow. The native logarithm and softplus are not
     * among them: they are off by 4·10⁻⁶ near log 1 = 0, and by 10⁻⁷·|x| where softplus vanishes.
     */
    static Optional<Native> of(Elementwise.Unary op) {
        return switch (op.fn()) {
            case EXP -> Optional.of(new Native(Eltwise.Function.EXP, 0, 0));
            case TANH -> Optional.of(new Native(Eltwise.Function.TANH, 0, 0));
            case SIGMOID -> Optional.of(new Native(Eltwise.Function.LOGISTIC, 0, 0));
            case GELU -> Optional.of(new Native(Eltwise.Function.GELU_ERF, 0, 0));
            case GELU_TANH -> Optional.of(new Native(Eltwise.Function.GELU_TANH, 0, 0));
            case SILU -> Optional.of(new Native(Eltwise.Function.SWISH, 1, 0));
            case MISH -> Optional.of(new Native(Eltwise.Function.MISH, 0, 0));
            case HARD_SWISH -> Optional.of(new Native(Eltwise.Function.HARD_SWISH, 1 / 6f, 0.5f));
            case ELU -> Optional.of(new Native(Eltwise.Function.ELU, (float) op.alpha(), 0));
            case RELU,
                    LEAKY_RELU,
                    SOFTPLUS,
                    NEG,
                    ABS,
                    SIGN,
                    FLOOR,
                    ROUND,
                    LOG,
                    LOG1P,
                    SQRT,
                    SQUARE,
                    RECIPROCAL,
                    POWER,
                    SIN,
                    COS,
                    ASIN,
                    ACOS,
                    ATAN,
                    SINH,
                    COSH,
                    ASINH,
                    ACOSH,
                    ATANH,
                    ERF -> Optional.empty();
        };
    }

    /** The post-ops for an activation, if there is one. */
    static PostOps after(Optional<Elementwise.Unary> activation) {
        return after(PostOps.NONE, activation);
    }

    /** The post-ops for an activation, if there is one, behind others. */
    static PostOps after(PostOps others, Optional<Elementwise.Unary> activation) {
        return activation.map(op -> after(others, op)).orElse(others);
    }

    private static PostOps after(PostOps others, Elementwise.Unary op) {
        if (isRelu(op)) {
            return relu(others);
        }
        return op.fn() == UnaryFn.LEAKY_RELU
                ? new Native(Eltwise.Function.RELU, (float) op.alpha(), 0).after(others)
                : of(op).orElseThrow().after(others);
    }
}
