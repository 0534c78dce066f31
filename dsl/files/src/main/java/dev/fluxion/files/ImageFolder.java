package dev.fluxion.files;

import dev.fluxion.Tensor;
import dev.fluxion.data.Batch;
import dev.fluxion.data.DataFileException;
import dev.fluxion.data.Dataset;
import dev.fluxion.ir.Given;
import dev.fluxion.ir.Shape;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;

/**
 * Images in a folder for each class: {@code ImageFolder.of(Path.of("photos"), 64, 64)} of {@code photos/cat/1.jpg},
 * {@code photos/dog/7.png} and so on. Inputs are (batch, 3, height, width) with red, green and blue in [0, 1], targets the numbers of the
 * classes in the order of their names. A file is read whenever its image is asked for, so prefetch in training.
 *
 * <p>Images of any size are scaled until they cover the one that is asked for, and their middle is taken; transparency is left out.
 * Colours are the numbers of the file: a profile or a note of the camera's rotation changes nothing.
 */
public final class ImageFolder implements Dataset {
    private static final List<String> ENDINGS = List.of(".png", ".jpg", ".jpeg");

    private final ClassFolders folders;
    private final ImageReading reading;

    private ImageFolder(ClassFolders folders, ImageReading reading) {
        this.folders = folders;
        this.reading = reading;
    }

    /**
     * The PNG and JPEG files of folders and those within, in the order of their names. No image is read yet.
     *
     * @param height the height of the images that are made
     * @param width the width
     * @throws DataFileException if there is no such folder, none within, or no image in one
     */
    public static ImageFolder of(Path folder, int height, int width) throws DataFileException {
        Errors.requireAtLeast("ImageFolder", "the height", 1, height);
        Errors.requireAtLeast("ImageFolder", "the width", 1, width);
        return new ImageFolder(ClassFolders.find(folder, ENDINGS), new ImageReading(height, width, 3, false));
    }

    /** This with grey images of one channel. */
    public ImageFolder grey() {
        return new ImageFolder(folders, new ImageReading(reading.height(), reading.width(), 1, reading.stretched()));
    }

    /** This with images that are stretched to the size, so that nothing is cut off. */
    public ImageFolder stretched() {
        return new ImageFolder(folders, new ImageReading(reading.height(), reading.width(), reading.channels(), true));
    }

    /** The names of the classes, which are those of the folders. */
    public List<String> classes() {
        return folders.classes();
    }

    @Override
    public int size() {
        return folders.files().size();
    }

    @Override
    public int[] labels() {
        return folders.labels().clone();
    }

    /** The file within the folder, as {@code cat/1.jpg}. */
    @Override
    public String name(int index) {
        return folders.name(Given.within("name", "image", index, size()));
    }

    @Override
    public ImageFolder select(int... indices) {
        return new ImageFolder(folders.select(Given.require("select", "the numbers", indices)), reading);
    }

    /**
     * Reads images.
     *
     * @throws UncheckedIOException with a {@link DataFileException} if one is no image that can be read
     */
    @Override
    public Batch batch(int... indices) {
        int[] all = Given.require("batch", "the numbers", indices);
        Shape shape = Shape.of(all.length, reading.channels(), reading.height(), reading.width());
        float[] pixels = new float[shape.size()];
        for (int i = 0; i < all.length; i++) {
            Path file = folders.files().get(Given.within("batch", "image", all[i], size()));
            try {
                reading.read(file, pixels, i * shape.without(0).size());
            } catch (DataFileException e) {
                throw new UncheckedIOException(e.getMessage(), e);
            }
        }
        return new Batch(
                Tensor.of(pixels, shape),
                Tensor.labels(Arrays.stream(all).map(i -> folders.labels()[i]).toArray()));
    }

    /** The number of images and the classes. */
    @Override
    public String toString() {
        return size() + " images of " + classes();
    }
}
