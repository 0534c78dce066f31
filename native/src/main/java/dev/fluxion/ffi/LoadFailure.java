package dev.fluxion.ffi;

import java.util.Locale;

/** Why the native libraries did not load. */
enum LoadFailure {
    PLATFORM(
            "There is no native code for %s: it exists for Linux and macOS on x86_64 and aarch64 and Windows on x86_64"),
    OLD_GLIBC("The C library of this system is too old for the native code, which needs glibc 2.34 or later (%s; %s)"),
    MUSL(
            "The native code needs glibc 2.34 or later, but this system has another C library, such as the musl of Alpine: take"
                    + " an image with glibc, such as eclipse-temurin:21-jre or debian:12-slim (%s; %s)"),
    DENIED("Java denies native access to the code that loads the libraries for %s: start it with"
            + " --enable-native-access=ALL-UNNAMED, or where they are on the module path with"
            + " --enable-native-access=org.bytedeco.javacpp,org.bytedeco.openblas,org.bytedeco.opencl,org.bytedeco.dnnl"
            + " (%s)"),
    OPENCL("oneDNN does not load without org.bytedeco:opencl and its jar for %s on the class path (%s)"),
    MISSING_JAR(
            "The jar with the native code for %s is not on the class path or module path: it is that of the platform, such as"
                    + " dev.fluxion:fluxion-linux-x86_64 (%s)"),
    NO_THREADS("The system starts no more threads for this process, and the native code for %s wants some (%s)"),
    NO_MEMORY("The system has no more memory for the native code for %s (%s)"),
    DISK_FULL("The disk is full: the native code for %s takes 140 MB (%s)"),
    NOT_WRITABLE(
            "The native code cannot be unpacked: give org.bytedeco.javacpp.cachedir a writable directory that allows"
                    + " execution (%s; %s)"),
    OTHER("The native code for %s did not load: %s");

    private final String format;

    LoadFailure(String format) {
        this.format = format;
    }

    String sentence(String platform, Throwable failure) {
        return String.format(Locale.ROOT, format, platform, firstLine(failure)) + ".";
    }

    static LoadFailure classify(Throwable failure, String os, String arch) {
        String text = texts(failure);
        if (!exists(os.toLowerCase(Locale.ROOT), arch.toLowerCase(Locale.ROOT))) {
            return PLATFORM;
        }
        if (text.contains("IllegalCallerException")) {
            return DENIED;
        }
        if (text.contains("GLIBC_")) {
            return OLD_GLIBC;
        }
        if (text.contains("musl") || text.contains("symbol not found") || text.contains("ld-linux-")) {
            return MUSL;
        }
        if (text.contains("opencl") || text.contains("OpenCL")) {
            return OPENCL;
        }
        if (text.contains("unable to create native thread")) {
            return NO_THREADS;
        }
        if (text.contains("Cannot allocate memory") || text.contains("OutOfMemoryError")) {
            return NO_MEMORY;
        }
        if (text.contains("No space left") || text.contains("quota exceeded")) {
            return DISK_FULL;
        }
        if (text.contains("Permission denied")
                || text.contains("AccessDenied")
                || text.contains("Read-only")
                || text.contains("failed to map segment")
                || text.contains("Could not create")) {
            return NOT_WRITABLE;
        }
        if (text.contains("no jni") || text.contains("Could not find jni") || text.contains("org/bytedeco")) {
            return MISSING_JAR;
        }
        return OTHER;
    }

    /** Whether a library is in use by classes of another loader, which keeps the file. */
    static boolean ofAnotherClassLoader(UnsatisfiedLinkError failure) {
        return String.valueOf(failure.getMessage()).contains("already loaded in another classloader");
    }

    private static boolean exists(String os, String arch) {
        boolean intel = arch.equals("amd64") || arch.equals("x86_64");
        boolean arm = arch.equals("aarch64") || arch.equals("arm64");
        boolean unix = os.contains("linux") || os.contains("mac");
        return unix ? intel || arm : os.contains("windows") && intel;
    }

    private static String texts(Throwable failure) {
        StringBuilder texts = new StringBuilder();
        for (Throwable t = failure; t != null; t = t.getCause()) {
            texts.append(t).append('\n');
        }
        return texts.toString();
    }

    private static String firstLine(Throwable failure) {
        String message = failure.getMessage() == null ? failure.toString() : failure.getMessage();
        String text = message.lines().findFirst().orElse("");
        return text.endsWith(".") ? text.substring(0, text.length() - 1) : text;
    }
}
