package dev.fluxion.testing;

import dev.fluxion.Tensor;
import dev.fluxion.ir.Shape;
import java.util.Arrays;
import java.util.Random;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * Integers from 0 up to but without the number of classes.
 *
 * @param classes how many there are
 */
record Labels(int classes) implements Elements {
    Labels {
        if (classes < 1) {
            throw new IllegalArgumentException(Errors.noClasses(classes));
        }
    }

    @Override
    public Tensor draw(Shape shape, Random random) {
        int[] data = new int[shape.size()];
        Arrays.setAll(data, i -> random.nextInt(classes));
        return Tensor.of(data, shape);
    }

    @Override
    public Stream<Tensor> simpler(Tensor tensor) {
        return simplerLabels(tensor);
    }

    @Override
    public long complexity(Tensor tensor) {
        return sum(tensor);
    }

    static Stream<Tensor> simplerLabels(Tensor tensor) {
        int[] data = tensor.ints();
        Tensor zeros = Tensor.of(new int[data.length], tensor.shape());
        return Stream.concat(
                Stream.of(zeros),
                IntStream.range(0, data.length).filter(i -> data[i] > 0).boxed().flatMap(i -> IntStream.of(
                                0, data[i] / 2, data[i] - 1)
                        .distinct()
                        .mapToObj(label -> with(tensor, i, label))));
    }

    static long sum(Tensor tensor) {
        return Arrays.stream(tensor.ints()).asLongStream().sum();
    }

    private static Tensor with(Tensor tensor, int i, int label) {
        int[] data = tensor.ints().clone();
        data[i] = label;
        return Tensor.of(data, tensor.shape());
    }
}
