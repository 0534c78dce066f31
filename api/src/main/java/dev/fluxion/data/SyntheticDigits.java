package dev.fluxion.data;

import dev.fluxion.ir.Shape;
import java.util.List;

/**
 * Handwritten-looking digits drawn by program, for examples and tests that should need no download: 1×28×28, grey, in the
 * framing of MNIST. Each digit is a way of writing it (some have two or three) whose points are jittered, joined by
 * smooth curves, then turned, sheared, scaled, shifted, drawn with a pen of random width and ink, and strewn with noise.
 *
 * <p>An image depends on the seed and its index only, to the bit, on every machine. Each ten images in a row from a
 * multiple of ten hold each digit once.
 */
public final class SyntheticDigits {
    private static final int SIDE = 28;
    private static final int PIXELS = SIDE * SIDE;
    private static final int BOX = 20;
    private static final List<String> CLASSES = List.of("0", "1", "2", "3", "4", "5", "6", "7", "8", "9");

    private static final double JITTER = 0.07;
    private static final double TURN = 0.35;
    private static final double SHEAR = 0.35;
    private static final double SHIFT = 2.0;

    private SyntheticDigits() {}

    /**
     * Some digits.
     *
     * @param count how many
     * @param seed where their randomness comes from; take another for a set to test with
     * @throws IllegalArgumentException if the count is negative or does not fit into memory's largest array
     */
    public static ImageDataset of(int count, long seed) {
        if (count < 0) {
            throw new IllegalArgumentException(Errors.negativeCount(count));
        }
        int most = (Integer.MAX_VALUE - 8) / PIXELS;
        if (count > most) {
            throw new IllegalArgumentException(Errors.tooManyDigits(count, most));
        }
        byte[] pixels = new byte[count * PIXELS];
        byte[] labels = new byte[count];
        for (int i = 0; i < count; i++) {
            // Streams below 0 order the digits, those from 0 on draw them.
            int digit = new Rng(seed, -1 - i / 10).permutation(10)[i % 10];
            labels[i] = (byte) digit;
            draw(digit, new Rng(seed, i), pixels, i * PIXELS);
        }
        return ImageDataset.of(Shape.of(1, SIDE, SIDE), pixels, labels, CLASSES);
    }

    private static void draw(int digit, Rng random, byte[] pixels, int at) {
        List<double[]> strokes = Glyphs.of(digit, random).stream()
                .map(stroke -> Curves.through(jittered(stroke, random)))
                .toList();
        double radius = random.between(0.7, 1.7);
        transform(strokes, radius, random);
        Pen pen = new Pen(SIDE, radius);
        strokes.forEach(pen::draw);
        pen.develop(random.between(0.65, 1), random.between(0, 0.25), random, pixels, at);
    }

    private static double[] jittered(double[] stroke, Rng random) {
        double[] moved = stroke.clone();
        for (int i = 0; i < moved.length; i++) {
            moved[i] += random.between(-JITTER, JITTER);
        }
        return moved;
    }

    /** Turns and shears, then fits what came out into the box and shifts it a little off the middle. */
    private static void transform(List<double[]> strokes, double radius, Rng random) {
        double turn = random.between(-TURN, TURN);
        double cos = StrictMath.cos(turn);
        double sin = StrictMath.sin(turn);
        double shear = random.between(-SHEAR, SHEAR);
        double narrow = random.between(0.75, 1.15);
        double left = Double.MAX_VALUE;
        double top = Double.MAX_VALUE;
        double right = -Double.MAX_VALUE;
        double bottom = -Double.MAX_VALUE;
        for (double[] points : strokes) {
            for (int i = 0; i < points.length; i += 2) {
                double x = (points[i] + shear * (0.5 - points[i + 1])) * narrow;
                double y = points[i + 1];
                points[i] = cos * x - sin * y;
                points[i + 1] = sin * x + cos * y;
                left = Math.min(left, points[i]);
                right = Math.max(right, points[i]);
                top = Math.min(top, points[i + 1]);
                bottom = Math.max(bottom, points[i + 1]);
            }
        }
        double extent = Math.max(right - left, bottom - top);
        double scale = (BOX * random.between(0.78, 1.05) - 2 * radius) / extent;
        double dx = SIDE / 2.0 + random.between(-SHIFT, SHIFT) - scale * (left + right) / 2;
        double dy = SIDE / 2.0 + random.between(-SHIFT, SHIFT) - scale * (top + bottom) / 2;
        for (double[] points : strokes) {
            for (int i = 0; i < points.length; i += 2) {
                points[i] = scale * points[i] + dx;
                points[i + 1] = scale * points[i + 1] + dy;
            }
        }
    }
}
