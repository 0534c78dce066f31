package dev.fluxion.data;

import dev.fluxion.ir.Given;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;

/** Finds the files of a data set in the folder that a user names. */
final class DataFolder {
    private DataFolder() {}

    /**
     * The files, all of them.
     *
     * @param names what they are called
     * @param places where a file of a name may be, within the folder
     * @param looked these places in words, for the message
     */
    static List<Path> find(Path folder, List<String> names, Function<String, List<String>> places, String looked)
            throws DataFileException {
        if (!Files.exists(Given.require("read", "the folder", folder))) {
            throw new DataFileException(folder, Errors.noFolder());
        }
        if (!Files.isDirectory(folder)) {
            throw new DataFileException(folder, Errors.notAFolder());
        }
        List<Path> found = new ArrayList<>();
        List<String> missing = new ArrayList<>();
        for (String name : names) {
            Optional<Path> file = places.apply(name).stream()
                    .map(folder::resolve)
                    .filter(Files::exists)
                    .findFirst();
            file.ifPresentOrElse(found::add, () -> missing.add(name));
        }
        if (!missing.isEmpty()) {
            throw new DataFileException(folder, Errors.lacks(missing, looked));
        }
        return found;
    }
}
