package dev.fluxion.testing;

import dev.fluxion.Tensor;
import dev.fluxion.ir.Shape;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;

/**
 * The elements of random tensors, and which of them are simpler than others. The factories cover what losses and
 * layers take; implement the interface for other elements.
 */
public interface Elements {
    /** Numbers in a range, its ends included. Now and then all of them are simple: 0, ±1, an end. */
    static Numbers between(double least, double most) {
        return new Numbers(least, most, List.of(), false);
    }

    /** Integers from 0 up to but without {@code classes}. */
    static Elements labels(int classes) {
        return new Labels(classes);
    }

    /** Minus one or one. */
    static Elements signs() {
        return new Either(-1);
    }

    /** Zero or one. */
    static Elements bits() {
        return new Either(0);
    }

    /** Numbers from 0 to 1 that sum to 1 along axis 1, of a vector along its only axis. */
    static Elements probabilities() {
        return new Probabilities();
    }

    /** A tensor for a shape. */
    Tensor draw(Shape shape, Random random);

    /** Tensors of the same shape that are simpler in some way, the simplest first. */
    Stream<Tensor> simpler(Tensor tensor);

    /** The distance of the elements from the simplest ones. */
    long complexity(Tensor tensor);

    /**
     * The tensor after its shape was cut along an axis.
     *
     * @param axis an axis of that shape
     * @param from the first place along the axis that is left
     * @param to the place after the last that is left
     */
    default Tensor cut(Tensor tensor, int axis, int from, int to) {
        return Cut.slice(tensor, axis, from, to);
    }

    /** The tensor after its shape lost an axis of extent 1. */
    default Tensor drop(Tensor tensor, int axis) {
        return tensor.reshape(tensor.shape().without(axis).dims());
    }

    /** Whether the shape has samples along axis 0 and classes along axis 1, which cannot be left out. */
    default boolean byClass() {
        return false;
    }

    /**
     * Numbers in a range.
     *
     * @param least the smallest number
     * @param most the largest number
     * @param avoided numbers from which all elements keep a distance of 0.01
     * @param distinct whether elements of a tensor differ by at least a hundredth of the range over their number
     */
    record Numbers(double least, double most, List<Double> avoided, boolean distinct) implements Elements {
        private static final double DISTANCE = 0.01;
        private static final int PATIENCE = 1000;

        /** Checks the range. */
        public Numbers {
            avoided = List.copyOf(avoided);
            if (!(least <= most) || Double.isInfinite(most - least)) {
                throw new IllegalArgumentException(Errors.badRange(least, most));
            }
        }

        /** These numbers without those near kinks, as 0 is one of {@code relu}. */
        public Numbers avoiding(double... kinks) {
            return new Numbers(least, most, Arrays.stream(kinks).boxed().toList(), distinct);
        }

        /** These numbers, all of a tensor different, as a max-pooling has kinks where two are equal. */
        public Numbers different() {
            return new Numbers(least, most, avoided, true);
        }

        @Override
        public Tensor draw(Shape shape, Random random) {
            float[] data = new float[shape.size()];
            boolean simple = random.nextInt(10) == 0 && !distinct;
            for (int tries = 0; tries < PATIENCE; tries++) {
                for (int i = 0; i < data.length; i++) {
                    data[i] = number(random, simple);
                }
                if (fits(data)) {
                    return Tensor.of(data, shape);
                }
            }
            throw new IllegalArgumentException(Errors.tooNarrow(least, most, data.length));
        }

        private float number(Random random, boolean simple) {
            float[] simples = {0, 1, -1, (float) least, (float) most};
            for (int i = 0; i < PATIENCE; i++) {
                float x = simple && i < 20
                        ? simples[random.nextInt(simples.length)]
                        : (float) (least + (most - least) * random.nextDouble());
                if (fits(x)) {
                    return x;
                }
            }
            throw new IllegalArgumentException(Errors.nothingLeft(least, most));
        }

        @Override
        public Stream<Tensor> simpler(Tensor tensor) {
            return Simpler.numbers(tensor).filter(t -> fits(t.floats()));
        }

        @Override
        public long complexity(Tensor tensor) {
            return Simpler.complexity(tensor);
        }

        private boolean fits(float x) {
            return x >= (float) least
                    && x <= (float) most
                    && avoided.stream().allMatch(a -> Math.abs(x - a) >= DISTANCE);
        }

        private boolean fits(float[] data) {
            for (float x : data) {
                if (!fits(x)) {
                    return false;
                }
            }
            if (distinct) {
                float[] sorted = data.clone();
                Arrays.sort(sorted);
                for (int i = 1; i < sorted.length; i++) {
                    if (sorted[i] - sorted[i - 1] < DISTANCE * (most - least) / sorted.length) {
                        return false;
                    }
                }
            }
            return true;
        }
    }
}
