package dev.fluxion.engine.rule;

import dev.fluxion.engine.emit.Lowering;
import dev.fluxion.engine.emit.Shortcut;
import dev.fluxion.engine.kernel.Calls;
import dev.fluxion.engine.kernel.Guarded;
import dev.fluxion.engine.plan.Buffer;
import dev.fluxion.engine.plan.Step;
import dev.fluxion.engine.plan.TensorLayout;
import dev.fluxion.ffi.Blas;
import dev.fluxion.ffi.PostOps;
import dev.fluxion.ir.BinaryFn;
import dev.fluxion.ir.Contraction;
import dev.fluxion.ir.DType;
import dev.fluxion.ir.Elementwise;
import dev.fluxion.ir.Expr;
import dev.fluxion.ir.Leaf;
import dev.fluxion.ir.Movement;
import dev.fluxion.ir.Pooling;
import dev.fluxion.ir.Reduction;
import dev.fluxion.ir.Shape;
import java.nio.FloatBuffer;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.function.BooleanSupplier;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * How large numbers can be, without a look at them: the sums of squares of the inputs and parameters that they are made of bound
 * what products, sums and activations make of them (Cauchy and Schwarz). Where the bound is a number far from overflow, all
 * numbers on the way are finite. It costs a look at the weights when they change; inputs are looked at when they are written.
 */
final class Magnitudes {
    /** Far enough from overflow for rounding, and for numbers that kernels add up on the way. */
    private static final double LARGEST = 0x1p100;
    /** Bounds of more values than this say nothing any more, and take their time. */
    private static final int MOST = 1024;

    private final Lowering lowering;
    private final boolean shortcuts;
    /** Of parameters, by their versions: stages may change them. */
    private final Map<Expr, Map<Integer, Buffer>> squares = new HashMap<>();

    /** A bound that may be read from memory. */
    private interface Source {
        Rule bind(Step.Places places);
    }

    /** The bound of a value, of those of values before it. */
    private interface Rule extends Source {
        double of(double[] bounds);

        @Override
        default Rule bind(Step.Places places) {
            return this;
        }
    }

    /** The norm of what has this sum of squares, which may have lost some that are too small. */
    private record Norm(FloatBuffer square, double lost) implements Rule {
        @Override
        public double of(double[] bounds) {
            return Math.sqrt(square.get(0) + lost);
        }
    }

    private record Product(double factor, int left, int right) implements Rule {
        @Override
        public double of(double[] bounds) {
            return factor * bounds[left] * bounds[right];
        }
    }

    /** The sum of some bounds and {@code least}, times {@code slope}, but no more than {@code most}. */
    @SuppressWarnings("ArrayRecordComponent")
    private record Sum(double least, double slope, double most, int... terms) implements Rule {
        @Override
        public double of(double[] bounds) {
            double sum = least;
            for (int i : terms) {
                sum += bounds[i];
            }
            return Math.min(most, slope * sum);
        }
    }

    /** What tells before a run that a value is finite. */
    record Certificate(List<Buffer> facts, Guarded.Knowledge knowledge) {}

    /**
     * What is known of the values of a lowering.
     *
     * @param shortcuts whether anything is computed faster for it
     */
    Magnitudes(Lowering lowering, boolean shortcuts) {
        this.lowering = lowering;
        this.shortcuts = shortcuts;
    }

    /** What tells that {@code e} is finite; empty if it is made by operators of which too little is known. */
    Optional<Certificate> of(Expr e) {
        Bounds bounds = new Bounds();
        if (bounds.index(e) == null) {
            return Optional.empty();
        }
        bounds.measure();
        return Optional.of(new Certificate(List.copyOf(bounds.facts.values()), bounds::bind));
    }

    /**
     * How a prediction computes what ends with relu, or between bounds, where it is known to be finite; empty if it never is. The
     * library's functions make numbers of NaN. A relu that keeps it is measured to make small convolutions a tenth slower, and
     * bounds that keep it are a pass over memory of their own.
     */
    Optional<Shortcut> shortcut(Candidate c) {
        boolean relu = NativeFunctions.isReluExact()
                && c.activation().filter(NativeFunctions::isRelu).isPresent();
        if (!shortcuts || lowering.facts().updates() || !relu && c.clip().isEmpty()) {
            return Optional.empty();
        }
        UnaryOperator<PostOps> own = postOps -> {
            PostOps activated = relu ? NativeFunctions.ofFinite(postOps) : postOps;
            return c.clip()
                    .map(bounds -> NativeFunctions.ofFinite(activated, bounds))
                    .orElse(activated);
        };
        return of(c.root()).map(known -> new Shortcut(own, known.facts, known.knowledge));
    }

    private Buffer squares(Expr e) {
        return e.op() instanceof Leaf.Input input ? lowering.squares(input.name()) : ofParameter(e);
    }

    private Buffer ofParameter(Expr e) {
        Map<Integer, Buffer> versions = squares.computeIfAbsent(e, parameter -> new HashMap<>());
        return versions.computeIfAbsent(lowering.version(e), version -> {
            Buffer values = lowering.value(e);
            int count = count(values);
            Buffer sum = lowering.isStable(e)
                    ? Buffer.persistent("sum of squares", TensorLayout.plain(Shape.scalar(), TensorLayout.type(e)))
                    : Buffer.scratch("sum of squares", Float.BYTES);
            lowering.add(
                    e,
                    Step.of(
                                    "sum of squares",
                                    "",
                                    List.of(values),
                                    List.of(sum),
                                    "openblas",
                                    places -> Calls.one(
                                            Blas.dot(count, places.of(values), places.of(values), places.of(sum))))
                            .flops(2.0 * count));
            return sum;
        });
    }

