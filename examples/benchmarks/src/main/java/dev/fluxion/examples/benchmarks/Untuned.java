package dev.fluxion.examples.benchmarks;

import static dev.fluxion.examples.benchmarks.Net.conv;
import static dev.fluxion.examples.benchmarks.Net.linear;
import static dev.fluxion.examples.benchmarks.Piece.Plain.FLATTEN;
import static dev.fluxion.examples.benchmarks.Piece.Plain.GLOBAL_AVG_POOL;
import static dev.fluxion.examples.benchmarks.Piece.Plain.MAX_POOL;
import static dev.fluxion.examples.benchmarks.Piece.Plain.RELU;
import static dev.fluxion.examples.benchmarks.Piece.Plain.TANH;
import static dev.fluxion.examples.benchmarks.Piece.Plain.UPSAMPLE;

import dev.fluxion.ir.Shape;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/** Nets of many kinds, for which no kernel was tuned one by one. */
final class Untuned {
    private static final List<Integer> BATCHES = List.of(1, 16);

    private Untuned() {}

    /** All of them, in the order of the tables. */
    static List<Net> nets() {
        return List.of(
                stem(),
                fire(),
                deep(),
                odd(),
                wide(),
                mobile(),
                segment(),
                audio(),
                bottleneck(),
                autoencoder(),
                vgg224(),
                small(),
                large());
    }

    /** Whether a cell is of one of them, or of {@link Vision}'s. */
    static boolean is(Cell cell) {
        return Stream.concat(nets().stream(), Vision.nets().stream())
                .anyMatch(net -> net.name().equals(cell.net()));
    }

    private static Net stem() {
        List<Piece> pieces = new ArrayList<>(List.of(new Piece.Conv(3, 64, 7, 2, 3), RELU, MAX_POOL));
        pieces.addAll(List.of(conv(64, 64, 1, 0), RELU, conv(64, 64, 3, 1), RELU, conv(64, 256, 1, 0), RELU));
        return net("stem", "stem of a ResNet at 224", Shape.of(3, 224, 224), 100, mean(pieces, 256, 100));
    }

    private static Net fire() {
        List<Piece> pieces = new ArrayList<>(List.of(new Piece.Conv(3, 64, 3, 2, 1), RELU));
        for (int i = 0; i < 4; i++) {
            pieces.addAll(List.of(conv(64, 16, 1, 0), RELU, conv(16, 64, 3, 1), RELU));
        }
        return net("fire", "4 squeezing blocks at 56", Shape.of(3, 112, 112), 10, mean(pieces, 64, 10));
    }

    private static Net deep() {
        List<Piece> pieces = new ArrayList<>(List.of(conv(3, 16, 3, 1), RELU));
        for (int i = 0; i < 12; i++) {
            pieces.add(new Piece.Residual(List.of(conv(16, 16, 3, 1), RELU, conv(16, 16, 3, 1)), List.of()));
            pieces.add(RELU);
        }
        return net("deep", "12 residual blocks of 16 channels", Shape.of(3, 32, 32), 10, mean(pieces, 16, 10));
    }

    private static Net odd() {
        List<Piece> pieces = List.of(
                conv(3, 24, 3, 1),
                RELU,
                conv(24, 40, 3, 1),
                RELU,
                MAX_POOL,
                conv(40, 72, 3, 1),
                RELU,
                MAX_POOL,
                FLATTEN,
                linear(72 * 8 * 8, 100),
                RELU,
                linear(100, 17));
        return net("odd", "convolutions of 24, 40, 72 channels", Shape.of(3, 32, 32), 17, pieces);
    }

    private static Net wide() {
        List<Piece> pieces =
                List.of(linear(256, 1024), TANH, linear(1024, 1024), TANH, linear(1024, 1024), TANH, linear(1024, 64));
        return net("wide", "MLP 256-1024-1024-1024-64", Shape.of(256), 64, pieces);
    }

