package dev.fluxion.ffi;

import java.io.File;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.net.URL;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Properties;
import org.bytedeco.javacpp.ClassProperties;
import org.bytedeco.javacpp.Loader;
import org.jspecify.annotations.Nullable;

/**
 * The native libraries of a preset that the class path has, which are loaded from a folder of ours.
 *
 * <p>Left alone, JavaCPP unpacks them to a cache that it believes, and searches all paths again for each of its classes. So it is
 * told where they are before any of its classes is initialised, and has nothing left to look for.
 */
final class Libraries {
    /** A package of Java's own has no libraries, which Java finds out without a look at all its modules. */
    private static final String NOWHERE = "/java/lang";

    private static final String PLAIN = System.mapLibraryName("/");
    private static final String PREFIX = PLAIN.substring(0, PLAIN.indexOf('/'));
    private static final String SUFFIX = PLAIN.substring(PLAIN.indexOf('/') + 1);

    private final Preset preset;
    private final List<Library> found;

    private Libraries(Preset preset, List<Library> found) {
        this.preset = preset;
        this.found = found;
    }

    /** Where the class path has the natives of this platform: a URL of a file beside the others. */
    static URL home() {
        URL url = lookUp(PREFIX + Preset.JAVACPP.last() + SUFFIX);
        if (url == null) {
            throw missing(Preset.JAVACPP);
        }
        return url;
    }

    private static @Nullable URL lookUp(String file) {
        ClassLoader loader = Libraries.class.getClassLoader();
        return loader == null ? null : loader.getResource("dev/fluxion/natives/" + Loader.getPlatform() + "/" + file);
    }

    private static UnsatisfiedLinkError missing(Preset preset) {
        return new UnsatisfiedLinkError("no " + preset.last() + " in the class path");
    }

    /** What a preset wants loaded, in this order, as far as it is beside {@code home}. */
    static Libraries of(Preset preset, URL home) throws IOException {
        List<Library> found = new ArrayList<>();
        for (String name : preset.names()) {
            Library library = find(name, home);
            if (library != null) {
                found.add(library);
            }
        }
        if (found.isEmpty() || !found.get(found.size() - 1).name().equals(preset.last())) {
            throw missing(preset);
        }
        return new Libraries(preset, List.copyOf(found));
    }

    private static @Nullable Library find(String name, URL home) throws IOException {
        String[] names = name.split("#", -1);
        List<String> sources = fileNames(names[0]);
        List<String> targets = fileNames(names[names.length - 1]);
        for (int i = 0; i < sources.size(); i++) {
            Library library = find(name, sources.get(i), targets.get(i), home);
            if (library != null) {
                return library;
            }
        }
        return null;
    }

    /** Null where there is none: another platform has it, or calls it otherwise. An image of the JDK says so by any exception. */
    private static @Nullable Library find(String name, String source, String target, URL home) throws IOException {
        try {
            return Library.of(name, target, new URL(home, source));
        } catch (FileNotFoundException e) {
            return null;
        } catch (IOException e) {
            if (lookUp(source) == null) {
                return null;
            }
            throw e;
        }
    }

    /** How Linux, macOS and Windows call the library {@code name@version}. */
    private static List<String> fileNames(String name) {
        int at = name.indexOf('@');
        if (at < 0) {
            return List.of(PREFIX + name + SUFFIX);
        }
        String bare = PREFIX + name.substring(0, at);
        String version = name.substring(at + 1);
        return List.of(bare + SUFFIX + version, bare + version + SUFFIX, bare + SUFFIX);
    }

    List<Library> found() {
        return found;
    }

    private Library last() {
        return found.get(found.size() - 1);
    }

    /** Whether the preset is in use already, by us or by anybody else. */
    boolean isLoaded() {
        return isLoaded(last());
    }

    private static boolean isLoaded(Library library) {
        return Loader.getLoadedLibraries().containsKey(library.loadedAs());
    }

    /**
     * Loads the first library that Java does not call, which shows whether the folder can be had. On Linux it is GCC's, which the loader
     * of musl refuses with an error; others, such as libquadmath, end the process there.
     */
    void begin(Path folder) throws IOException {
        if (found.size() > 1) {
            loadPlain(found.get(0), folder);
        }
    }

    /**
     * Loads what is not loaded yet, and tells JavaCPP where it is. JavaCPP's own class loader owns the libraries, whoever asks.
     */
    void load(Path folder) throws IOException {
        for (Library library : found.subList(0, found.size() - 1)) {
            loadPlain(library, folder);
        }
        if (!isLoaded()) {
            requireFrom(folder, last(), announce(folder));
        }
    }

    private static void loadPlain(Library library, Path folder) throws IOException {
        if (!isLoaded(library)) {
            URL[] places = {folder.resolve(library.file()).toUri().toURL()};
            try {
                requireFrom(folder, library, Loader.loadLibrary(Loader.class, places, library.name()));
            } catch (UnsatisfiedLinkError e) {
                throw first(e);
            }
        }
    }

    /**
     * Loads the last library as JavaCPP would, which then remembers where they all are, and which are nowhere. It happens before the
     * first class of the preset asks, and for a platform that no jar has, so that JavaCPP looks into the folder and nowhere else. The
     * class is one of JavaCPP's that asks for nothing itself.
     */
    private String announce(Path folder) {
        Properties places = new Properties();
        places.putAll(Loader.loadProperties());
        places.setProperty("platform", NOWHERE);
        places.setProperty("platform.preloadpath", folder.toString());
        places.setProperty("platform.library", preset.last());
        List<String> others = preset.names().subList(0, preset.names().size() - 1);
        places.setProperty("platform.preload", String.join(File.pathSeparator, others));
        try {
            return Loader.load(ClassProperties.class, places, false);
        } catch (UnsatisfiedLinkError e) {
            throw first(e);
        }
    }

    /** JavaCPP tries other ways after the first has failed. */
    private static UnsatisfiedLinkError first(UnsatisfiedLinkError failure) {
        return failure.getCause() instanceof UnsatisfiedLinkError cause ? cause : failure;
    }

    private static void requireFrom(Path folder, Library library, String loaded) {
        String expected = folder.resolve(library.file()).toString();
        if (!expected.equals(loaded)) {
            throw new UnsatisfiedLinkError(expected + " did not load, but " + loaded);
        }
    }
}
