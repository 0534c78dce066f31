package dev.fluxion.ffi;

import java.io.IOException;
import java.net.URL;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.bytedeco.dnnl.dnnl_engine;
import org.bytedeco.dnnl.global.dnnl;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Loads the native libraries. No class of the presets is initialised before its library is there: it could not be again. */
final class Loading {
    private static final Logger LOG = LoggerFactory.getLogger(Loading.class);

    private Loading() {}

    static dnnl_engine engine() throws IOException {
        URL home = Libraries.home();
        load(
                0,
                Libraries.of(Preset.JAVACPP, home),
                Libraries.of(Preset.OPENBLAS, home),
                Libraries.of(Preset.OPENCL, home),
                Libraries.of(Preset.DNNL, home));
        KernelCache.limit();
        dnnl_engine engine = new dnnl_engine();
        int status = dnnl.dnnl_engine_create(engine, dnnl.dnnl_cpu, 0);
        if (status != dnnl.dnnl_success) {
            throw new NativeException(Errors.status(status, "the CPU engine"));
        }
        return engine;
    }

    /** @param copy which copy of the files: the JVM lends a file to one class loader only */
    private static void load(int copy, Libraries javacpp, Libraries openblas, Libraries opencl, Libraries dnnl)
            throws IOException {
        Path folder = LibraryFolder.of(distinct(List.of(javacpp, openblas, opencl, dnnl)), copy);
        try {
            openblas.begin(folder);
        } catch (UnsatisfiedLinkError e) {
            if (!LoadFailure.ofAnotherClassLoader(e)) {
                throw e;
            }
            if (copy == 0) {
                LOG.warn(Errors.loadedAgain());
            }
            load(copy + 1, javacpp, openblas, opencl, dnnl);
            return;
        }
        Threads.require(2);
        javacpp.load(folder);
        boolean others = openblas.isLoaded();
        if (!others) {
            OpenBlas.requireRoom();
        }
        openblas.load(folder);
        opencl.load(folder);
        dnnl.load(folder);
        if (!others) {
            OpenBlas.begin();
        }
    }

    /** What several presets want is in the folder once. */
    private static List<Library> distinct(List<Libraries> presets) {
        Map<String, Library> all = new LinkedHashMap<>();
        for (Libraries preset : presets) {
            for (Library library : preset.found()) {
                all.putIfAbsent(library.file(), library);
            }
        }
        return List.copyOf(all.values());
    }
}
