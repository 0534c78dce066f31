package dev.fluxion.dsl.loss;

import dev.fluxion.ir.Shape;
import dev.fluxion.ir.Value;
import java.util.Arrays;
import java.util.Random;
import java.util.function.DoubleSupplier;
import java.util.stream.Collectors;

/** Random inputs of losses. */
final class Draw {
    private final Random random;

    Draw(long seed) {
        random = new Random(seed);
    }

    int between(int least, int most) {
        return least + random.nextInt(most - least + 1);
    }

    double number(double from, double to) {
        return from + (to - from) * random.nextDouble();
    }

    /** A shape of one to three axes. */
    Shape shape() {
        return Shape.of(random.ints(between(1, 3), 1, 5).toArray());
    }

    Value fill(Shape shape, DoubleSupplier number) {
        double[] data = new double[shape.size()];
        Arrays.setAll(data, i -> number.getAsDouble());
        return new Value(shape, data);
    }

    Value normal(Shape shape) {
        return fill(shape, () -> 1.5 * random.nextGaussian());
    }

    /** Normal numbers, in one case of five a thousand times as large. */
    Value logits(Shape shape) {
        double scale = between(0, 4) == 0 ? 1000 : 1;
        return fill(shape, () -> 1.5 * scale * random.nextGaussian());
    }

    Value uniform(Shape shape, double from, double to) {
        return fill(shape, () -> number(from, to));
    }

    Value signs(Shape shape) {
        return fill(shape, () -> random.nextBoolean() ? 1 : -1);
    }

    Value bits(Shape shape) {
        return fill(shape, () -> random.nextBoolean() ? 1 : 0);
    }

    Value ints(Shape shape, int from, int to) {
        return fill(shape, () -> between(from, to - 1));
    }

    /** Numbers in [0, 1], some of them 0 and 1. */
    Value fractions(Shape shape) {
        return fill(shape, () -> {
            int kind = between(0, 7);
            return kind < 2 ? kind : number(0.02, 0.98);
        });
    }

    /** Probabilities that sum to 1 along an axis. */
    Value distributions(Shape shape, int axis) {
        Value v = uniform(shape, 0.1, 1);
        int step = shape.strides()[axis];
        int count = shape.dim(axis);
        for (int start = 0; start < v.data().length; start++) {
            if (start / step % count == 0) {
                double sum = 0;
                for (int k = 0; k < count; k++) {
                    sum += v.data()[start + k * step];
                }
                for (int k = 0; k < count; k++) {
                    v.data()[start + k * step] /= sum;
                }
            }
        }
        return v;
    }

    Value logs(Value p) {
        return new Value(p.shape(), Arrays.stream(p.data()).map(Math::log).toArray());
    }

    /** Weights, some of them 0 but the first two. */
    double[] weights(int count) {
        double[] weights = random.doubles(count, 0.1, 3).toArray();
        for (int i = 2; i < count; i++) {
            weights[i] = weights[i] < 0.8 ? 0 : weights[i];
        }
        return weights;
    }

    /** A vector as PyTorch reads it. */
    static String torch(double... numbers) {
        return "T([" + Arrays.stream(numbers).mapToObj(Double::toString).collect(Collectors.joining(", ")) + "])";
    }
}
