package dev.fluxion.data;

import dev.fluxion.ir.Given;
import dev.fluxion.ir.Shape;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** Reads records of some labels, of which one counts, and 3072 bytes of pixels. */
final class CifarFiles {
    private static final Shape IMAGE = Shape.of(3, 32, 32);
    private static final List<String> PYTHON = List.of("cifar-10-batches-py", "cifar-100-python");
    private static final int MOST_BYTES = Integer.MAX_VALUE - 8;

    private final int labels;
    private final int which;
    private final List<String> classes;

    private CifarFiles(int labels, int which, List<String> classes) {
        this.labels = labels;
        this.which = which;
        this.classes = classes;
    }

    /** Files in a folder, or in the one that the archive makes within. */
    static List<Path> find(Path folder, String within, String... names) throws DataFileException {
        Given.require("read", "the folder", folder);
        return DataFolder.find(
                folder,
                List.of(names),
                name -> List.of(name, within + "/" + name),
                "in it and in a folder " + within + " within" + forPython(folder));
    }

    /** Tells those who have what torchvision fetches that it is another version. */
    private static String forPython(Path folder) {
        return PYTHON.stream().anyMatch(name -> Files.isDirectory(folder.resolve(name))) ? Errors.forPython() : "";
    }

    /**
     * The images of files, one file after the other.
     *
     * @param labels how many labels a record has
     * @param which the one that is the target
     */
    static ImageDataset read(List<Path> files, int labels, int which, List<String> classes) throws DataFileException {
        return new CifarFiles(labels, which, classes).read(files);
    }

    private int record() {
        return labels + IMAGE.size();
    }

    private ImageDataset read(List<Path> files) throws DataFileException {
        long bytes = 0;
        for (Path file : files) {
            bytes += size(file);
            if (bytes > MOST_BYTES) {
                throw new DataFileException(file, Errors.tooManyRecords(bytes));
            }
        }
        int count = (int) (bytes / record());
        if (count == 0) {
            throw new IllegalArgumentException(Errors.emptyDataset());
        }
        byte[] numbers = new byte[count];
        byte[] pixels = new byte[count * IMAGE.size()];
        int at = 0;
        for (Path file : files) {
            int end = at + (int) Math.min(size(file) / record(), count - at);
            read(file, numbers, pixels, at, end);
            at = end;
        }
        return ImageDataset.of(IMAGE, pixels, numbers, classes);
    }

    private void read(Path file, byte[] numbers, byte[] pixels, int from, int to) throws DataFileException {
        try (InputStream in = new BufferedInputStream(Files.newInputStream(file), 1 << 16)) {
            for (int i = from; i < to; i++) {
                byte[] own = in.readNBytes(labels);
                int length = in.readNBytes(pixels, i * IMAGE.size(), IMAGE.size());
                if (own.length < labels || length < IMAGE.size()) {
                    throw new DataFileException(file, Errors.changedWhileRead((long) (to - from) * record()));
                }
                int label = Byte.toUnsignedInt(own[which]);
                if (label >= classes.size()) {
                    throw new DataFileException(file, Errors.labelOutOfRange(i - from, label, classes.size()));
                }
                numbers[i] = (byte) label;
            }
            if (in.read() >= 0) {
                throw new DataFileException(file, Errors.changedWhileRead((long) (to - from) * record()));
            }
        } catch (DataFileException e) {
            throw e;
        } catch (IOException e) {
            throw new DataFileException(file, Errors.unreadable(e), e);
        }
    }

    private long size(Path file) throws DataFileException {
        Idx.requireFile(file);
        try {
            long size = Files.size(file);
            if (size == 0 || size % record() != 0) {
                throw new DataFileException(file, Errors.notWholeRecords(size, record()));
            }
            return size;
        } catch (DataFileException e) {
            throw e;
        } catch (IOException e) {
            throw new DataFileException(file, Errors.unreadable(e), e);
        }
    }
}
