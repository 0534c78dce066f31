package dev.fluxion.files;

import dev.fluxion.data.DataFileException;
import dev.fluxion.ir.Given;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.stream.Stream;

/**
 * Files in a folder for each class, in the order of their names.
 *
 * @param root the folder with the folders
 * @param classes the names of the folders
 * @param files the files, also those in folders within
 * @param labels the class of each file
 */
@SuppressWarnings("ArrayRecordComponent")
record ClassFolders(Path root, List<String> classes, List<Path> files, int[] labels) {
    /** Finds the files with some endings. */
    static ClassFolders find(Path root, List<String> endings) throws DataFileException {
        if (!Files.isDirectory(Given.require("read", "the folder", root))) {
            throw new DataFileException(root, Files.exists(root) ? Errors.notAFolder() : Errors.noFolder());
        }
        try {
            List<Path> folders =
                    listed(root).stream().filter(Files::isDirectory).toList();
            if (folders.isEmpty()) {
                throw new DataFileException(root, Errors.noClasses());
            }
            List<Path> files = new ArrayList<>();
            List<Integer> labels = new ArrayList<>();
            for (Path folder : folders) {
                List<Path> own = within(folder, endings, new HashSet<>(Set.of(root.toRealPath())));
                if (own.isEmpty()) {
                    throw new DataFileException(folder, Errors.noFiles(endings));
                }
                own.forEach(file -> labels.add(folders.indexOf(folder)));
                files.addAll(own);
            }
            return new ClassFolders(
                    root,
                    folders.stream().map(ClassFolders::name).toList(),
                    List.copyOf(files),
                    labels.stream().mapToInt(i -> i).toArray());
        } catch (DataFileException e) {
            throw e;
        } catch (IOException e) {
            throw new DataFileException(root, Errors.unreadable(e), e);
        }
    }

    private static List<Path> listed(Path folder) throws IOException {
        try (Stream<Path> all = Files.list(folder)) {
            return all.filter(path -> !name(path).startsWith("."))
                    .sorted(Comparator.comparing(ClassFolders::name))
                    .toList();
        }
    }

    private static List<Path> within(Path folder, List<String> endings, Set<Path> around) throws IOException {
        Path real = folder.toRealPath();
        if (!around.add(real)) {
            throw new DataFileException(folder, Errors.linkAround());
        }
        List<Path> files = new ArrayList<>();
        for (Path path : listed(folder)) {
            if (Files.isDirectory(path)) {
                files.addAll(within(path, endings, around));
            } else if (endings.stream().anyMatch(name(path).toLowerCase(Locale.ROOT)::endsWith)) {
                files.add(path);
            }
        }
        around.remove(real);
        return files;
    }

    private static String name(Path path) {
        return String.valueOf(path.getFileName());
    }

    /** Some of the files. */
    ClassFolders select(int... numbers) {
        return new ClassFolders(
                root,
                classes,
                Arrays.stream(numbers)
                        .mapToObj(i -> files.get(Given.within("select", "file", i, files.size())))
                        .toList(),
                Arrays.stream(numbers).map(i -> labels[i]).toArray());
    }

    /** A file as it is called within the folder, as {@code cat/7.png}. */
    String name(int index) {
        return root.relativize(files.get(index)).toString().replace('\\', '/');
    }
}
