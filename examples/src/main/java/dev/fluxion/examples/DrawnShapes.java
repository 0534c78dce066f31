package dev.fluxion.examples;

import dev.fluxion.Tensor;
import dev.fluxion.data.Dataset;
import dev.fluxion.ir.Shape;
import java.util.List;
import java.util.SplittableRandom;

/**
 * Noisy colour images with a disc, a square and a triangle each, which may hide each other, and for each place what it shows. An image
 * depends on the seed and its index only.
 */
final class DrawnShapes {
    static final int SIDE = 64;
    static final List<String> CLASSES = List.of("background", "disc", "square", "triangle");

    private static final int PLACES = SIDE * SIDE;
    private static final double NOISE = 0.15;

    private final float[] images;
    private final int[] classes;

    private DrawnShapes(int count) {
        images = new float[Math.multiplyExact(count, 3 * PLACES)];
        classes = new int[count * PLACES];
    }

    /** Samples N×3×64×64 in [0, 1] with classes N×64×64. */
    static Dataset of(int count, long seed) {
        DrawnShapes drawn = new DrawnShapes(count);
        for (int i = 0; i < count; i++) {
            drawn.draw(i, new SplittableRandom(seed * 1_000_003 + i));
        }
        Tensor inputs = Tensor.of(drawn.images, count, 3, SIDE, SIDE);
        return Dataset.of(inputs, Tensor.of(drawn.classes, Shape.of(count, SIDE, SIDE)));
    }

    private void draw(int image, SplittableRandom random) {
        double[] ground = colour(random);
        for (int place = 0; place < PLACES; place++) {
            paint(image, place, 0, ground);
        }
        int first = random.nextInt(3);
        for (int i = 0; i < 3; i++) {
            shape(image, 1 + (first + i) % 3, random);
        }
        for (int i = image * 3 * PLACES; i < (image + 1) * 3 * PLACES; i++) {
            double noisy = images[i] + random.nextDouble(-NOISE, NOISE);
            images[i] = (float) Math.min(1, Math.max(0, noisy));
        }
    }

    private static double[] colour(SplittableRandom random) {
        return random.doubles(3).toArray();
    }

    private void shape(int image, int kind, SplittableRandom random) {
        double[] colour = colour(random);
        double radius = random.nextDouble(7, 14);
        double x = random.nextDouble(radius, SIDE - radius);
        double y = random.nextDouble(radius, SIDE - radius);
        double turn = random.nextDouble(Math.PI);
        for (int place = 0; place < PLACES; place++) {
            int row = place / SIDE;
            double dx = (place % SIDE - x) / radius;
            double dy = (row - y) / radius;
            if (isInside(kind, Math.cos(turn) * dx + Math.sin(turn) * dy, Math.cos(turn) * dy - Math.sin(turn) * dx)) {
                paint(image, place, kind, colour);
            }
        }
    }

    /** Whether a place is inside a shape that reaches about 1 from its middle. */
    private static boolean isInside(int kind, double x, double y) {
        return switch (kind) {
            case 1 -> x * x + y * y < 0.8;
            case 2 -> Math.max(Math.abs(x), Math.abs(y)) < 0.75;
            default -> y < 0.5 && y > Math.sqrt(3) * Math.abs(x) - 1;
        };
    }

    private void paint(int image, int place, int kind, double[] colour) {
        classes[image * PLACES + place] = kind;
        for (int channel = 0; channel < 3; channel++) {
            images[(image * 3 + channel) * PLACES + place] = (float) colour[channel];
        }
    }
}
