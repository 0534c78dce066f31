package dev.fluxion.ffi;

import java.io.File;
import java.io.IOException;
import java.net.URL;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Properties;
import org.bytedeco.javacpp.ClassProperties;
import org.bytedeco.javacpp.Loader;

/**
 * Finds the native libraries on the class path and loads them from a folder of ours.
 *
 * <p>Left alone, JavaCPP unpacks them to a cache that it believes, and searches all paths again for each of its classes. So it is
 * told where they are before any of its classes is initialised, and has nothing left to look for.
 */
final class Libraries {
    private Libraries() {}

    /** What a preset wants loaded, in this order, as far as its jar has it; the last is the library that Java calls. */
    static List<Library> of(Class<?> preset) throws IOException {
        ClassProperties wanted = Loader.loadProperties(preset, Loader.loadProperties(), true);
        List<String> names = new ArrayList<>(wanted.get("platform.preload"));
        names.addAll(wanted.get("platform.link"));
        String last = wanted.getProperty("platform.library");
        names.add(last);
        List<Library> found = new ArrayList<>();
        String folder = "/dev/fluxion/natives/" + Loader.getPlatform() + "/";
        for (String name : names) {
            find(found, preset, folder, name, wanted);
        }
        if (found.isEmpty() || !found.get(found.size() - 1).name().equals(last)) {
            throw new UnsatisfiedLinkError("no " + last + " in the class path");
        }
        return found;
    }

    private static void find(
            List<Library> found, Class<?> preset, String folder, String name, ClassProperties properties)
            throws IOException {
        String[] names = name.split("#", -1);
        List<String> sources = fileNames(names[0], properties);
        List<String> targets = fileNames(names[names.length - 1], properties);
        for (int i = 0; i < sources.size(); i++) {
            URL resource = Loader.findResource(preset, folder + sources.get(i));
            if (resource != null) {
                found.add(Library.of(name, targets.get(i), resource));
                return;
            }
        }
    }

    /** How Linux, macOS and Windows call the library {@code name@version}. */
    private static List<String> fileNames(String name, ClassProperties properties) {
        int at = name.indexOf('@');
        String prefix = properties.getProperty("platform.library.prefix", "");
        String suffix = properties.getProperty("platform.library.suffix", "");
        if (at < 0) {
            return List.of(prefix + name + suffix);
        }
        String bare = prefix + name.substring(0, at);
        String version = name.substring(at + 1);
        return List.of(bare + suffix + version, bare + version + suffix, bare + suffix);
    }

    /** Whether the preset is in use already, by us or by anybody else. */
    static boolean isLoaded(List<Library> libraries) {
        return isLoaded(libraries.get(libraries.size() - 1));
    }

    private static boolean isLoaded(Library library) {
        return Loader.getLoadedLibraries().containsKey(library.loadedAs());
    }

    /** Loads the first library that Java does not call, which shows whether the folder can be had. */
    static void begin(List<Library> libraries, Path folder) throws IOException {
        if (libraries.size() > 1) {
            loadPlain(libraries.get(0), folder);
        }
    }

    /**
     * Loads what is not loaded yet, and tells JavaCPP where it is. JavaCPP's own class loader owns the libraries, whoever asks.
     *
     * @param libraries those of one preset
     */
    static void load(List<Library> libraries, Path folder) throws IOException {
        for (Library library : libraries.subList(0, libraries.size() - 1)) {
            loadPlain(library, folder);
        }
        Library last = libraries.get(libraries.size() - 1);
        if (!isLoaded(last)) {
            requireFrom(folder, last, announce(libraries, folder));
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
     * Loads the last library as JavaCPP would, which then remembers where they all are. It happens before the first class of
     * the preset asks, and for a platform that no jar has, so that JavaCPP looks into the folder and nowhere else. The class is
     * one of JavaCPP's that asks for nothing itself.
     */
    private static String announce(List<Library> libraries, Path folder) {
        Properties places = new Properties();
        places.putAll(Loader.loadProperties());
        places.setProperty("platform", "fluxion");
        places.setProperty("platform.preloadpath", folder.toString());
        List<String> names = new ArrayList<>();
        for (Library library : libraries) {
            names.add(library.name());
        }
        places.setProperty("platform.library", names.remove(names.size() - 1));
        places.setProperty("platform.preload", String.join(File.pathSeparator, names));
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
