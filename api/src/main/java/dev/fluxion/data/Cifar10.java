package dev.fluxion.data;

import dev.fluxion.ir.Given;
import java.nio.file.Path;
import java.util.List;

/**
 * Reads CIFAR-10 in its binary version, records of a label and 3072 bytes of pixels, first all red, then all green, then
 * all blue ones, or in its version for Python, as torchvision fetches it. Photographs of ten kinds of things by Krizhevsky, Nair and Hinton: 50,000 images to learn from and
 * 10,000 to test with, 3×32×32.
 */
public final class Cifar10 {
    private static final String FOLDER = "cifar-10-batches-bin";
    private static final String PYTHON = "cifar-10-batches-py";
    private static final List<String> CLASSES =
            List.of("airplane", "automobile", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "truck");

    private Cifar10() {}

    /**
     * The images to learn from: {@code data_batch_1.bin} to {@code data_batch_5.bin}.
     *
     * @param folder the folder with the files, or the one that has {@code cifar-10-batches-bin} or {@code
     *     cifar-10-batches-py} in it
     * @throws DataFileException if a file is missing or not what it should be
     */
    public static ImageDataset train(Path folder) throws DataFileException {
        return read(find(
                folder,
                "data_batch_1.bin",
                "data_batch_2.bin",
                "data_batch_3.bin",
                "data_batch_4.bin",
                "data_batch_5.bin"));
    }

    /**
     * The images to test with: {@code test_batch.bin}.
     *
     * @param folder the folder with the file, or the one that has {@code cifar-10-batches-bin} or {@code
     *     cifar-10-batches-py} in it
     * @throws DataFileException if the file is missing or not what it should be
     */
    public static ImageDataset test(Path folder) throws DataFileException {
        return read(find(folder, "test_batch.bin"));
    }

    /**
     * The images of some files, one file after the other.
     *
     * @throws DataFileException if a file is missing, is not one or more whole records, or holds a label above 9
     * @throws IllegalArgumentException if there is no file
     */
    public static ImageDataset read(List<Path> files) throws DataFileException {
        return CifarFiles.read(Given.require("Cifar10", "the list of files", files), 1, 0, CLASSES);
    }

    private static List<Path> find(Path folder, String... names) throws DataFileException {
        return CifarFiles.find(folder, FOLDER, PYTHON, names);
    }
}
