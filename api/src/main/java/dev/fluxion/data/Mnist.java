package dev.fluxion.data;

import dev.fluxion.ir.Given;
import dev.fluxion.ir.Shape;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/**
 * Reads MNIST and other sets of grey images in its format: an IDX file of images and one of labels, each plain or
 * compressed with gzip, in one member or several, which is told from the content. Handwritten digits by LeCun, Cortes and Burges: 60,000 images to
 * learn from and 10,000 to test with, 1×28×28.
 */
public final class Mnist {
    private static final List<String> DIGITS = List.of("0", "1", "2", "3", "4", "5", "6", "7", "8", "9");

    private Mnist() {}

    /**
     * The images to learn from: {@code train-images-idx3-ubyte} and {@code train-labels-idx1-ubyte} in a folder, with or
     * without {@code .gz}, also spelled {@code train-images.idx3-ubyte}, or in {@code MNIST/raw} within, as torchvision has them.
     *
     * @throws DataFileException if a file is missing or not what it should be
     */
    public static ImageDataset train(Path folder) throws DataFileException {
        return find(folder, "train");
    }

    /**
     * The images to test with: {@code t10k-images-idx3-ubyte} and {@code t10k-labels-idx1-ubyte} in a folder, spelled as
     * for {@link #train}.
     *
     * @throws DataFileException if a file is missing or not what it should be
     */
    public static ImageDataset test(Path folder) throws DataFileException {
        return find(folder, "t10k");
    }

    /**
     * Images of digits from any two files.
     *
     * @throws DataFileException if a file is missing or not what it should be
     */
    public static ImageDataset read(Path images, Path labels) throws DataFileException {
        return read(images, labels, DIGITS);
    }

    /**
     * Images of other things from any two files.
     *
     * @param images an IDX file of three axes: number, height, width
     * @param labels an IDX file of one axis
     * @param classes the names of the classes, by label
     * @throws DataFileException if a file is missing, is cut short or longer than its header says, holds a label that is
     *     not the number of a class, or if there are not as many labels as images
     */
    public static ImageDataset read(Path images, Path labels, List<String> classes) throws DataFileException {
        Given.require("Mnist", "the file of images", images);
        Given.require("Mnist", "the file of labels", labels);
        Given.require("Mnist", "the names of the classes", classes);
        Idx label = Idx.open(labels, 1);
        Idx image = Idx.open(images, 3);
        if (image.count() != label.count()) {
            throw new DataFileException(images, Errors.countsDisagree(image.count(), labels, label.count()));
        }
        byte[] numbers = label.data();
        int bad = ImageDataset.firstOutOfRange(numbers, classes.size());
        if (bad >= 0) {
            throw new DataFileException(
                    labels, Errors.labelOutOfRange(bad, Byte.toUnsignedInt(numbers[bad]), classes.size()));
        }
        Shape shape = Shape.of(1, image.dims()[1], image.dims()[2]);
        return ImageDataset.of(shape, image.data(), numbers, classes);
    }

    private static ImageDataset find(Path folder, String set) throws DataFileException {
        return find(folder, set, "MNIST", DIGITS);
    }

    /**
     * Images in a folder, or in the folders that torchvision makes within.
     *
     * @param torchvision how torchvision calls the data set
     */
    static ImageDataset find(Path folder, String set, String torchvision, List<String> classes)
            throws DataFileException {
        List<String> names = List.of(set + "-images-idx3-ubyte", set + "-labels-idx1-ubyte");
        List<Path> files = DataFolder.find(
                folder,
                names,
                name -> Stream.of(torchvision + "/raw/", "raw/", "")
                        .flatMap(within -> spellings(name).stream().map(spelling -> within + spelling))
                        .toList(),
                "with - or . before idx, plain or as .gz, in it, in raw and in " + torchvision + "/raw");
        return read(files.get(0), files.get(1), classes);
    }

    private static List<String> spellings(String name) {
        String dotted = name.replace("-idx", ".idx");
        return List.of(name, name + ".gz", dotted, dotted + ".gz");
    }
}
