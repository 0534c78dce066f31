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
        return Stream.of(eltwise(), binary(), products(), sums(), pooling(), softmax(), postOps(), movement())
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
        boolean positive = f == Eltwise.Function.LOG
                || f == Eltwise.Function.SQRT
                || f == Eltwise.Function.SQRT_FROM_RESULT
                || f == Eltwise.Function.POW;
        double[] x = map(data(5, 7, 3), v -> (float) (positive ? Math.abs(v) + 0.1 : 3 * v));
        double[] y = map(x, meaning);
        double[] dy = data(5, 7, 3);
        Eltwise forward = Eltwise.of(f, a, b, Layout.plain(5, 7, 3));
        rows.add(new Row(f + " forward", forward, Map.of(Arg.SOURCE, x), Map.of(Arg.DESTINATION, y), true));
        if (f != Eltwise.Function.ROUND) {
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
    }

    private static List<Row> eltwise() {
        List<Row> rows = new ArrayList<>();
        DoubleUnaryOperator erf = OperationsTest::erf;
        for (Eltwise.Function f : Eltwise.Function.values()) {
            switch (f) {
                case RELU, RELU_FROM_RESULT -> function(rows, f, 0.1f, 0, x -> x > 0 ? x : 0.1f * x);
                case TANH, TANH_FROM_RESULT -> function(rows, f, 0, 0, Math::tanh);
                case ELU, ELU_FROM_RESULT -> function(rows, f, 0.5f, 0, x -> x > 0 ? x : 0.5 * Math.expm1(x));
                case SQUARE -> function(rows, f, 0, 0, x -> x * x);
                case ABS -> function(rows, f, 0, 0, Math::abs);
                case SQRT, SQRT_FROM_RESULT -> function(rows, f, 0, 0, Math::sqrt);
                case LINEAR -> function(rows, f, 2, -0.5f, x -> 2 * x - 0.5);
                case SOFT_RELU -> function(rows, f, 1, 0, x -> Math.log1p(Math.exp(x)));
                case HARD_SIGMOID -> function(rows, f, 0.25f, 0.5f, x -> Math.max(0, Math.min(1, 0.25 * x + 0.5)));
                case LOGISTIC, LOGISTIC_FROM_RESULT -> function(rows, f, 0, 0, x -> 1 / (1 + Math.exp(-x)));
                case EXP, EXP_FROM_RESULT -> function(rows, f, 0, 0, Math::exp);
                case GELU_TANH ->
                    function(
                            rows,
                            f,
                            0,
                            0,
                            x -> x / 2 * (1 + Math.tanh(Math.sqrt(2 / Math.PI) * (x + 0.044715 * x * x * x))));
                case GELU_ERF -> function(rows, f, 0, 0, x -> x / 2 * (1 + erf.applyAsDouble(x / Math.sqrt(2))));
                case SWISH -> function(rows, f, 1.5f, 0, x -> x / (1 + Math.exp(-1.5 * x)));
                case LOG -> function(rows, f, 0, 0, Math::log);
                case CLIP, CLIP_OPEN, CLIP_OPEN_FROM_RESULT ->
                    function(rows, f, -1, 2, x -> Math.max(-1, Math.min(2, x)));
                case POW -> function(rows, f, 2, 1.5f, x -> 2 * Math.pow(x, 1.5));
                case ROUND -> function(rows, f, 0, 0, Math::rint);
                case MISH -> function(rows, f, 0, 0, x -> x * Math.tanh(Math.log1p(Math.exp(x))));
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
        List<Row> rows = new ArrayList<>();
        double[] x = map(data(3, 5, 4), v -> Math.rint(3 * v));
        double[] y = map(data(1, 5, 1), v -> Math.rint(2 * v) + 0.5);
        y[2] = x[8];
        y[2] = y[2] == 0 ? 1 : y[2];
        Layout layout = Layout.plain(3, 5, 4);
        double[] spread =
                IntStream.range(0, x.length).mapToDouble(i -> y[i / 4 % 5]).toArray();
        for (Binary.Function f : Binary.Function.values()) {
            DoubleBinaryOperator meaning =
                    switch (f) {
                        case ADD -> Double::sum;
                        case SUBTRACT -> (a, b) -> a - b;
                        case MULTIPLY -> (a, b) -> a * b;
                        case DIVIDE -> (a, b) -> a / b;
                        case MAX -> Math::max;
                        case MIN -> Math::min;
                        case GREATER_OR_EQUAL -> (a, b) -> a >= b ? 1 : 0;
                        case GREATER -> (a, b) -> a > b ? 1 : 0;
                        case LESS_OR_EQUAL -> (a, b) -> a <= b ? 1 : 0;
                        case LESS -> (a, b) -> a < b ? 1 : 0;
                        case EQUAL -> (a, b) -> a == b ? 1 : 0;
                        case NOT_EQUAL -> (a, b) -> a != b ? 1 : 0;
                        case SELECT -> null;
                    };
            if (meaning != null) {
                rows.add(new Row(
                        f + " broadcast",
                        Binary.of(f, layout, Layout.plain(1, 5, 1), layout),
                        Map.of(Arg.SOURCE, x, Arg.RIGHT, y),
                        Map.of(Arg.DESTINATION, zip(x, spread, meaning)),
                        true));
            }
        }
        double[] condition = map(data(3, 5, 4), v -> v > 0 ? 1 : 0);
        rows.add(new Row(
                "select",
                Binary.select(Layout.plain(Layout.Type.S8, 3, 5, 4), layout, layout, layout),
                Map.of(Arg.SOURCE, x, Arg.RIGHT, spread, Arg.CONDITION, condition),
                Map.of(
                        Arg.DESTINATION,
                        IntStream.range(0, x.length)
                                .mapToDouble(i -> condition[i] != 0 ? x[i] : spread[i])
                                .toArray()),
                true));
        return rows;
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

    private static double[] transposed(double[] a, int rows, int columns) {
        return IntStream.range(0, a.length)
                .mapToDouble(i -> a[i % rows * columns + i / rows])
                .toArray();
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
            double[] dy = data(m, n);
            double[] wt = transposed(w, k, n);
            InnerProduct inner = InnerProduct.of(Layout.any(m, k), Layout.any(n, k), Layout.any(m, n));
            Map<Arg, double[]> given =
                    Map.of(Arg.SOURCE, x, Arg.WEIGHTS, wt, Arg.BIAS, bias, Arg.DESTINATION_GRADIENT, dy);
            double[] db = new double[n];
            IntStream.range(0, dy.length).forEach(i -> db[i % n] += dy[i]);
            Map<Pass, Map<Arg, double[]>> expected = Map.of(
                    Pass.INFERENCE, Map.of(Arg.DESTINATION, biased),
                    Pass.TRAINING, Map.of(Arg.DESTINATION, biased),
                    Pass.BACKWARD, Map.of(Arg.SOURCE_GRADIENT, multiply(dy, wt, 1, m, n, k)),
                    Pass.BACKWARD_WEIGHTS,
                            Map.of(
                                    Arg.WEIGHTS_GRADIENT,
                                    multiply(transposed(dy, m, n), x, 1, n, m, k),
                                    Arg.BIAS_GRADIENT,
                                    db));
            expected.forEach((pass, results) -> rows.add(new Row(
                    "inner product " + pass + size,
                    inner.pass(pass).bias(pass == Pass.BACKWARD ? null : Layout.plain(n)),
                    given,
                    results,
                    true)));
        }
        double[] x = data(3, 4, 5);
        double[] w = data(3, 5, 6);
        rows.add(new Row(
                "matmul batch",
                MatMul.of(Layout.plain(3, 4, 5), Layout.plain(3, 5, 6), Layout.plain(3, 4, 6)),
                Map.of(Arg.SOURCE, x, Arg.WEIGHTS, w),
                Map.of(Arg.DESTINATION, multiply(x, w, 3, 4, 5, 6)),
                true));
        double[] image = data(2, 3, 4, 4);
        double[] dense = data(5, 3, 4, 4);
        rows.add(new Row(
                "inner product of images",
                InnerProduct.of(Layout.any(2, 3, 4, 4), Layout.any(5, 3, 4, 4), Layout.any(2, 5)),
                Map.of(Arg.SOURCE, image, Arg.WEIGHTS, dense),
                Map.of(Arg.DESTINATION, multiply(image, transposed(dense, 5, 48), 1, 2, 48, 5)),
                true));
        return rows;
    }

    private static List<Row> sums() {
        List<Row> rows = new ArrayList<>();
        double[] x = data(6, 9);
        for (Reduction.Kind kind : Reduction.Kind.values()) {
            double[] y = IntStream.range(0, 6)
                    .mapToDouble(i -> {
                        double[] row = Arrays.copyOfRange(x, i * 9, i * 9 + 9);
                        return switch (kind) {
                            case SUM -> Arrays.stream(row).sum();
                            case MEAN -> Arrays.stream(row).sum() / 9;
                            case MAX -> Arrays.stream(row).max().orElseThrow();
                            case MIN -> Arrays.stream(row).min().orElseThrow();
                            case PRODUCT -> Arrays.stream(row).reduce(1, (a, b) -> a * b);
                        };
                    })
                    .toArray();
            Reduction reduction = Reduction.of(kind, Layout.plain(6, 9), Layout.plain(6, 1));
            rows.add(new Row("reduction " + kind, reduction, Map.of(Arg.SOURCE, x), Map.of(Arg.DESTINATION, y), true));
        }
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
        List<Row> rows = new ArrayList<>();
        double[] x = map(data(4, 10), v -> (float) (20 * v));
        double[] dy = data(4, 10);
        for (boolean logarithm : new boolean[] {false, true}) {
            double[] p = new double[40];
            for (int i = 0; i < 4; i++) {
                double[] row = Arrays.copyOfRange(x, i * 10, i * 10 + 10);
                double max = Arrays.stream(row).max().orElseThrow();
                double sum = Arrays.stream(row).map(v -> Math.exp(v - max)).sum();
                for (int j = 0; j < 10; j++) {
                    p[i * 10 + j] = Math.exp(row[j] - max) / sum;
                }
            }
            double[] y = logarithm ? map(p, Math::log) : p;
            double[] dx = new double[40];
            for (int i = 0; i < 40; i++) {
                double dot = 0;
                for (int j = i / 10 * 10; j < i / 10 * 10 + 10; j++) {
                    dot += logarithm ? dy[j] : dy[j] * p[j];
                }
                dx[i] = logarithm ? dy[i] - p[i] * dot : p[i] * (dy[i] - dot);
            }
            Softmax softmax = Softmax.of(1, Layout.plain(4, 10)).logarithm(logarithm);
            Map<Arg, double[]> given =
                    Map.of(Arg.SOURCE, x, Arg.DESTINATION, map(y, v -> (float) v), Arg.DESTINATION_GRADIENT, dy);
            String name = "softmax logarithm " + logarithm;
            rows.add(new Row(name, softmax, Map.of(Arg.SOURCE, x), Map.of(Arg.DESTINATION, y), true));
            rows.add(new Row(
                    name + " backward", softmax.pass(Pass.BACKWARD), given, Map.of(Arg.SOURCE_GRADIENT, dx), false));
        }
        return rows;
    }

    private static List<Row> postOps() {
        double[] x = data(5, 6);
        double[] w = data(6, 4);
        double[] old = data(5, 4);
        double[] scale = data(1, 4);
        double[] product = multiply(x, w, 1, 5, 6, 4);
        double[] y = IntStream.range(0, 20)
                .mapToDouble(i -> Math.max(0, product[i] * scale[i % 4] + 2 * old[i]))
                .toArray();
        PostOps chain = PostOps.NONE
                .binary(Binary.Function.MULTIPLY, Layout.plain(1, 4))
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
        double[] y = data(3, 2, 7);
        double[] z = data(3, 5, 7);
        double[] joined = new double[147];
        for (int i = 0; i < 147; i++) {
            int row = i / 49;
            int rest = i % 49;
            joined[i] = rest < 35 ? x[row * 35 + rest] : y[row * 14 + rest - 35];
        }
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
                        true),
                new Row(
                        "concat",
                        new Concat(1, List.of(plain, Layout.plain(3, 2, 7)), Layout.plain(3, 7, 7)),
                        Map.of(Arg.source(0), x, Arg.source(1), y),
                        Map.of(Arg.DESTINATION, joined),
                        true),
                new Row(
                        "sum",
                        new Sum(List.of(2f, -1f), List.of(plain, plain), plain),
                        Map.of(Arg.source(0), x, Arg.source(1), z),
                        Map.of(Arg.DESTINATION, zip(x, z, (a, b) -> 2 * a - b)),
                        true));
    }
}
