package dev.fluxion.data;

import dev.fluxion.ir.Given;
import dev.fluxion.ir.Shape;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * Reads CIFAR-10 in its binary version: records of a label and 3072 bytes of pixels, first all red, then all green, then
 * all blue ones. Photographs of ten kinds of things by Krizhevsky, Nair and Hinton: 50,000 images to learn from and
 * 10,000 to test with, 3×32×32.
 */
public final class Cifar10 {
    private static final String FOLDER = "cifar-10-batches-bin";
    private static final Shape IMAGE = Shape.of(3, 32, 32);
    private static final int RECORD = 1 + 3 * 32 * 32;
    private static final int MOST_BYTES = Integer.MAX_VALUE - 8;
    private static final List<String> CLASSES =
            List.of("airplane", "automobile", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "truck");

    private Cifar10() {}

    /**
     * The images to learn from: {@code data_batch_1.bin} to {@code data_batch_5.bin}.
     *
     * @param folder the folder with the files, or the one that has {@code cifar-10-batches-bin} in it
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
     * @param folder the folder with the file, or the one that has {@code cifar-10-batches-bin} in it
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
        long bytes = 0;
        for (Path file : Given.require("Cifar10", "the list of files", files)) {
            bytes += size(file);
            if (bytes > MOST_BYTES) {
                throw new DataFileException(file, Errors.tooManyRecords(bytes));
            }
        }
        int count = (int) (bytes / RECORD);
        if (count == 0) {
            throw new IllegalArgumentException(Errors.emptyDataset());
        }
        byte[] labels = new byte[count];
        byte[] pixels = new byte[count * IMAGE.size()];
        int at = 0;
        for (Path file : files) {
            int end = at + (int) Math.min(size(file) / RECORD, count - at);
            read(file, labels, pixels, at, end);
            at = end;
        }
        return ImageDataset.of(IMAGE, pixels, labels, CLASSES);
    }

    private static void read(Path file, byte[] labels, byte[] pixels, int from, int to) throws DataFileException {
        try (InputStream in = new BufferedInputStream(Files.newInputStream(file), 1 << 16)) {
            for (int i = from; i < to; i++) {
                int label = in.read();
                int length = in.readNBytes(pixels, i * IMAGE.size(), IMAGE.size());
                if (label < 0 || length < IMAGE.size()) {
                    throw new DataFileException(file, Errors.changedWhileRead((long) (to - from) * RECORD));
                }
                if (label >= CLASSES.size()) {
                    throw new DataFileException(file, Errors.labelOutOfRange(i - from, label, CLASSES.size()));
                }
                labels[i] = (byte) label;
            }
            if (in.read() >= 0) {
                throw new DataFileException(file, Errors.changedWhileRead((long) (to - from) * RECORD));
            }
        } catch (DataFileException e) {
            throw e;
        } catch (IOException e) {
            throw new DataFileException(file, Errors.unreadable(e), e);
        }
    }

    private static long size(Path file) throws DataFileException {
        Idx.requireFile(file);
        try {
            long size = Files.size(file);
            if (size == 0 || size % RECORD != 0) {
                throw new DataFileException(file, Errors.notWholeRecords(size, RECORD));
            }
            return size;
        } catch (DataFileException e) {
            throw e;
        } catch (IOException e) {
            throw new DataFileException(file, Errors.unreadable(e), e);
        }
    }

    private static List<Path> find(Path folder, String... names) throws DataFileException {
        return DataFolder.find(
                folder,
                List.of(names),
                name -> List.of(name, FOLDER + "/" + name),
                "in it and in a folder " + FOLDER + " within");
    }
}
