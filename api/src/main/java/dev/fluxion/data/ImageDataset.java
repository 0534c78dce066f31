package dev.fluxion.data;

import dev.fluxion.Tensor;
import dev.fluxion.ir.Given;
import dev.fluxion.ir.Shape;
import java.util.List;
import java.util.stream.IntStream;

/**
 * Labelled images, kept as one byte per channel and pixel and turned into numbers when a batch is asked for. Inputs are
 * float32 images (batch, channels, height, width) with pixels in [0, 1], which is byte / 255; targets are int32 class
 * numbers (batch).
 */
public final class ImageDataset implements Dataset {
    private static final float[] LEVELS = levels();

    private final Shape image;
    private final byte[] pixels;
    private final byte[] labels;
    private final List<String> classes;
    private final int first;
    private final int size;

    private ImageDataset(Shape image, byte[] pixels, byte[] labels, List<String> classes, int first, int size) {
        this.image = image;
        this.pixels = pixels;
        this.labels = labels;
        this.classes = classes;
        this.first = first;
        this.size = size;
    }

    /**
     * Images around arrays, which are not copied.
     *
     * @param image the shape of an image: channels, height, width
     * @param pixels the images one after the other, each row-major in that shape, bytes unsigned
     * @param labels the class number of each image, bytes unsigned
     * @param classes the names of the classes
     * @throws IllegalArgumentException if anything is null, an extent is 0, the pixels are not those of as many images as there are labels,
     *     or a label is not the number of a class
     */
    public static ImageDataset of(Shape image, byte[] pixels, byte[] labels, List<String> classes) {
        Given.require("ImageDataset", "the shape of an image", image);
        Given.require("ImageDataset", "the pixels", pixels);
        Given.require("ImageDataset", "the labels", labels);
        Given.require("ImageDataset", "the names of the classes", classes);
        if (image.rank() != 3 || image.size() == 0) {
            throw new IllegalArgumentException(Errors.notAnImage(image));
        }
        if (pixels.length != (long) labels.length * image.size()) {
            throw new IllegalArgumentException(Errors.wrongPixelCount(image, labels.length, pixels.length));
        }
        int bad = firstOutOfRange(labels, classes.size());
        if (bad >= 0) {
            throw new IllegalArgumentException(
                    Errors.labelOutOfRange(bad, Byte.toUnsignedInt(labels[bad]), classes.size()));
        }
        return new ImageDataset(image, pixels, labels, List.copyOf(classes), 0, labels.length);
    }

    /** The position of the first label that is not the number of a class, or −1. */
    static int firstOutOfRange(byte[] labels, int classes) {
        for (int i = 0; i < labels.length; i++) {
            if (Byte.toUnsignedInt(labels[i]) >= classes) {
                return i;
            }
        }
        return -1;
    }

    @Override
    public int size() {
        return size;
    }

    /** The shape of an image: channels, height, width. */
    public Shape shape() {
        return image;
    }

    /** The number of channels: 1 for grey, 3 for red, green, blue. */
    public int channels() {
        return image.dim(0);
    }

    /** The number of pixels from top to bottom. */
    public int height() {
        return image.dim(1);
    }

    /** The number of pixels from left to right. */
    public int width() {
        return image.dim(2);
    }

    /** The names of the classes, by class number. */
    public List<String> classes() {
        return classes;
    }

    /**
     * The class number of an image.
     *
     * @throws IndexOutOfBoundsException if there is no such image
     */
    public int label(int index) {
        return Byte.toUnsignedInt(labels[first + Given.within("label", "image", index, size)]);
    }

    @Override
    public int[] labels() {
        return IntStream.range(0, size).map(this::label).toArray();
    }

    /**
     * An image alone: channels, height, width, pixels in [0, 1].
     *
     * @throws IndexOutOfBoundsException if there is no such image
     */
    public Tensor image(int index) {
        float[] data = new float[image.size()];
        decode(Given.within("image", "image", index, size), data, 0);
        return Tensor.of(data, image);
    }

    @Override
    public Batch batch(int... indices) {
        Given.require("batch", "the numbers", indices);
        Shape shape = Shape.of(indices.length, channels(), height(), width());
        float[] data = new float[shape.size()];
        int[] targets = new int[indices.length];
        for (int i = 0; i < indices.length; i++) {
            decode(Given.within("batch", "image", indices[i], size), data, i * image.size());
            targets[i] = label(indices[i]);
        }
        return new Batch(Tensor.of(data, shape), Tensor.labels(targets));
    }

    @Override
    public ImageDataset rows(int from, int to) {
        Given.range("rows", from, to, size);
        return new ImageDataset(image, pixels, labels, classes, first + from, to - from);
    }

    @Override
    public ImageDataset take(int count) {
        return rows(0, count);
    }

    /** The size, the shape of an image and the number of classes. */
    @Override
    public String toString() {
        return size + " images of " + image + " in " + classes.size() + " classes";
    }

    private void decode(int index, float[] to, int at) {
        int from = (first + index) * image.size();
        for (int i = 0; i < image.size(); i++) {
            to[at + i] = LEVELS[Byte.toUnsignedInt(pixels[from + i])];
        }
    }

    private static float[] levels() {
        float[] levels = new float[256];
        for (int i = 0; i < levels.length; i++) {
            levels[i] = i / 255f;
        }
        return levels;
    }
}
