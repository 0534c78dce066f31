package dev.fluxion.ffi;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.function.DoubleBinaryOperator;
import java.util.function.DoubleUnaryOperator;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Every acceptable implementation of each operation agrees with a plain loop in double precision. */
class OperationsTest {
    @BeforeAll
    static void oneThread() {
        Threads.current(1);
    }

    private static final Random RANDOM = new Random(7);

    record Row(String name, Operation operation, Map<Arg, double[]> data, Map<Arg, double[]> expected, boolean kernel) {
        @Override
        public String toString() {
            return name;
        }
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("rows")
    void agreesWithLoop(Row row) {
        int implementations = Tensors.check(row.operation, row.data, row.expected, 5e-5);
        if (row.kernel) {
            assertThat(implementations).isPositive();
        }
    }

    static Stream<Row> rows() {
        return Stream.of(
                        eltwise(),
                        binary(),
                        products(),
                        pooling(),
                        softmax(),
                        layerNormalization(),
                        lstm(),
                        postOps(),
                        movement())
                .flatMap(List::stream);
    }

    private static double[] data(long... dims) {
        return Tensors.random(RANDOM, dims);
    }

    private static double[] map(double[] x, DoubleUnaryOperator f) {
        return Arrays.stream(x).map(f).toArray();
    }

    private static double[] zip(double[] x, double[] y, DoubleBinaryOperator f) {
        return IntStream.range(0, x.length)
                .mapToDouble(i -> f.applyAsDouble(x[i], y[i]))
                .toArray();
    }

    private static void function(List<Row> rows, Eltwise.Function f, float a, float b, DoubleUnaryOperator meaning) {
        double[] x = map(data(5, 7, 3), v -> (float) (3 * v));
        double[] y = map(x, meaning);
        double[] dy = data(5, 7, 3);
        Eltwise forward = Eltwise.of(f, a, b, Layout.plain(5, 7, 3));
        rows.add(new Row(f + " forward", forward, Map.of(Arg.SOURCE, x), Map.of(Arg.DESTINATION, y), true));
        double h = 1e-5;
        double[] slope = map(x, v -> (meaning.applyAsDouble(v + h) - meaning.applyAsDouble(v - h)) / (2 * h));
        double[] result = map(y, v -> (float) v);
        rows.add(new Row(
                f + " backward",
                forward.pass(Pass.BACKWARD),
                Map.of(Arg.SOURCE, x, Arg.DESTINATION, result, Arg.DESTINATION_GRADIENT, dy),
                Map.of(Arg.SOURCE_GRADIENT, zip(slope, dy, (s, g) -> s * g)),
                true));
    }

    private static List<Row> eltwise() {
        List<Row> rows = new ArrayList<>();
        DoubleUnaryOperator erf = OperationsTest::erf;
        for (Eltwise.Function f : Eltwise.Function.values()) {
            switch (f) {
                case RELU, RELU_FROM_RESULT -> function(rows, f, 0.1f, 0, x -> x > 0 ? x : 0.1f * x);
                case TANH, TANH_FROM_RESULT -> function(rows, f, 0, 0, Math::tanh);
                case ELU, ELU_FROM_RESULT -> function(rows, f, 0.5f, 0, x -> x > 0 ? x : 0.5 * Math.expm1(x));
                case LINEAR -> function(rows, f, 2, -0.5f, x -> 2 * x - 0.5);
                case LOGISTIC, LOGISTIC_FROM_RESULT -> function(rows, f, 0, 0, x -> 1 / (1 + Math.exp(-x)));
                case CLIP_FROM_RESULT -> function(rows, f, -1.5f, 2, x -> Math.max(-1.5, Math.min(2, x)));
                case EXP -> function(rows, f, 0, 0, Math::exp);
                case GELU_ERF -> function(rows, f, 0, 0, x -> x / 2 * (1 + erf.applyAsDouble(x / Math.sqrt(2))));
                case SWISH -> function(rows, f, 1.5f, 0, x -> x / (1 + Math.exp(-1.5 * x)));
                case HARD_SWISH -> function(rows, f, 1f / 6, 0.5f, x -> x * Math.max(0, Math.min(1, x / 6 + 0.5)));
            }
        }
        return rows;
    }

