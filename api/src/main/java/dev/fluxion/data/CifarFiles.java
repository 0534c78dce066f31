package dev.fluxion.data;

import dev.fluxion.ir.Given;
import dev.fluxion.ir.Shape;
import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** Reads records of some labels, of which one counts, and 3072 bytes of pixels. */
final class CifarFiles {
    private static final Shape IMAGE = Shape.of(3, 32, 32);
    private static final int MOST_BYTES = Integer.MAX_VALUE - 8;

    private final int labels;
    private final int which;
    private final List<String> classes;

    private CifarFiles(int labels, int which, List<String> classes) {
        this.labels = labels;
        this.which = which;
        this.classes = classes;
    }

    /** Files in a folder, or in the one that the archive makes within: those of the binary version, or of that for Python. */
    static List<Path> find(Path folder, String binary, String python, String... names) throws DataFileException {
        Given.require("read", "the folder", folder);
        return DataFolder.find(
                folder,
                List.of(names),
                name -> {
                    String plain = name.replace(".bin", "");
                    return List.of(name, binary + "/" + name, plain, python + "/" + plain);
                },
                "in it and in folders " + binary + " and " + python + " within");
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
        if (!files.isEmpty() && isPickle(files.get(0))) {
            return pickled(files);
        }
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

    private static boolean isPickle(Path file) throws DataFileException {
        Idx.requireFile(file);
        try {
            return CifarPickle.is(file);
        } catch (IOException e) {
            throw new DataFileException(file, Errors.unreadable(e), e);
        }
    }

    /** The images of the version for Python, whose files have the same bytes in another wrapping. */
    private ImageDataset pickled(List<Path> files) throws DataFileException {
        ByteArrayOutputStream numbers = new ByteArrayOutputStream();
        ByteArrayOutputStream pixels = new ByteArrayOutputStream();
        for (Path file : files) {
            Idx.requireFile(file);
            try {
                CifarPickle.Content content = CifarPickle.read(file, labelKey(), IMAGE.size());
                if ((long) pixels.size() + content.pixels().remaining() > MOST_BYTES) {
                    throw new DataFileException(
                            file,
                            Errors.tooManyRecords(
                                    (long) pixels.size() + content.pixels().remaining()));
                }
                for (int label : content.labels()) {
                    if (label < 0 || label >= classes.size()) {
                        throw new DataFileException(
                                file, Errors.labelOutOfRange(numbers.size(), label, classes.size()));
                    }
                    numbers.write(label);
                }
                ByteBuffer bytes = content.pixels();
                pixels.write(bytes.array(), bytes.arrayOffset(), bytes.remaining());
            } catch (DataFileException e) {
                throw e;
            } catch (IOException e) {
                throw new DataFileException(file, Errors.unreadable(e), e);
            }
        }
        if (numbers.size() == 0) {
            throw new DataFileException(files.get(0), Errors.noPickle("it has no images"));
        }
        return ImageDataset.of(IMAGE, pixels.toByteArray(), numbers.toByteArray(), classes);
    }

    /** What the labels are called in the version for Python. */
    private String labelKey() {
        return labels == 1 ? "labels" : which == 0 ? "coarse_labels" : "fine_labels";
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
