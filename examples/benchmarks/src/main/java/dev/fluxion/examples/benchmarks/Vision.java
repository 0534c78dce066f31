package dev.fluxion.examples.benchmarks;

import static dev.fluxion.examples.benchmarks.Piece.Plain.FLATTEN;
import static dev.fluxion.examples.benchmarks.Piece.Plain.GLOBAL_AVG_POOL;
import static dev.fluxion.examples.benchmarks.Piece.Plain.MAX_POOL;
import static dev.fluxion.examples.benchmarks.Piece.Plain.RELU;
import static dev.fluxion.examples.benchmarks.Piece.Plain.RELU6;
import static dev.fluxion.examples.benchmarks.Piece.Plain.SILU;
import static dev.fluxion.examples.benchmarks.Piece.Plain.UPSAMPLE;

import dev.fluxion.ir.Shape;
import java.util.ArrayList;
import java.util.List;

/** Nets for images as they are used today, with batch norms. */
final class Vision {
    private static final Shape PHOTOGRAPH = Shape.of(3, 224, 224);
    /** Expansion, channels, blocks, stride and kernel of each stage. */
    private static final int[][] MOBILE = {
        {1, 16, 1, 1, 3},
        {6, 24, 2, 2, 3},
        {6, 32, 3, 2, 3},
        {6, 64, 4, 2, 3},
        {6, 96, 3, 1, 3},
        {6, 160, 3, 2, 3},
        {6, 320, 1, 1, 3}
    };

    private static final int[][] EFFICIENT = {
        {1, 16, 1, 1, 3},
        {6, 24, 2, 2, 3},
        {6, 40, 2, 2, 5},
        {6, 80, 3, 2, 3},
        {6, 112, 3, 1, 5},
        {6, 192, 4, 2, 5},
        {6, 320, 1, 1, 3}
    };

    private Vision() {}

    /** All of them, in the order of the tables. */
    static List<Net> nets() {
        return List.of(
                new Net("mobilenet", "MobileNetV2", PHOTOGRAPH, 1000, List.of(1, 32), inverted(MOBILE, RELU6, false)),
                new Net(
                        "efficientnet",
                        "EfficientNet-B0",
                        PHOTOGRAPH,
                        1000,
                        List.of(1),
                        inverted(EFFICIENT, SILU, true)),
                new Net("unet", "U-Net at 256", Shape.of(1, 256, 256), 2 * 256 * 256, List.of(1), unet(16)));
    }

    private static List<Piece> inverted(int[][] stages, Piece activation, boolean gated) {
        List<Piece> pieces = normed(3, 32, 3, 2, 1);
        pieces.add(activation);
        int in = 32;
        for (int[] stage : stages) {
            for (int i = 0; i < stage[2]; i++) {
                int stride = i == 0 ? stage[3] : 1;
                List<Piece> block = block(in, stage, stride, activation, gated);
                boolean adds = stride == 1 && in == stage[1];
                pieces.addAll(adds ? List.of(new Piece.Residual(block, List.of())) : block);
                in = stage[1];
            }
        }
        pieces.addAll(normed(in, 1280, 1, 1, 1));
        pieces.addAll(List.of(activation, GLOBAL_AVG_POOL, FLATTEN, new Piece.Linear(1280, 1000)));
        return pieces;
    }

    private static List<Piece> block(int in, int[] stage, int stride, Piece activation, boolean gated) {
        int inner = in * stage[0];
        List<Piece> pieces = new ArrayList<>();
        if (inner != in) {
            pieces.addAll(normed(in, inner, 1, 1, 1));
            pieces.add(activation);
        }
        pieces.addAll(normed(inner, inner, stage[4], stride, inner));
        pieces.add(activation);
        if (gated) {
            pieces.add(new Piece.Gated(inner, in / 4));
        }
        pieces.addAll(normed(inner, stage[1], 1, 1, 1));
        return pieces;
    }

    private static List<Piece> normed(int in, int out, int kernel, int stride, int groups) {
        return new ArrayList<>(
                List.of(new Piece.Conv(in, out, kernel, stride, kernel / 2, 1, groups, false), new Piece.Norm(out)));
    }

    /** Four levels, each beside what is made of it; the way up repeats elements. */
    private static List<Piece> unet(int width) {
        List<Piece> pieces = twice(1, width);
        pieces.add(new Piece.Beside(level(width, 3)));
        pieces.addAll(twice(2 * width, width));
        pieces.addAll(List.of(new Piece.Conv(width, 2, 1, 1, 0), FLATTEN));
        return pieces;
    }

    /** Half the height and width and twice the channels, and back to as many of each. */
    private static List<Piece> level(int width, int below) {
        List<Piece> pieces = new ArrayList<>(List.of(MAX_POOL));
        pieces.addAll(twice(width, 2 * width));
        if (below > 0) {
            pieces.add(new Piece.Beside(level(2 * width, below - 1)));
            pieces.addAll(twice(4 * width, 2 * width));
        }
        pieces.addAll(List.of(UPSAMPLE, new Piece.Conv(2 * width, width, 3, 1, 1), RELU));
        return pieces;
    }

    private static List<Piece> twice(int in, int out) {
        List<Piece> pieces = normed(in, out, 3, 1, 1);
        pieces.add(RELU);
        pieces.addAll(normed(out, out, 3, 1, 1));
        pieces.add(RELU);
        return pieces;
    }
}