    private static Net mobile() {
        List<Piece> pieces = List.of(
                new Piece.Conv(3, 32, 3, 2, 1),
                RELU,
                Piece.Conv.depthwise(32, 3, 1),
                RELU,
                conv(32, 64, 1, 0),
                RELU,
                Piece.Conv.depthwise(64, 3, 2),
                RELU,
                conv(64, 128, 1, 0),
                RELU);
        return net("mobile", "depthwise 3×3 and 1×1 at 112", Shape.of(3, 224, 224), 10, mean(pieces, 128, 10));
    }

    private static Net segment() {
        List<Piece> pieces = List.of(
                conv(3, 16, 3, 1),
                RELU,
                new Piece.Conv(16, 16, 3, 1, 1).dilated(2),
                RELU,
                new Piece.Conv(16, 16, 3, 1, 1).dilated(4),
                RELU,
                conv(16, 4, 1, 0),
                FLATTEN);
        return net("segment", "dilated segmentation at 256", Shape.of(3, 256, 256), 4 * 256 * 256, pieces);
    }

    private static Net audio() {
        List<Piece> pieces = List.of(
                conv(1, 16, 3, 1), RELU, MAX_POOL, conv(16, 32, 3, 1), RELU, MAX_POOL, conv(32, 64, 3, 1), RELU);
        return net("audio", "spectrogram 1×64×400", Shape.of(1, 64, 400), 35, mean(pieces, 64, 35));
    }

    private static Net bottleneck() {
        List<Piece> pieces = new ArrayList<>();
        for (int i = 0; i < 2; i++) {
            List<Piece> body = List.of(conv(256, 64, 1, 0), RELU, conv(64, 64, 3, 1), RELU, conv(64, 256, 1, 0));
            pieces.addAll(List.of(new Piece.Residual(body, List.of()), RELU));
        }
        return net("bottleneck", "2 bottlenecks at 56", Shape.of(256, 56, 56), 10, mean(pieces, 256, 10));
    }

    private static Net autoencoder() {
        List<Piece> pieces = List.of(
                new Piece.Conv(3, 32, 3, 2, 1),
                RELU,
                new Piece.Conv(32, 64, 3, 2, 1),
                RELU,
                UPSAMPLE,
                conv(64, 32, 3, 1),
                RELU,
                UPSAMPLE,
                conv(32, 3, 3, 1),
                FLATTEN);
        return net("autoencoder", "autoencoder at 64", Shape.of(3, 64, 64), 3 * 64 * 64, pieces);
    }

    private static Net vgg224() {
        List<Piece> pieces = new ArrayList<>();
        int in = 3;
        for (int[] stage : new int[][] {{64}, {128}, {256, 256}, {512, 512}, {512, 512}}) {
            for (int out : stage) {
                pieces.addAll(List.of(conv(in, out, 3, 1), RELU));
                in = out;
            }
            pieces.add(MAX_POOL);
        }
        pieces.addAll(List.of(FLATTEN, linear(512 * 7 * 7, 512), RELU, linear(512, 100)));
        return net("vgg224", "VGG, 8 convolutions at 224", Shape.of(3, 224, 224), 100, pieces);
    }

    private static Net small() {
        return net("small", "MLP 32-64-1", Shape.of(32), 1, List.of(linear(32, 64), RELU, linear(64, 1)));
    }

    private static Net large() {
        return net(
                "large", "MLP 4096-4096-10", Shape.of(4096), 10, List.of(linear(4096, 4096), RELU, linear(4096, 10)));
    }

    private static Net net(String name, String title, Shape sample, int classes, List<Piece> pieces) {
        return new Net(name, title, sample, classes, BATCHES, pieces);
    }

    /** A classifier of the means of channels. */
    private static List<Piece> mean(List<Piece> images, int channels, int classes) {
        List<Piece> pieces = new ArrayList<>(images);
        pieces.addAll(List.of(GLOBAL_AVG_POOL, FLATTEN, linear(channels, classes)));
        return pieces;
    }
}
