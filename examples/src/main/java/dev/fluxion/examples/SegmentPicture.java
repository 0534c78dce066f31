package dev.fluxion.examples;

import dev.fluxion.Tensor;
import dev.fluxion.data.Batch;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Path;
import javax.imageio.ImageIO;

/**
 * Images in the first row, the classes of their places in the second, and those that were found in the third.
 *
 * @param batch the images and their classes
 * @param logits what a net makes of the images
 */
record SegmentPicture(Batch batch, Tensor logits) {
    private static final int SCALE = 3;
    private static final int GAP = 4;
    private static final int[] COLOURS = {0x202020, 0xE05040, 0x50B060, 0x4080E0};

    /** Writes it as PNG. */
    void write(Path file) throws IOException {
        int count = batch.inputs().shape().dim(0);
        int cell = DrawnShapes.SIDE * SCALE + GAP;
        BufferedImage picture = new BufferedImage(count * cell - GAP, 3 * cell - GAP, BufferedImage.TYPE_INT_RGB);
        for (int i = 0; i < count; i++) {
            for (int y = 0; y < DrawnShapes.SIDE * SCALE; y++) {
                for (int x = 0; x < DrawnShapes.SIDE * SCALE; x++) {
                    int row = y / SCALE;
                    int column = x / SCALE;
                    picture.setRGB(i * cell + x, y, colour(i, row, column));
                    picture.setRGB(i * cell + x, cell + y, COLOURS[shown(i, row, column)]);
                    picture.setRGB(i * cell + x, 2 * cell + y, COLOURS[found(i, row, column)]);
                }
            }
        }
        ImageIO.write(picture, "png", file.toFile());
    }

    private int colour(int image, int row, int column) {
        int rgb = 0;
        for (int channel = 0; channel < 3; channel++) {
            rgb = rgb << 8 | Math.round(255 * batch.inputs().at(image, channel, row, column));
        }
        return rgb;
    }

    private int shown(int image, int row, int column) {
        return batch.targets().ints()[(image * DrawnShapes.SIDE + row) * DrawnShapes.SIDE + column];
    }

    private int found(int image, int row, int column) {
        int best = 0;
        for (int kind = 1; kind < COLOURS.length; kind++) {
            if (logits.at(image, kind, row, column) > logits.at(image, best, row, column)) {
                best = kind;
            }
        }
        return best;
    }
}
