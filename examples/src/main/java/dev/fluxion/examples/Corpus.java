package dev.fluxion.examples;

import dev.fluxion.Tensor;
import dev.fluxion.data.Batch;
import dev.fluxion.data.Dataset;
import dev.fluxion.ir.Shape;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.MalformedInputException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/** A text in pieces of equal length, each with the characters that follow, and the characters that it has. */
final class Corpus {
    private static final int MOST = 4_000_000;
    private static final double UNSEEN = 0.02;

    private final String name;
    private final String text;
    private final String characters;
    private final int length;

    private Corpus(String name, String text, int length) {
        this.name = name;
        this.text = text;
        this.length = length;
        StringBuilder found = new StringBuilder();
        text.chars().distinct().sorted().forEach(c -> found.append((char) c));
        this.characters = found.toString();
    }

    /** The Java source in a folder and the folders in it, but for what a build made and hidden ones. */
    static Corpus read(Path folder, int length) throws IOException {
        if (!Files.isDirectory(folder)) {
            throw new NoSuchFileException(folder.toString(), null, "no such folder");
        }
        StringBuilder text = new StringBuilder();
        List<Path> files;
        try (Stream<Path> all = Files.walk(folder)) {
            files = all.filter(file -> isSource(folder.relativize(file)))
                    .sorted()
                    .toList();
        } catch (UncheckedIOException e) {
            throw e.getCause();
        }
        for (Path file : files) {
            try {
                text.append(Files.readString(file)).append('\n');
            } catch (MalformedInputException e) {
                throw new IOException(file + ": the file is not UTF-8", e);
            }
        }
        if (text.length() < 4 * length) {
            throw new IOException(
                    folder + ": expected at least " + 4 * length + " characters of Java source (*.java) but found "
                            + text.length() + " in " + files.size() + " files; --source=DIR names another folder");
        }
        text.setLength(Math.min(text.length(), MOST));
        return new Corpus(files.size() + " files in " + folder, text.toString(), length);
    }

    private static boolean isSource(Path file) {
        boolean made =
                Stream.of("/target/", "/.").anyMatch(("/" + file.toString().replace('\\', '/'))::contains);
        return !made && file.toString().endsWith(".java");
    }

    /** How many different characters there are. */
    int characters() {
        return characters.length();
    }

    char character(int id) {
        return characters.charAt(id);
    }

    /** The ids of the characters of a text. */
    int[] ids(String some) {
        if (some.isEmpty()) {
            throw new IllegalArgumentException("the prompt must have a character to begin with");
        }
        return some.chars()
                .map(c -> {
                    int id = characters.indexOf(c);
                    if (id < 0) {
                        throw new IllegalArgumentException(
                                "the prompt has the character '" + (char) c + "', which the source has not");
                    }
                    return id;
                })
                .toArray();
    }

    /** The pieces to learn from. */
    Dataset seen() {
        return pieces().rows(0, size() - unseenPieces());
    }

    /** The last pieces, to test with. */
    Dataset unseen() {
        return pieces().rows(size() - unseenPieces(), size());
    }

    private int size() {
        return (text.length() - 1) / length;
    }

    private int unseenPieces() {
        return Math.max(1, (int) (UNSEEN * size()));
    }

    private Dataset pieces() {
        int[] all = ids(text);
        return new Dataset() {
            @Override
            public int size() {
                return Corpus.this.size();
            }

            @Override
            public Batch batch(int... indices) {
                return new Batch(part(all, 0, indices), part(all, 1, indices));
            }
        };
    }

    private Tensor part(int[] all, int ahead, int... indices) {
        int[] ids = new int[indices.length * length];
        for (int i = 0; i < indices.length; i++) {
            System.arraycopy(all, indices[i] * length + ahead, ids, i * length, length);
        }
        return Tensor.of(ids, Shape.of(indices.length, length));
    }

    /** What it was made of. */
    @Override
    public String toString() {
        return String.format("%s: %,d characters, %d different ones", name, text.length(), characters.length());
    }
}
