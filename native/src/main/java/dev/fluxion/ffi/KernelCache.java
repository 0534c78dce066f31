package dev.fluxion.ffi;

import org.bytedeco.dnnl.global.dnnl;

/**
 * The kernels that oneDNN keeps for the next one who wants them, whether a program still uses them or not. Each holds its code and its
 * tables, about 0.4 MB, so that its own limit of 1,024 kernels held half a gigabyte where sequences have many lengths.
 */
final class KernelCache {
    /** A program finds those of its layers that are alike; several programs of a net have fewer. */
    static final int MOST = 256;

    /** Whoever starts the process may say otherwise. */
    private static final String VARIABLE = "ONEDNN_PRIMITIVE_CACHE_CAPACITY";

    private KernelCache() {}

    /** Lets the library keep so many of them, unless its variable is set. */
    static void limit() {
        if (System.getenv(VARIABLE) == null && System.getenv("DNNL_PRIMITIVE_CACHE_CAPACITY") == null) {
            int status = dnnl.dnnl_set_primitive_cache_capacity(MOST);
            if (status != dnnl.dnnl_success) {
                throw new NativeException(Errors.status(status, "limit its cache"));
            }
        }
    }
}
