package dev.fluxion.files;

import dev.fluxion.Tensor;
import dev.fluxion.data.DataFileException;
import dev.fluxion.ir.Given;
import java.nio.file.Path;

/** Single images: {@code model.predict(ImageFiles.read(Path.of("seven.png"), 1, 28, 28))}. {@link ImageFolder} has whole folders. */
public final class ImageFiles {
    private ImageFiles() {}

    /**
     * A PNG or JPEG file as a batch of one, (1, channels, height, width) in [0, 1]. An image of another size is scaled until it covers the
     * one that is asked for, and its middle is taken; transparency is left out.
     *
     * @param channels 3 for red, green and blue, 1 for grey
     * @throws DataFileException if it is no image that can be read
     */
    public static Tensor read(Path file, int channels, int height, int width) throws DataFileException {
        Given.require("ImageFiles", "the file", file);
        if (channels != 1 && channels != 3) {
            throw new IllegalArgumentException(Errors.badChannels(channels));
        }
        Errors.requireAtLeast("ImageFiles", "the height", 1, height);
        Errors.requireAtLeast("ImageFiles", "the width", 1, width);
        float[] pixels = new float[Math.multiplyExact(channels, Math.multiplyExact(height, width))];
        new ImageReading(height, width, channels, false).read(file, pixels, 0);
        return Tensor.of(pixels, 1, channels, height, width);
    }
}
