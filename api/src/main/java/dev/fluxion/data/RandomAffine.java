package dev.fluxion.data;

import java.util.List;

/**
 * Images that are turned, scaled and sheared about their middle, and shifted, with bilinear interpolation. All amounts are drawn
 * uniformly.
 *
 * @param degrees by how much they are turned at most, either way
 * @param shift by which part of the height and the width they are shifted at most, either way
 * @param smallest the smallest factor
 * @param largest the largest factor
 * @param shear by how many degrees they are sheared along x at most, either way
 */
public record RandomAffine(double degrees, double shift, double smallest, double largest, double shear)
        implements Augmentation {
    /** Checks the numbers. */
    public RandomAffine {
        Errors.requireIn("affine", "degrees", 0, 180, degrees);
        Errors.requireProbability("affine", "shift", shift);
        Errors.requireIn("affine", "the smallest scale", 0.01, 100, smallest);
        Errors.requireIn("affine", "the largest scale", smallest, 100, largest);
        Errors.requireIn("affine", "shear", 0, 80, shear);
    }

    /** This, turning by up to so many degrees either way. */
    public RandomAffine degrees(double most) {
        return new RandomAffine(most, shift, smallest, largest, shear);
    }

    /** This, shifting by up to a part of the height and the width: {@code shift(0.1)} by up to 3 of 28 pixels, in parts of pixels. */
    public RandomAffine shift(double most) {
        return new RandomAffine(degrees, most, smallest, largest, shear);
    }

    /** This, scaling by a factor from a range. */
    public RandomAffine scale(double least, double most) {
        return new RandomAffine(degrees, shift, least, most, shear);
    }

    /** This, shearing by up to so many degrees either way. */
    public RandomAffine shear(double most) {
        return new RandomAffine(degrees, shift, smallest, largest, most);
    }

    @Override
    public Batch apply(Batch batch, List<Rng> draws) {
        Images from = Images.of("affine", batch);
        Images to = from.blank(from.height(), from.width());
        for (int i = 0; i < from.count(); i++) {
            Rng random = draws.get(i);
            double turn = StrictMath.toRadians(random.between(-degrees, degrees));
            double slant = StrictMath.tan(StrictMath.toRadians(random.between(-shear, shear)));
            double scale = random.between(smallest, largest);
            double dx = random.between(-shift, shift) * from.width();
            double dy = random.between(-shift, shift) * from.height();
            double cos = StrictMath.cos(turn) / scale;
            double sin = StrictMath.sin(turn) / scale;
            // From where a pixel comes: the inverse of turning after shearing, and of shifting at last.
            map(from, to, i, new double[] {cos - slant * -sin, sin - slant * cos, -sin, cos}, dx, dy);
        }
        return to.with(batch.allTargets());
    }

    private static void map(Images from, Images to, int image, double[] inverse, double dx, double dy) {
        double middleX = (from.width() - 1) / 2.0;
        double middleY = (from.height() - 1) / 2.0;
        for (int y = 0; y < to.height(); y++) {
            for (int x = 0; x < to.width(); x++) {
                double toX = x - middleX - dx;
                double toY = y - middleY - dy;
                double fromX = inverse[0] * toX + inverse[1] * toY + middleX;
                double fromY = inverse[2] * toX + inverse[3] * toY + middleY;
                if (fromX > -1 && fromX < from.width() && fromY > -1 && fromY < from.height()) {
                    sample(from, to, image, y, x, fromY, fromX);
                }
            }
        }
    }

    private static void sample(Images from, Images to, int image, int y, int x, double fromY, double fromX) {
        int top = (int) Math.floor(fromY);
        int left = (int) Math.floor(fromX);
        float down = (float) (fromY - top);
        float right = (float) (fromX - left);
        boolean isInside = top >= 0 && top + 1 < from.height() && left >= 0 && left + 1 < from.width();
        for (int c = 0; c < from.channels(); c++) {
            int at = from.row(image, c, top) + left;
            float above = isInside ? between(from, at, right) : between(from, image, c, top, left, right);
            float below =
                    isInside ? between(from, at + from.width(), right) : between(from, image, c, top + 1, left, right);
            to.pixels()[to.row(image, c, y) + x] = above + down * (below - above);
        }
    }

    private static float between(Images from, int at, float right) {
        float one = from.pixels()[at];
        return one + right * (from.pixels()[at + 1] - one);
    }

    private static float between(Images from, int image, int channel, int y, int left, float right) {
        if (y < 0 || y >= from.height()) {
            return 0;
        }
        int row = from.row(image, channel, y);
        float one = left < 0 ? 0 : from.pixels()[row + left];
        float other = left + 1 >= from.width() ? 0 : from.pixels()[row + left + 1];
        return one + right * (other - one);
    }

    @Override
    public String toString() {
        return "affine().degrees(" + degrees + ").shift(" + shift + ").scale(" + smallest + ", " + largest + ").shear("
                + shear + ")";
    }
}
