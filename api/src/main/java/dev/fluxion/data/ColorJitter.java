package dev.fluxion.data;

import java.util.List;

/**
 * Images of red, green and blue in [0, 1] with other colours, as torchvision's: factors of brightness, contrast and saturation from
 * 1 − x to 1 + x and a turn of the hue by up to a part of the circle, in an order that is drawn, too. Grey images of one channel take
 * brightness and contrast.
 *
 * @param brightness by how much the factor differs from 1 at most
 * @param contrast by how much the factor differs from 1 at most
 * @param saturation by how much the factor differs from 1 at most
 * @param hue the largest turn, at most 0.5
 */
public record ColorJitter(double brightness, double contrast, double saturation, double hue) implements Augmentation {
    private static final float RED = 0.2989f;
    private static final float GREEN = 0.587f;
    private static final float BLUE = 0.114f;

    /** Checks the numbers. */
    public ColorJitter {
        Errors.requireProbability("colorJitter", "brightness", brightness);
        Errors.requireProbability("colorJitter", "contrast", contrast);
        Errors.requireProbability("colorJitter", "saturation", saturation);
        Errors.requireIn("colorJitter", "hue", 0, 0.5, hue);
    }

    /** This, with a factor of all pixels. */
    public ColorJitter brightness(double most) {
        return new ColorJitter(most, contrast, saturation, hue);
    }

    /** This, with a factor of the distance from the mean grey. */
    public ColorJitter contrast(double most) {
        return new ColorJitter(brightness, most, saturation, hue);
    }

    /** This, with a factor of the distance from the pixel's grey. */
    public ColorJitter saturation(double most) {
        return new ColorJitter(brightness, contrast, most, hue);
    }

    /** This, turning the hue. */
    public ColorJitter hue(double most) {
        return new ColorJitter(brightness, contrast, saturation, most);
    }

    @Override
    public Batch apply(Batch batch, List<Rng> draws) {
        Images images = Images.of("colorJitter", batch).copy();
        boolean grey = images.channels() == 1 && saturation == 0 && hue == 0;
        if (images.channels() != 3 && !grey) {
            throw new IllegalArgumentException(Errors.noColours(images));
        }
        for (int i = 0; i < images.count(); i++) {
            Rng random = draws.get(i);
            int[] order = random.permutation(4);
            float brighter = factor(random, brightness);
            float starker = factor(random, contrast);
            float richer = factor(random, saturation);
            float turn = (float) random.between(-hue, hue);
            for (int step : order) {
                switch (step) {
                    case 0 -> brighten(images, i, brighter);
                    case 1 -> contrast(images, i, starker);
                    case 2 -> saturate(images, i, richer);
                    default -> turn(images, i, turn);
                }
            }
        }
        return images.with(batch.allTargets());
    }

    private static float factor(Rng random, double most) {
        return (float) random.between(1 - most, 1 + most);
    }

    private static float clamp(float x) {
        return Math.max(0, Math.min(1, x));
    }

    private static void brighten(Images images, int image, float factor) {
        if (factor != 1) {
            int at = image * images.size();
            for (int i = at; i < at + images.size(); i++) {
                images.pixels()[i] = clamp(factor * images.pixels()[i]);
            }
        }
    }

    private static void contrast(Images images, int image, float factor) {
        if (factor != 1) {
            int at = image * images.size();
            int plane = images.height() * images.width();
            double sum = 0;
            for (int i = 0; i < plane; i++) {
                sum += images.channels() == 1 ? images.pixels()[at + i] : grey(images.pixels(), at + i, plane);
            }
            float mean = (float) (sum / plane);
            for (int i = at; i < at + images.size(); i++) {
                images.pixels()[i] = clamp(mean + factor * (images.pixels()[i] - mean));
            }
        }
    }

    private static float grey(float[] pixels, int at, int plane) {
        return RED * pixels[at] + GREEN * pixels[at + plane] + BLUE * pixels[at + 2 * plane];
    }

    private static void saturate(Images images, int image, float factor) {
        if (factor != 1) {
            int at = image * images.size();
            int plane = images.height() * images.width();
            for (int i = at; i < at + plane; i++) {
                float grey = grey(images.pixels(), i, plane);
                for (int c = 0; c < 3; c++) {
                    float own = images.pixels()[i + c * plane];
                    images.pixels()[i + c * plane] = clamp(grey + factor * (own - grey));
                }
            }
        }
    }

    private static void turn(Images images, int image, float turn) {
        if (turn != 0) {
            int at = image * images.size();
            int plane = images.height() * images.width();
            for (int i = at; i < at + plane; i++) {
                turn(images.pixels(), i, plane, turn);
            }
        }
    }

    /** The pixel with the same largest and smallest colour, further on round the circle of hues. */
    private static void turn(float[] pixels, int at, int plane, float turn) {
        float r = pixels[at];
        float g = pixels[at + plane];
        float b = pixels[at + 2 * plane];
        float most = Math.max(r, Math.max(g, b));
        float least = Math.min(r, Math.min(g, b));
        float range = most - least;
        if (range == 0) {
            return;
        }
        float hue = most == r ? (g - b) / range : most == g ? 2 + (b - r) / range : 4 + (r - g) / range;
        float turned = hue + 6 * turn + 12;
        for (int c = 0; c < 3; c++) {
            float ahead = turned + 6 - 2 * c;
            float from = ahead - 6 * (int) (ahead / 6);
            float distance = Math.min(from, 6 - from);
            pixels[at + c * plane] = least + range * clamp(2 - distance);
        }
    }

    @Override
    public String toString() {
        return "colorJitter().brightness(" + brightness + ").contrast(" + contrast + ").saturation(" + saturation
                + ").hue(" + hue + ")";
    }
}