    private static int count(Buffer values) {
        return (int) (values.bytes() / Float.BYTES);
    }

    /** The bounds of a value and of all that it is made of, in the order in which they follow from each other. */
    private final class Bounds {
        private final Map<Expr, Integer> places = new HashMap<>();
        private final List<Source> sources = new ArrayList<>();
        private final List<Expr> measured = new ArrayList<>();
        /** Where their sums of squares are. */
        private final Map<Expr, Buffer> facts = new LinkedHashMap<>();

        /** Measures what the bound is made of, once all of it is found. */
        void measure() {
            measured.forEach(e -> facts.put(e, squares(e)));
        }

        BooleanSupplier bind(Step.Places memory) {
            Rule[] rules = new Rule[sources.size()];
            for (int i = 0; i < rules.length; i++) {
                rules[i] = sources.get(i).bind(memory);
            }
            double[] bounds = new double[rules.length];
            return () -> {
                for (int i = 0; i < rules.length; i++) {
                    bounds[i] = rules[i].of(bounds);
                    if (!(bounds[i] < LARGEST)) {
                        return false;
                    }
                }
                return true;
            };
        }

        /** Where the bound of a value is; null if there is none. */
        @Nullable
        Integer index(Expr e) {
            Integer known = places.get(e);
            if (known != null || sources.size() == MOST) {
                return known;
            }
            Source source = isMeasured(e) ? measured(e) : derived(e);
            if (source == null) {
                return null;
            }
            if (sources.size() == MOST) {
                return null;
            }
            sources.add(source);
            places.put(e, sources.size() - 1);
            return sources.size() - 1;
        }

        private Source measured(Expr e) {
            measured.add(e);
            return memory -> new Norm(
                    memory.of(Objects.requireNonNull(facts.get(e))).floats(),
                    (double) e.shape().size() * Float.MIN_NORMAL);
        }

        private @Nullable Source derived(Expr e) {
            if (e.op() instanceof Leaf.Constant constant) {
                return new Sum(Math.abs(constant.value()), 1, Double.POSITIVE_INFINITY);
            }
            if (!isPassed(e)) {
                return null;
            }
            int[] in = new int[e.inputs().size()];
            for (int i = 0; i < in.length; i++) {
                Integer index = index(e.input(i));
                if (index == null) {
                    return null;
                }
                in[i] = index;
            }
            if (e.op() instanceof Contraction) {
                return new Product(terms(e), in[0], in[1]);
            }
            if (e.op() instanceof Elementwise.Binary binary && binary.fn() == BinaryFn.MUL) {
                return new Product(1, in[0], in[1]);
            }
            if (e.op() instanceof Elementwise.Clip clip) {
                double near = Math.min(Math.abs(clip.least()), Math.abs(clip.most()));
                double far = Math.max(Math.abs(clip.least()), Math.abs(clip.most()));
                return new Sum(near, 1, far, in);
            }
            if (e.op() instanceof Reduction.Sum) {
                double count = (double) e.input(0).shape().size() / e.shape().size();
                return new Sum(0, count, Double.POSITIVE_INFINITY, in);
            }
            double slope = e.op() instanceof Elementwise.Unary unary ? Math.max(1, Math.abs(unary.alpha())) : 1;
            double least = e.op() instanceof Movement.Pad pad ? Math.max(1, Math.abs(pad.value())) : 1;
            return new Sum(least, slope, Double.POSITIVE_INFINITY, in);
        }
    }

    /** What of the factors' bounds bounds a sum of products: the root of their number where one is a norm. */
    private double terms(Expr e) {
        Shape w = e.input(1).shape();
        int count = e.op() instanceof Contraction.MatMul ? w.dim(-2) : w.size() / w.dim(0);
        return isNorm(e.input(1)) ? Math.sqrt(count) : count;
    }

    /** Whether the bound is that of the norm of all elements. */
    private boolean isNorm(Expr e) {
        boolean moved = e.op() instanceof Movement.Transpose
                || e.op() instanceof Movement.Reshape
                || e.op() instanceof Movement.Slice;
        return isMeasured(e) || moved && isNorm(e.input(0));
    }

    /** Inputs and parameters are measured, and what is made of parameters when they change. */
    private boolean isMeasured(Expr e) {
        boolean leaf = e.op() instanceof Leaf.Input || e.op() instanceof Leaf.Parameter;
        return e.dtype() == DType.FLOAT && (leaf || lowering.isStable(e) && lowering.isMade(e));
    }

    /** Whether results are no larger than products or sums of the operands. */
    private static boolean isPassed(Expr e) {
        if (e.op() instanceof Elementwise.Unary unary) {
            return switch (unary.fn()) {
                case NEG, ABS, RELU, LEAKY_RELU, ELU, TANH, SIGMOID, GELU, GELU_TANH, SILU, MISH, HARD_SWISH -> true;
                default -> false;
            };
        }
        if (e.op() instanceof Elementwise.Binary binary) {
            return switch (binary.fn()) {
                case ADD, SUB, MUL, MAX, MIN -> true;
                case DIV, POW, EQ, NE, LT, LE, GT, GE -> false;
            };
        }
        return e.op() instanceof Elementwise.Clip
                || e.op() instanceof Contraction.MatMul
                || e.op() instanceof Contraction.Conv
                || e.op() instanceof Movement
                || e.op() instanceof Reduction.Sum
                || e.op() instanceof Pooling.MaxPool
                || e.op() instanceof Pooling.AvgPool;
    }
}
