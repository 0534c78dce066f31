package dev.fluxion.serving;

import dev.fluxion.ir.Given;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A folder of files that {@link dev.fluxion.dsl.train.Model#export} wrote, from which the clients of a server may load models:
 * {@code digits.fluxion} is version 1 of {@code digits}, {@code digits/7.fluxion} is version 7.
 *
 * @param folder the folder
 * @param batching how requests for its models are put together
 */
public record Repository(Path folder, Batching batching) {
    private static final Pattern FILE = Pattern.compile("(.+)\\.fluxion");
    private static final Logger LOG = LoggerFactory.getLogger(Repository.class);
    private static final Pattern VERSION = Pattern.compile("([0-9]{1,18})\\.fluxion");

    /** Checks that both are there, and that the folder is one. */
    public Repository {
        if (!Files.isDirectory(Given.require("Repository", "the folder", folder))) {
            throw new IllegalArgumentException(Errors.noFolder(folder));
        }
        Given.require("Repository", "the options", batching);
    }

    /** A folder, with the default options. */
    public static Repository of(Path folder) {
        return new Repository(folder, Batching.defaults());
    }

    /** Other options. */
    public Repository batching(Batching options) {
        return new Repository(folder, options);
    }

    /**
     * A file with a version of a model.
     *
     * @param name what the model is called
     * @param version its version
     * @param file the file
     */
    public record Entry(String name, String version, Path file) {}

    /** What there is, names and versions in order. Folders in it that cannot be read, such as {@code lost+found}, are left out. */
    public List<Entry> entries() {
        List<Entry> found = new ArrayList<>();
        for (Path path : list(folder)) {
            String name = path.getFileName().toString();
            Matcher file = FILE.matcher(name);
            if (Files.isDirectory(path)) {
                found.addAll(versions(name, path));
            } else if (file.matches()) {
                found.add(new Entry(file.group(1), "1", path));
            }
        }
        found.sort(Comparator.comparing(Entry::name).thenComparing(entry -> Long.parseLong(entry.version())));
        return found;
    }

    /** The versions of a model in a folder of its own; none if it cannot be read. */
    static List<Entry> versions(String name, Path inner) {
        List<Entry> found = new ArrayList<>();
        try {
            for (Path file : list(inner)) {
                Matcher version = VERSION.matcher(file.getFileName().toString());
                if (version.matches()) {
                    found.add(new Entry(name, version.group(1), file));
                }
            }
        } catch (UncheckedIOException e) {
            LOG.debug(Errors.notListed(inner), e);
        }
        return found;
    }

    /** The latest version of a model. */
    public Optional<Entry> latest(String name) {
        return entries().stream().filter(entry -> entry.name().equals(name)).reduce((one, later) -> later);
    }

    /** Where a model is loaded from. */
    public Source source(Entry entry) {
        return Source.of(entry.file()).batching(batching);
    }

    private static List<Path> list(Path where) {
        try (Stream<Path> paths = Files.list(where)) {
            return paths.toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
