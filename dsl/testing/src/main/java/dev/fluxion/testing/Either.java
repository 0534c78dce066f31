package dev.fluxion.testing;

import dev.fluxion.Tensor;
import dev.fluxion.ir.Shape;
import java.util.Random;
import java.util.stream.Stream;

/**
 * One of two numbers.
 *
 * @param other the one that is not 1
 */
record Either(int other) implements Elements {
    @Override
    public Tensor draw(Shape shape, Random random) {
        float[] data = new float[shape.size()];
        for (int i = 0; i < data.length; i++) {
            data[i] = random.nextBoolean() ? 1 : other;
        }
        return Tensor.of(data, shape);
    }

    @Override
    public Stream<Tensor> simpler(Tensor tensor) {
        return Simpler.numbers(tensor).filter(t -> {
            for (float x : t.floats()) {
                if (x != 1 && x != other) {
                    return false;
                }
            }
            return true;
        });
    }

    @Override
    public long complexity(Tensor tensor) {
        return Simpler.complexity(tensor);
    }
}
