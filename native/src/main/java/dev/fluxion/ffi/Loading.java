package dev.fluxion.ffi;

import java.io.IOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.bytedeco.dnnl.dnnl_engine;
import org.bytedeco.dnnl.global.dnnl;
import org.bytedeco.javacpp.Pointer;
import org.bytedeco.openblas.global.openblas_nolapack;
import org.bytedeco.opencl.global.OpenCL;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Loads the native libraries. No class of the presets is initialised before its library is there: it could not be again. */
final class Loading {
    private static final Logger LOG = LoggerFactory.getLogger(Loading.class);

    private Loading() {}

    static dnnl_engine engine() throws IOException {
        load(
                0,
                Libraries.of(Pointer.class),
                Libraries.of(openblas_nolapack.class),
                Libraries.of(OpenCL.class),
                Libraries.of(dnnl.class));
        KernelCache.limit();
        dnnl_engine engine = new dnnl_engine();
        int status = dnnl.dnnl_engine_create(engine, dnnl.dnnl_cpu, 0);
        if (status != dnnl.dnnl_success) {
            throw new NativeException(Errors.status(status, "the CPU engine"));
        }
        return engine;
    }

    /** @param copy which copy of the files: the JVM lends a file to one class loader only */
    private static void load(
            int copy, List<Library> javacpp, List<Library> openblas, List<Library> opencl, List<Library> dnnl)
            throws IOException {
        Path folder = LibraryFolder.of(distinct(List.of(javacpp, openblas, opencl, dnnl)), copy);
        try {
            Libraries.begin(openblas, folder);
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
        Libraries.load(javacpp, folder);
        boolean others = Libraries.isLoaded(openblas);
        if (!others) {
            OpenBlas.requireRoom();
        }
        Libraries.load(openblas, folder);
        Libraries.load(opencl, folder);
        Libraries.load(dnnl, folder);
        if (!others) {
            OpenBlas.begin();
        }
    }

    /** What several presets want is in the folder once. */
    private static List<Library> distinct(List<List<Library>> parts) {
        Map<String, Library> all = new LinkedHashMap<>();
        parts.forEach(part -> part.forEach(library -> all.putIfAbsent(library.file(), library)));
        return List.copyOf(all.values());
    }
}
