package dev.fluxion.ffi;

import java.net.URL;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.bytedeco.dnnl.global.dnnl;

/** The text of every message of this package. */
final class Errors {
    private static final Map<Integer, String> STATUS = Map.of(
            dnnl.dnnl_out_of_memory, "out of memory",
            dnnl.dnnl_invalid_arguments, "invalid arguments: shapes, layouts or post-ops do not fit each other",
            dnnl.dnnl_unimplemented, "not implemented",
            dnnl.dnnl_last_impl_reached, "no further implementation",
            dnnl.dnnl_runtime_error, "runtime error",
            dnnl.dnnl_not_required, "not required");

    private static final String OTHER_FOLDER = "Or give org.bytedeco.javacpp.cachedir a folder that is yours alone.";
    private static final String FEWER =
            ", or use fewer processors (-XX:ActiveProcessorCount=1 with the environment variable OPENBLAS_NUM_THREADS=1).";
    private static final String START_ANEW = "; nothing was loaded: remove its folder and start again.";

    private Errors() {}

    static String status(int status, String what) {
        return "oneDNN says \"" + STATUS.getOrDefault(status, "status " + status) + "\" to " + what;
    }

    static String noImplementation(String what, List<String> refused) {
        String found = refused.isEmpty() ? "none exists" : "refused: " + String.join(", ", refused);
        return "oneDNN has no usable implementation (" + found + ") of " + what;
    }

    static String outOfMemory(long bytes) {
        return "The system has no block of " + bytes + " bytes of native memory";
    }

    static String size(long bytes) {
        return "A memory of " + bytes + " bytes cannot be allocated: the size must be at least 0 and below 2⁶³ − 8192";
    }

    static String range(long offset, long bytes, long available) {
        return bytes + " bytes from byte " + offset + " on are not within the " + available + " bytes there are";
    }

    static String tooLongForBuffer(long bytes) {
        return "A slice of " + bytes + " bytes is too long for a Java buffer (2 GiB): take parts of it";
    }

    static String closed(String what) {
        return "Already closed: " + what;
    }

    static String dims(long[] dims) {
        return "Dimensions " + Arrays.toString(dims) + " must be 1 to " + dnnl.DNNL_MAX_NDIMS
                + " numbers, each at least 1, that multiply to at most 2⁴⁸";
    }

    static String strides(long[] dims, long[] strides) {
        return "Strides " + Arrays.toString(strides) + " must be as many as the dimensions " + Arrays.toString(dims)
                + ", not negative, and keep elements within 2⁴⁸ of each other";
    }

    static String blocks(int size) {
        return "There are no layouts in blocks of " + size;
    }

    static String permutation(int[] order, int rank) {
        return "Order " + Arrays.toString(order) + " must name each of the " + rank + " dimensions once";
    }

    static String dataType(int code) {
        return "oneDNN asks for data type " + code + ", which is not among " + Arrays.toString(Layout.Type.values());
    }

    static String window(List<?>... parts) {
        return "A window needs as many entries in each list, positive and below 2³¹, with padding in front of at least 0; here"
                + " kernel, stride, dilation, padding before and after are " + Arrays.toString(parts);
    }

    static String pass(String operation, Pass pass) {
        return Text.lower(pass) + " means nothing for " + operation + ", which has no weights";
    }

    static String axis(int axis, int rank) {
        return "Axis " + axis + " is not among the " + rank + " dimensions";
    }

    static String noArgument(Arg arg, String what) {
        return "There is no " + arg + " in " + what;
    }

    static String missing(Arg arg, String what) {
        return "No slice was given for the " + arg + " of " + what;
    }

    static String tooShort(Arg arg, long bytes, Layout layout, String what) {
        return "The slice for the " + arg + " has " + bytes + " bytes, but " + layout + " takes " + layout.bytes()
                + ", in " + what;
    }

    static String sharedScratchpad(Arg arg, String what) {
        return "The slice for the " + arg + " shares bytes with the scratchpad, in " + what;
    }

    static String threads(int count) {
        return "The number of threads must be at least 1, not " + count;
    }

    static String gemm(int m, int n, int k, boolean transposeA, boolean transposeB, int a, int b, int c) {
        return "A product of " + m + "x" + k + " by " + k + "x" + n + (transposeA ? ", A transposed" : "")
                + (transposeB ? ", B transposed" : "") + " cannot have rows " + a + ", " + b + " and " + c
                + " floats apart: sizes are at least 1 (the inner one 0) and rows must not overlap";
    }

    static String vector(String routine, int n) {
        return routine + " needs at least one float, not " + n;
    }

    static String tooFewFloats(String name, long bytes, long floats, String call) {
        return name + " has " + bytes + " bytes, but " + call + " works on " + floats + " floats";
    }

    static String unavailable(Throwable failure) {
        if (failure instanceof NativeUnavailableException && failure.getMessage() != null) {
            return failure.getMessage();
        }
        return unavailable(failure, System.getProperty("os.name", "?"), System.getProperty("os.arch", "?"));
    }

    /** One sentence that names the cause and, where there is one, the cure. */
    static String unavailable(Throwable failure, String os, String arch) {
        return LoadFailure.classify(failure, os, arch).sentence(os.toLowerCase(Locale.ROOT) + "/" + arch, failure);
    }

    static String noFolder() {
        return "There is no folder to unpack the native code to";
    }

    static String notAFolder(Path path) {
        return path + " is not a folder, so native code is not loaded from it: remove it. " + OTHER_FOLDER;
    }

    static String notAFile(Path path) {
        return "The native library " + path + " is missing or not a plain file" + START_ANEW;
    }

    static String foreign(Path path, String owner, String user) {
        return path + " belongs to " + owner + ", not to " + user
                + ", so native code is not loaded from it: remove it. " + OTHER_FOLDER;
    }

    static String writableByOthers(Path path) {
        return "Others may write to " + path + ", so native code is not loaded from it: take the right from them. "
                + OTHER_FOLDER;
    }

    static String strangeFile(Path path) {
        return "There is a file " + path + " that does not belong among the native libraries" + START_ANEW;
    }

    static String changedFile(Path path) {
        return "The native library " + path + " was changed: it is not what the class path has" + START_ANEW;
    }

    static String loadedAgain() {
        return "the native code is loaded once more, since classes of another class loader have it: that takes memory, which is not"
                + " given back when the application is redeployed. Put fluxion-native and the jars that it needs into the class loader"
                + " that all applications have in common";
    }

    static String damagedJar(URL resource) {
        return "The native library " + resource + " is damaged: its checksum is wrong.";
    }

    static String tooFewThreads(int count) {
        return "The system does not start " + count + " more threads, which the native code needs: raise the limit"
                + " (ulimit -u)" + FEWER;
    }

    static String tooLittleRoom(long bytes, long available) {
        return "OpenBLAS needs " + (bytes >> 20) + " MB of address space, of which the system gives "
                + (available >> 20)
                + " MB: raise the limit (ulimit -v), use a smaller heap" + FEWER;
    }
}
