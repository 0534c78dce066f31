package dev.fluxion.reports;

import dev.fluxion.ir.Given;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;

/** The runs in a folder: {@code System.out.println(Runs.compare(Runs.in(Path.of("runs"))))}. */
public final class Runs {
    private Runs() {}

    /**
     * The runs in the folders of a folder, the first that began first. Folders that have no run are left out.
     *
     * @throws IOException if it is no folder, or a run cannot be read; the message names the file
     */
    public static List<Run> in(Path folder) throws IOException {
        if (!Files.isDirectory(Given.require("in", "the folder", folder))) {
            throw new IOException(Errors.notAFolder(folder));
        }
        List<Run> runs = new ArrayList<>();
        try (Stream<Path> folders = Files.list(folder)) {
            for (Path one : folders.sorted().toList()) {
                if (Files.isRegularFile(one.resolve(Run.FACTS))) {
                    runs.add(Run.read(one));
                }
            }
        }
        runs.sort(Comparator.comparing(Run::started));
        return runs;
    }

    /** What some runs have come to, and in what their configurations differ. */
    public static Comparison compare(List<Run> runs) {
        return new Comparison(runs);
    }
}
