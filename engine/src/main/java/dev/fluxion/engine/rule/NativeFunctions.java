package dev.fluxion.engine.rule;

import dev.fluxion.ffi.Eltwise;
import dev.fluxion.ffi.Layout;
import dev.fluxion.ffi.NativeLibrary;
import dev.fluxion.ffi.PostOps;
import dev.fluxion.ir.Elementwise;
import dev.fluxion.ir.UnaryFn;
import java.util.Collection;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** What the library calls the functions of the language: a line for each that it computes, which all rules go by. */
final class NativeFunctions {
    /**
     * The native logarithm and softplus are not among them: they are off by 4·10⁻⁶ near log 1 = 0, and by 10⁻⁷·|x| where softplus
     * vanishes. The native gradient of hardSwish makes NaN a number.
     */
    private static final Map<UnaryFn, Kernels> KERNELS = Stream.of(
                    Kernels.of(UnaryFn.EXP, Eltwise.Function.EXP, Use.STEP),
                    Kernels.of(UnaryFn.RELU, Eltwise.Function.RELU, Use.POST_OP)
                            .gradient(Eltwise.Function.RELU_FROM_RESULT),
                    Kernels.of(UnaryFn.LEAKY_RELU, Eltwise.Function.RELU, Use.POST_OP)
                            .gradient(Eltwise.Function.RELU),
                    Kernels.of(UnaryFn.ELU, Eltwise.Function.ELU, Use.EARLY, Use.POST_OP)
                            .gradient(Eltwise.Function.ELU_FROM_RESULT),
                    Kernels.of(UnaryFn.SIGMOID, Eltwise.Function.LOGISTIC, Use.EARLY, Use.POST_OP)
                            .gradient(Eltwise.Function.LOGISTIC_FROM_RESULT),
                    Kernels.of(UnaryFn.TANH, Eltwise.Function.TANH, Use.EARLY, Use.POST_OP)
                            .gradient(Eltwise.Function.TANH_FROM_RESULT),
                    Kernels.of(UnaryFn.GELU, Eltwise.Function.GELU_ERF, Use.EARLY, Use.POST_OP)
                            .gradient(Eltwise.Function.GELU_ERF),
                    Kernels.of(UnaryFn.GELU_TANH, Eltwise.Function.GELU_TANH, Use.EARLY, Use.POST_OP)
                            .gradient(Eltwise.Function.GELU_TANH),
                    Kernels.of(UnaryFn.SILU, Eltwise.Function.SWISH, Use.EARLY, Use.POST_OP)
                            .constants(1, 0)
                            .gradient(Eltwise.Function.SWISH),
                    Kernels.of(UnaryFn.MISH, Eltwise.Function.MISH, Use.EARLY, Use.POST_OP)
                            .gradient(Eltwise.Function.MISH),
                    Kernels.of(UnaryFn.HARD_SWISH, Eltwise.Function.HARD_SWISH, Use.STEP, Use.POST_OP)
                            .constants(1 / 6f, 0.5f))
            .collect(
                    Collectors.toMap(Kernels::fn, kernels -> kernels, (a, b) -> a, () -> new EnumMap<>(UnaryFn.class)));

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
     * The kernels of a function of the language.
     *
     * @param fn the function
     * @param kind what computes it
     * @param alpha the first constant, where the function has none of its own
     * @param beta the second constant
     * @param gradient what computes its gradient, if the library has a kernel that is exact enough
     * @param uses what the kernel is for
     */
    record Kernels(
            UnaryFn fn,
            Eltwise.Function kind,
            float alpha,
            float beta,
            Optional<Eltwise.Function> gradient,
            Set<Use> uses) {
        private static Kernels of(UnaryFn fn, Eltwise.Function kind, Use... uses) {
            return new Kernels(fn, kind, 0, 0, Optional.empty(), Set.of(uses));
        }

        private Kernels constants(float first, float second) {
            return new Kernels(fn, kind, first, second, gradient, uses);
        }

        private Kernels gradient(Eltwise.Function function) {
            return new Kernels(fn, kind, alpha, beta, Optional.of(function), uses);
        }

        private Native with(double constant) {
            return new Native(kind, fn.parameterised() ? (float) constant : alpha, beta);
        }
    }

    /** What the kernel of a function is for. */
    private enum Use {
        /** A step of its own, where there are so many elements that Java would be slower. */
        STEP,
        /** The same from fewer elements on: it takes about ten nanoseconds an element in Java. */
        EARLY,
        /** Behind a convolution or a product, on its result. */
        POST_OP
    }

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

    /** The functions of which the library computes something. */
    static Collection<Kernels> all() {
        return KERNELS.values();
    }

    /** The native function that computes an operator in a step of its own, where Java would be slow. */
    static Optional<Native> of(Elementwise.Unary op) {
        return is(op.fn(), Use.STEP) || isEarly(op.fn()) ? Optional.of(named(op)) : Optional.empty();
    }

    /** Whether Java takes so long for a function that the library pays from fewer elements on. */
    static boolean isEarly(UnaryFn fn) {
        return is(fn, Use.EARLY);
    }

    /** Whether kernels apply a function to their results. */
    static boolean isPostOp(UnaryFn fn) {
        return is(fn, Use.POST_OP);
    }

    private static boolean is(UnaryFn fn, Use use) {
        Kernels kernels = KERNELS.get(fn);
        return kernels != null && kernels.uses.contains(use);
    }

    /** The native function of an operator that has one. */
    static Native named(Elementwise.Unary op) {
        return Objects.requireNonNull(KERNELS.get(op.fn())).with(op.alpha());
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
        return isRelu(op) ? relu(others) : named(op).after(others);
    }
}