    /** By its Taylor series, which is exact enough up to 3. */
    private static double erf(double x) {
        double sum = 0;
        double term = x;
        for (int n = 0; n < 60; n++) {
            sum += term / (2 * n + 1);
            term *= -x * x / (n + 1);
        }
        return 2 / Math.sqrt(Math.PI) * sum;
    }

    private static List<Row> binary() {
        double[] x = data(3, 5, 4);
        double[] y = data(1, 5, 1);
        Layout layout = Layout.plain(3, 5, 4);
        double[] spread =
                IntStream.range(0, x.length).mapToDouble(i -> y[i / 4 % 5]).toArray();
        return List.of(new Row(
                "add broadcast",
                Binary.of(Binary.Function.ADD, layout, Layout.plain(1, 5, 1), layout),
                Map.of(Arg.SOURCE, x, Arg.RIGHT, y),
                Map.of(Arg.DESTINATION, zip(x, spread, Double::sum)),
                true));
    }

    private static double[] multiply(double[] a, double[] b, int batch, int m, int k, int n) {
        double[] c = new double[batch * m * n];
        for (int i = 0; i < batch * m * n; i++) {
            for (int s = 0; s < k; s++) {
                c[i] += a[i / n * k + s] * b[(i / n / m * k + s) * n + i % n];
            }
        }
        return c;
    }

    private static List<Row> products() {
        List<Row> rows = new ArrayList<>();
        for (int[] s : new int[][] {{1, 1, 1}, {1, 3, 1}, {5, 3, 7}, {17, 33, 9}, {8, 64, 16}}) {
            int m = s[0];
            int k = s[1];
            int n = s[2];
            double[] x = data(m, k);
            double[] w = data(k, n);
            double[] bias = data(n);
            double[] y = multiply(x, w, 1, m, k, n);
            double[] biased = IntStream.range(0, y.length)
                    .mapToDouble(i -> y[i] + bias[i % n])
                    .toArray();
            String size = " " + m + "x" + k + "x" + n;
            Layout flipped = Layout.strided(new long[] {k, n}, new long[] {1, k});
            for (Layout right : List.of(Layout.plain(k, n), flipped, Layout.any(k, n))) {
                MatMul product = MatMul.of(Layout.plain(m, k), right, Layout.plain(m, n));
                Map<Arg, double[]> given = Map.of(Arg.SOURCE, x, Arg.WEIGHTS, w);
                rows.add(new Row("matmul " + right + size, product, given, Map.of(Arg.DESTINATION, y), true));
                rows.add(new Row(
                        "matmul with bias " + right + size,
                        product.bias(Layout.plain(1, n)),
                        Map.of(Arg.SOURCE, x, Arg.WEIGHTS, w, Arg.BIAS, bias),
                        Map.of(Arg.DESTINATION, biased),
                        true));
            }
        }
        double[] x = data(3, 4, 5);
        double[] w = data(3, 5, 6);
        rows.add(new Row(
                "matmul batch",
                MatMul.of(Layout.plain(3, 4, 5), Layout.plain(3, 5, 6), Layout.plain(3, 4, 6)),
                Map.of(Arg.SOURCE, x, Arg.WEIGHTS, w),
                Map.of(Arg.DESTINATION, multiply(x, w, 3, 4, 5, 6)),
                true));
        return rows;
    }

    private static List<Row> pooling() {
        List<Row> rows = new ArrayList<>();
        for (Pooling.Kind kind : Pooling.Kind.values()) {
            for (boolean last : new boolean[] {false, true}) {
                rows.addAll(PoolingCase.rows(kind, last));
            }
        }
        return rows;
    }

