package dev.fluxion.dsl.layer;

import dev.fluxion.Initializer;
import dev.fluxion.dsl.internal.Numbers;
import dev.fluxion.dsl.internal.Text;
import dev.fluxion.ir.Shape;
import java.util.function.ToDoubleFunction;
import java.util.random.RandomGenerator;

/**
 * Initial values of parameters. For weights out×in×…, the fan-in is the number of inputs of an output, in·…, and the
 * fan-out the number of outputs of an input, out·…, as in PyTorch.
 */
public final class Initializers {
    private static final Initializer FAN_IN = drawn("fanIn()", shape -> bound(fanInOf(shape)), Initializers::signed);

    private Initializers() {}

    /** PyTorch's default for weights of linear and convolution layers: uniform in ±1/√fan_in. */
    public static Initializer fanIn() {
        return FAN_IN;
    }

    /** The default for a bias: uniform in ±1/√fan_in of the weight it goes with. */
    static Initializer fanIn(Shape weight) {
        double bound = bound(fanInOf(weight));
        return uniform(-bound, bound);
    }

    /** 0 everywhere. */
    public static Initializer zeros() {
        return drawn("zeros()", shape -> 0, (r, scale) -> 0);
    }

    /** 1 everywhere. */
    public static Initializer ones() {
        return drawn("ones()", shape -> 1, (r, scale) -> 1);
    }

    /** The same number everywhere. */
    public static Initializer constant(double value) {
        Numbers.requireFinite(Text.call("constant", value), "the value", value);
        return drawn(Text.call("constant", value), shape -> value, (r, scale) -> value);
    }

    /** Uniform between two numbers. */
    public static Initializer uniform(double from, double to) {
        String text = Text.call("uniform", from, to);
        Numbers.requireFinite(text, "from", from);
        Numbers.requireFinite(text, "to", to);
        if (!(from <= to && Double.isFinite(to - from))) {
            throw new IllegalArgumentException(Errors.badRange(text));
        }
        return drawn(text, shape -> to - from, (r, width) -> from + width * r.nextDouble());
    }

    /** Normally distributed with a mean and a standard deviation. */
    public static Initializer normal(double mean, double deviation) {
        String text = Text.call("normal", mean, deviation);
        Numbers.requireFinite(text, "the mean", mean);
        Numbers.requireNotNegative(text, "the deviation", deviation);
        return drawn(text, shape -> deviation, (r, d) -> mean + d * r.nextGaussian());
    }

    /** Uniform with variance 2/(fan_in + fan_out): in ±√(6/(fan_in + fan_out)) (Glorot and Bengio, 2010). */
    public static Initializer xavierUniform() {
        return drawn("xavierUniform()", shape -> Math.sqrt(3) * xavier(shape), Initializers::signed);
    }

    /** Normal with variance 2/(fan_in + fan_out) (Glorot and Bengio, 2010). */
    public static Initializer xavierNormal() {
        return drawn("xavierNormal()", Initializers::xavier, (r, d) -> d * r.nextGaussian());
    }

    /** Uniform with variance 2/fan_in, for layers before a relu: in ±√(6/fan_in) (He et al., 2015). */
    public static Initializer kaimingUniform() {
        return drawn("kaimingUniform()", shape -> Math.sqrt(3) * kaiming(shape), Initializers::signed);
    }

    /** Normal with variance 2/fan_in, for layers before a relu (He et al., 2015). */
    public static Initializer kaimingNormal() {
        return drawn("kaimingNormal()", Initializers::kaiming, (r, d) -> d * r.nextGaussian());
    }

    private static double bound(double fan) {
        return fan == 0 ? 0 : 1 / Math.sqrt(fan);
    }

    private static double xavier(Shape shape) {
        return Math.sqrt(2) * bound(fanInOf(shape) + fanOutOf(shape));
    }

    private static double kaiming(Shape shape) {
        return Math.sqrt(2) * bound(fanInOf(shape));
    }

    private static double fanInOf(Shape shape) {
        return requireWeight(shape).without(0).size();
    }

    private static double fanOutOf(Shape shape) {
        return requireWeight(shape).without(1).size();
    }

    private static Shape requireWeight(Shape shape) {
        if (shape.rank() < 2) {
            throw new IllegalArgumentException(Errors.noFan(shape));
        }
        return shape;
    }

    private static double signed(RandomGenerator random, double bound) {
        return bound * (2 * random.nextDouble() - 1);
    }

    private static Initializer drawn(String text, ToDoubleFunction<Shape> scale, Draw draw) {
        return new Drawn(text, scale, draw);
    }

    /** A number drawn at a scale that follows from the parameter's shape. */
    private interface Draw {
        double at(RandomGenerator random, double scale);
    }

    private record Drawn(String text, ToDoubleFunction<Shape> scale, Draw draw) implements Initializer {
        @Override
        public void fill(float[] values, Shape shape, RandomGenerator random) {
            double s = scale.applyAsDouble(shape);
            for (int i = 0; i < values.length; i++) {
                values[i] = (float) draw.at(random, s);
            }
        }

        @Override
        public String toString() {
            return text;
        }
    }
}
