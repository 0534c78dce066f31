package dev.fluxion.testing;

import dev.fluxion.Tensor;
import java.util.Arrays;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/** Which numbers are simpler: 0, then 1, then −1, then other integers, small ones first, then few binary places. */
final class Simpler {
    private static final int FRACTION = 1000;

    private Simpler() {}

    /** Tensors with all numbers or one number made simpler. */
    static Stream<Tensor> numbers(Tensor tensor) {
        Stream<Tensor> all = Stream.of(0f, 1f).map(x -> filled(tensor, x));
        Stream<Tensor> one = IntStream.range(0, tensor.size()).boxed().flatMap(i -> simpler(tensor.floats()[i])
                .map(x -> with(tensor, i, x)));
        return Stream.concat(all, one);
    }

    /** Numbers simpler than one, the simplest first. */
    private static Stream<Float> simpler(float x) {
        float whole = (float) Math.rint(x);
        float toward = (float) (int) x;
        return Stream.of(
                        0f,
                        1f,
                        -1f,
                        (float) (int) (x / 2),
                        toward,
                        whole,
                        toward - Math.signum(x),
                        (float) Math.rint(2 * x) / 2,
                        (float) Math.rint(4 * x) / 4,
                        (float) Math.rint(16 * x) / 16,
                        (float) Math.rint(256 * x) / 256,
                        -x)
                .distinct()
                .filter(y -> complexity(y) < complexity(x));
    }

    static long complexity(Tensor tensor) {
        long sum = 0;
        for (float x : tensor.floats()) {
            sum += complexity(x);
        }
        return sum;
    }

    private static long complexity(float x) {
        if (x == 0) {
            return 0;
        }
        long sign = x < 0 ? 1 : 0;
        if (x == Math.rint(x)) {
            return 2 * (long) Math.min(Math.abs(x), FRACTION / 4f) - 1 + sign;
        }
        int places = 1;
        for (float y = 2 * x; y != Math.rint(y); y *= 2) {
            places++;
        }
        return FRACTION * (long) places + 2 * (long) Math.min(Math.abs(x), FRACTION / 4f) + sign;
    }

    private static Tensor filled(Tensor tensor, float x) {
        float[] data = new float[tensor.size()];
        Arrays.fill(data, x);
        return Tensor.of(data, tensor.shape());
    }

    private static Tensor with(Tensor tensor, int i, float x) {
        float[] data = tensor.floats().clone();
        data[i] = x;
        return Tensor.of(data, tensor.shape());
    }
}
