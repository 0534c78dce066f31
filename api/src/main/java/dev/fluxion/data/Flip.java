package dev.fluxion.data;

import java.util.List;

/**
 * Some images mirrored.
 *
 * @param vertical whether top and bottom are exchanged, not left and right
 * @param probability the part of the images
 */
public record Flip(boolean vertical, double probability) implements Augmentation {
    /** Checks the probability. */
    public Flip {
        Errors.requireProbability("flip", "probability", probability);
    }

    /** This of another part of the images, at first a half. */
    public Flip probability(double part) {
        return new Flip(vertical, part);
    }

    @Override
    public Batch apply(Batch batch, List<Rng> draws) {
        Images images = Images.of("flip", batch).copy();
        for (int i = 0; i < images.count(); i++) {
            if (draws.get(i).chance(probability)) {
                for (int c = 0; c < images.channels(); c++) {
                    mirror(images, i, c);
                }
            }
        }
        return images.with(batch.allTargets());
    }

    private void mirror(Images images, int image, int channel) {
        int rows = vertical ? images.height() / 2 : images.height();
        int columns = vertical ? images.width() : images.width() / 2;
        for (int y = 0; y < rows; y++) {
            int one = images.row(image, channel, y);
            int other = vertical ? images.row(image, channel, images.height() - 1 - y) : one + images.width() - 1;
            for (int x = 0; x < columns; x++) {
                float pixel = images.pixels()[one + x];
                int to = vertical ? other + x : other - x;
                images.pixels()[one + x] = images.pixels()[to];
                images.pixels()[to] = pixel;
            }
        }
    }

    @Override
    public String toString() {
        return (vertical ? "verticalFlip()" : "flip()")
                + (probability == 0.5 ? "" : ".probability(" + probability + ")");
    }
}
