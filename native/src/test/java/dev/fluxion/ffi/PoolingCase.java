package dev.fluxion.ffi;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;

/** Pooling rows for {@link OperationsTest}: 3x2 windows with stride 2 and uneven padding over odd planes. */
final class PoolingCase {
    private static final int H = 7;
    private static final int W = 6;
    private static final Window WINDOW = Window.of(3, 2).stride(2, 2).padding(new long[] {1, 0}, new long[] {1, 1});

    private PoolingCase() {}

    static List<OperationsTest.Row> rows(Pooling.Kind kind, boolean channelsLast) {
        List<OperationsTest.Row> rows = new ArrayList<>();
        for (int channels : new int[] {3, 16}) {
            int oh = (int) WINDOW.places(0, H);
            int ow = (int) WINDOW.places(1, W);
            long[] in = {2, channels, H, W};
            long[] out = {2, channels, oh, ow};
            double[] x = Tensors.random(new Random(5), in);
            double[] dy = Tensors.random(new Random(6), out);
            double[] y = new double[dy.length];
            double[] dx = new double[x.length];
            for (int i = 0; i < y.length; i++) {
                pool(kind, x, y, dy, dx, i, oh, ow);
            }
            Layout source = channelsLast ? ConvolutionTest.channelsLast(in) : Layout.plain(in);
            Layout destination = channelsLast ? ConvolutionTest.channelsLast(out) : Layout.plain(out);
            Pooling pooling = Pooling.of(kind, source, destination, WINDOW);
            String name = kind + " pooling " + source;
            Map<Arg, double[]> given = Map.of(Arg.SOURCE, x);
            Map<Arg, double[]> result = Map.of(Arg.DESTINATION, y);
            rows.add(new OperationsTest.Row(name, pooling, given, result, true));
            rows.add(new OperationsTest.Row(name + " training", pooling.pass(Pass.TRAINING), given, result, true));
            rows.add(new OperationsTest.Row(
                    name + " backward",
                    pooling.pass(Pass.BACKWARD),
                    gradientData(kind, pooling, x, dy),
                    Map.of(Arg.SOURCE_GRADIENT, dx),
                    true));
        }
        return rows;
    }

    private static Map<Arg, double[]> gradientData(Pooling.Kind kind, Pooling pooling, double[] x, double[] dy) {
        if (kind != Pooling.Kind.MAX) {
            return Map.of(Arg.DESTINATION_GRADIENT, dy);
        }
        try (Primitive forward = Primitive.of(pooling.pass(Pass.TRAINING))) {
            double[] workspace = Tensors.run(forward, Map.of(Arg.SOURCE, x)).get(Arg.WORKSPACE);
            return Map.of(Arg.DESTINATION_GRADIENT, dy, Arg.WORKSPACE, workspace);
        }
    }

    private static void pool(
            Pooling.Kind kind, double[] x, double[] y, double[] dy, double[] dx, int i, int oh, int ow) {
        int plane = i / (oh * ow) * H * W;
        List<Integer> taps = new ArrayList<>();
        for (int k = 0; k < 6; k++) {
            int sy = i / ow % oh * 2 - 1 + k / 2;
            int sx = i % ow * 2 + k % 2;
            if (sy >= 0 && sy < H && sx < W) {
                taps.add(plane + sy * W + sx);
            }
        }
        if (kind == Pooling.Kind.MAX) {
            int best = taps.stream().reduce((a, b) -> x[b] > x[a] ? b : a).orElseThrow();
            y[i] = x[best];
            dx[best] += dy[i];
            return;
        }
        double size = 6;
        for (int tap : taps) {
            y[i] += x[tap] / size;
            dx[tap] += dy[i] / size;
        }
    }
}
