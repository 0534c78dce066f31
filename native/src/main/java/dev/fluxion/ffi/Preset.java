package dev.fluxion.ffi;

import java.util.List;

/**
 * The bindings of JavaCPP that are used, with the libraries that each asks for, on one platform or another, in its order. The last
 * one is that which Java calls. JavaCPP would read the names from annotations, which takes a new process longer than a prediction.
 */
enum Preset {
    JAVACPP("jnijavacpp"),
    OPENBLAS(
            "gcc_s@.1.1",
            "gcc_s@.1",
            "quadmath@.0",
            "gfortran@.5",
            "gfortran@.4",
            "gfortran@.3",
            "openblas@.0#openblas_nolapack@.0",
            "libopenblas#libopenblas_nolapack",
            "openblas_nolapack@.0",
            "jniopenblas_nolapack"),
    OPENCL("OpenCL@.1", "jniOpenCL"),
    DNNL("gomp@.1", "iomp5", "omp", "tbb@.2", "OpenCL@.1", "dnnl@.3", "jnidnnl");

    private final List<String> names;

    Preset(String... names) {
        this.names = List.of(names);
    }

    /** What JavaCPP calls them: {@code library@version}, or {@code library@version#file@version} if the file is called otherwise. */
    List<String> names() {
        return names;
    }

    /** The library that Java calls. */
    String last() {
        return names.get(names.size() - 1);
    }
}