    private static List<Row> softmax() {
        double[] x = map(data(4, 10), v -> (float) (20 * v));
        double[] dy = data(4, 10);
        double[] y = new double[40];
        double[] dx = new double[40];
        for (int i = 0; i < 40; i += 10) {
            double[] row = Arrays.copyOfRange(x, i, i + 10);
            double max = Arrays.stream(row).max().orElseThrow();
            double sum = Arrays.stream(row).map(v -> Math.exp(v - max)).sum();
            for (int j = i; j < i + 10; j++) {
                y[j] = Math.exp(x[j] - max) / sum;
            }
            double dot =
                    IntStream.range(i, i + 10).mapToDouble(j -> dy[j] * y[j]).sum();
            for (int j = i; j < i + 10; j++) {
                dx[j] = y[j] * (dy[j] - dot);
            }
        }
        Softmax softmax = Softmax.of(1, Layout.plain(4, 10));
        Map<Arg, double[]> given =
                Map.of(Arg.SOURCE, x, Arg.DESTINATION, map(y, v -> (float) v), Arg.DESTINATION_GRADIENT, dy);
        return List.of(
                new Row("softmax", softmax, Map.of(Arg.SOURCE, x), Map.of(Arg.DESTINATION, y), true),
                new Row(
                        "softmax backward",
                        softmax.pass(Pass.BACKWARD),
                        given,
                        Map.of(Arg.SOURCE_GRADIENT, dx),
                        false));
    }

    private static List<Row> layerNormalization() {
        List<Row> rows = new ArrayList<>();
        for (int length : new int[] {1, 7, 16, 40}) {
            normalized(rows, 5, length);
        }
        return rows;
    }

    private static void normalized(List<Row> rows, int count, int length) {
        double[] x = data(count, length);
        double[] g = data(count, length);
        double[] scale = data(length);
        double[] shift = data(length);
        double[] mean = new double[count];
        double[] variance = new double[count];
        double[] y = new double[x.length];
        double[] dx = new double[x.length];
        double[] dScale = new double[length];
        for (int row = 0; row < count; row++) {
            double[] line = Arrays.copyOfRange(x, row * length, (row + 1) * length);
            double m = Arrays.stream(line).average().orElseThrow();
            mean[row] = m;
            variance[row] =
                    Arrays.stream(line).map(v -> (v - m) * (v - m)).average().orElseThrow();
            double inverse = 1 / Math.sqrt(variance[row] + 0.25);
            double sum = 0;
            double along = 0;
            for (int i = 0; i < length; i++) {
                int at = row * length + i;
                double normal = (x[at] - m) * inverse;
                y[at] = normal * scale[i] + shift[i];
                dScale[i] += g[at] * normal;
                sum += g[at] * scale[i] / length;
                along += g[at] * scale[i] * normal / length;
            }
            for (int i = 0; i < length; i++) {
                int at = row * length + i;
                dx[at] = inverse * (g[at] * scale[i] - sum - (x[at] - m) * inverse * along);
            }
        }
        double[] dShift = IntStream.range(0, length)
                .mapToDouble(i -> IntStream.range(0, count)
                        .mapToDouble(row -> g[row * length + i])
                        .sum())
                .toArray();
        LayerNormalization training = new LayerNormalization(Pass.TRAINING, Layout.plain(count, length), 0.25f);
        Map<Arg, double[]> given =
                new HashMap<>(Map.of(Arg.SOURCE, x, LayerNormalization.SCALE, scale, LayerNormalization.SHIFT, shift));
        String of = " of " + length;
        rows.add(new Row(
                "layer normalization" + of,
                training.pass(Pass.INFERENCE),
                Map.copyOf(given),
                Map.of(Arg.DESTINATION, y),
                true));
        rows.add(new Row(
                "layer normalization in training" + of,
                training,
                Map.copyOf(given),
                Map.of(Arg.DESTINATION, y, LayerNormalization.MEAN, mean, LayerNormalization.VARIANCE, variance),
                true));
        given.remove(LayerNormalization.SHIFT);
        given.putAll(Map.of(
                Arg.DESTINATION_GRADIENT, g, LayerNormalization.MEAN, mean, LayerNormalization.VARIANCE, variance));
        rows.add(new Row(
                "layer normalization backward" + of,
                training.pass(Pass.BACKWARD),
                given,
                Map.of(
                        Arg.SOURCE_GRADIENT,
                        dx,
                        LayerNormalization.SCALE_GRADIENT,
                        dScale,
                        LayerNormalization.SHIFT_GRADIENT,
                        dShift),
                true));
    }

    private static List<Row> lstm() {
        List<Row> rows = new ArrayList<>();
        for (int sequences : new int[] {1, 2, 5, 33}) {
            for (int width : new int[] {1, 7, 16, 33}) {
                Lstm forwards = new Lstm(false, sequences, 3, 9, width);
                rows.add(lstm(forwards));
                rows.add(lstm(new Lstm(true, sequences, 3, 9, width)));
            }
        }
        return rows;
    }

