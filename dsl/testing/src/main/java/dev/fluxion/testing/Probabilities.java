package dev.fluxion.testing;

import dev.fluxion.Tensor;
import dev.fluxion.ir.Shape;
import java.util.Random;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/** Numbers that sum to 1 along axis 1, or along the only axis. */
record Probabilities() implements Elements {
    @Override
    public Tensor draw(Shape shape, Random random) {
        float[] data = new float[shape.size()];
        for (int i = 0; i < data.length; i++) {
            data[i] = 0.01f + random.nextFloat();
        }
        return normalised(Tensor.of(data, shape));
    }

    /** Simpler: the first class certain, or all classes equal, in all lines or in one. */
    @Override
    public Stream<Tensor> simpler(Tensor tensor) {
        int lines = tensor.size() / length(tensor.shape());
        return Stream.concat(
                Stream.of(certain(tensor, 0, lines), alike(tensor, 0, lines)),
                IntStream.range(0, lines)
                        .boxed()
                        .flatMap(i -> Stream.of(certain(tensor, i, i + 1), alike(tensor, i, i + 1))));
    }

    /** 0 for a line whose first class is certain, little if all classes are equal, else much. */
    @Override
    public long complexity(Tensor tensor) {
        long sum = 0;
        int lines = tensor.size() / length(tensor.shape());
        for (int line = 0; line < lines; line++) {
            if (!same(tensor, certain(tensor, line, line + 1))) {
                sum += same(tensor, alike(tensor, line, line + 1)) ? 1 : 100;
            }
        }
        return sum;
    }

    private static boolean same(Tensor a, Tensor b) {
        return a.equals(b);
    }

    @Override
    public Tensor cut(Tensor tensor, int axis, int from, int to) {
        return normalised(Cut.slice(tensor, axis, from, to));
    }

    @Override
    public boolean byClass() {
        return true;
    }

    private static int axis(Shape shape) {
        return Math.min(1, shape.rank() - 1);
    }

    private static int length(Shape shape) {
        return shape.rank() == 0 ? 1 : shape.dim(axis(shape));
    }

    private static Tensor certain(Tensor tensor, int from, int to) {
        return lines(tensor, from, to, (k, length) -> k == 0 ? 1 : 0);
    }

    private static Tensor alike(Tensor tensor, int from, int to) {
        return lines(tensor, from, to, (k, length) -> 1f / length);
    }

    /** The probability of each of a number of equal classes. */
    private interface Rule {
        float of(int k, int length);
    }

    private static Tensor lines(Tensor tensor, int from, int to, Rule rule) {
        float[] data = tensor.floats().clone();
        int length = length(tensor.shape());
        for (int line = from; line < to; line++) {
            for (int k = 0; k < length; k++) {
                data[offset(tensor.shape(), line, k)] = rule.of(k, length);
            }
        }
        return Tensor.of(data, tensor.shape());
    }

    private static Tensor normalised(Tensor tensor) {
        float[] data = tensor.floats();
        int length = length(tensor.shape());
        for (int line = 0; line < tensor.size() / length; line++) {
            double sum = 0;
            for (int k = 0; k < length; k++) {
                sum += data[offset(tensor.shape(), line, k)];
            }
            for (int k = 0; k < length; k++) {
                int i = offset(tensor.shape(), line, k);
                data[i] = sum == 0 ? 1f / length : (float) (data[i] / sum);
            }
        }
        return tensor;
    }

    private static int offset(Shape shape, int line, int k) {
        int step = shape.rank() == 0 ? 1 : shape.strides()[axis(shape)];
        return line / step * step * length(shape) + line % step + k * step;
    }
}