    private static Row lstm(Lstm op) {
        int width = op.width();
        double[] x = data(op.steps(), op.sequences(), op.inputs());
        double[] ofInput = data(1, 1, op.inputs(), 4, width);
        double[] ofState = data(1, 1, width, 4, width);
        double[] bias = data(4, width);
        double[] first = data(op.sequences(), width);
        double[] cell = data(op.sequences(), width);
        double[] h = first.clone();
        double[] c = cell.clone();
        double[] y = new double[op.steps() * op.sequences() * width];
        for (int i = 0; i < op.steps(); i++) {
            int t = op.backwards() ? op.steps() - 1 - i : i;
            double[] inputs =
                    Arrays.copyOfRange(x, t * op.sequences() * op.inputs(), (t + 1) * op.sequences() * op.inputs());
            double[] gates = zip(
                    multiply(inputs, ofInput, 1, op.sequences(), op.inputs(), 4 * width),
                    multiply(h, ofState, 1, op.sequences(), width, 4 * width),
                    Double::sum);
            for (int k = 0; k < h.length; k++) {
                int at = k / width * 4 * width + k % width;
                int of = k % width;
                double fresh = logistic(gates[at] + bias[of]) * Math.tanh(gates[at + 2 * width] + bias[of + 2 * width]);
                c[k] = logistic(gates[at + width] + bias[of + width]) * c[k] + fresh;
                h[k] = logistic(gates[at + 3 * width] + bias[of + 3 * width]) * Math.tanh(c[k]);
                y[t * h.length + k] = h[k];
            }
        }
        return new Row(
                "lstm" + (op.backwards() ? " backwards" : "") + " of " + op.sequences() + "×" + width,
                op,
                Map.of(
                        Arg.SOURCE, x,
                        Lstm.INPUT_WEIGHTS, ofInput,
                        Lstm.STATE_WEIGHTS, ofState,
                        Arg.BIAS, bias,
                        Lstm.H, first,
                        Lstm.C, cell),
                Map.of(Arg.DESTINATION, y, Lstm.LAST_H, h, Lstm.LAST_C, c),
                false);
    }

    private static double logistic(double x) {
        return 1 / (1 + Math.exp(-x));
    }

    private static List<Row> postOps() {
        double[] x = data(5, 6);
        double[] w = data(6, 4);
        double[] old = data(5, 4);
        double[] scale = data(1, 4);
        double[] product = multiply(x, w, 1, 5, 6, 4);
        double[] y = IntStream.range(0, 20)
                .mapToDouble(i -> Math.max(0, product[i] + scale[i % 4] + 2 * old[i]))
                .toArray();
        PostOps chain = PostOps.NONE
                .binary(Binary.Function.ADD, Layout.plain(1, 4))
                .sum(2)
                .eltwise(Eltwise.Function.RELU, 0, 0);
        MatMul fused = MatMul.of(Layout.plain(5, 6), Layout.plain(6, 4), Layout.plain(5, 4))
                .postOps(chain);
        Map<Arg, double[]> given = new HashMap<>();
        given.put(Arg.SOURCE, x);
        given.put(Arg.WEIGHTS, w);
        given.put(Arg.DESTINATION, old);
        given.put(Arg.postOp(0), scale);
        return List.of(new Row("post-ops " + chain, fused, given, Map.of(Arg.DESTINATION, y), true));
    }

    private static List<Row> movement() {
        double[] x = data(3, 5, 7);
        double[] z = data(3, 5, 7);
        Layout plain = Layout.plain(3, 5, 7);
        Layout other = Layout.strided(new long[] {3, 5, 7}, new long[] {1, 21, 3});
        Map<Arg, double[]> given = Map.of(Arg.SOURCE, x);
        return List.of(
                new Row("reorder", Reorder.of(plain, other), given, Map.of(Arg.DESTINATION, x), true),
                new Row(
                        "reorder and add",
                        Reorder.of(other, plain).postOps(PostOps.NONE.sum(1)),
                        Map.of(Arg.SOURCE, x, Arg.DESTINATION, z),
                        Map.of(Arg.DESTINATION, zip(x, z, Double::sum)),
                        true));
    }
}
