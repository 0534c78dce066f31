package dev.fluxion.ffi;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class ErrorsTest {
    static Stream<Arguments> failures() {
        Throwable none = new UnsatisfiedLinkError("no jnidnnl in java.library.path: /usr/lib");
        return Stream.of(
                Arguments.of(none, "SunOS", "sparc", "There is no native code for sunos/sparc"),
                Arguments.of(none, "Windows 11", "aarch64", "There is no native code for windows 11/aarch64"),
                Arguments.of(none, "Linux", "amd64", "The jar with the native code for linux/amd64"),
                Arguments.of(none, "Mac OS X", "aarch64", "The jar with the native code for mac os x/aarch64"),
                Arguments.of(
                        new UnsatisfiedLinkError("libm.so.6: version `GLIBC_2.34' not found"),
                        "Linux",
                        "amd64",
                        "The C library of this system is too old"),
                Arguments.of(
                        new UnsatisfiedLinkError("Error loading shared library ld-linux-x86-64.so.2: No such file"),
                        "Linux",
                        "amd64",
                        "another C library, such as the musl of Alpine"),
                Arguments.of(
                        new UnsatisfiedLinkError("libOpenCL.so.1: cannot open shared object file"),
                        "Linux",
                        "amd64",
                        "oneDNN does not load without org.bytedeco:opencl"),
                Arguments.of(
                        new UnsatisfiedLinkError(
                                "Error relocating libgcc_s.so.1: __cpu_indicator_init: symbol not found"),
                        "Linux",
                        "amd64",
                        "take an image with glibc, such as eclipse-temurin:21-jre"),
                Arguments.of(
                        new ExceptionInInitializerError(
                                new IllegalCallerException("Illegal native access from: module org.bytedeco.javacpp")),
                        "Linux",
                        "amd64",
                        "start it with --enable-native-access=ALL-UNNAMED"),
                Arguments.of(
                        new NoClassDefFoundError("org/bytedeco/opencl/presets/OpenCL"),
                        "Linux",
                        "amd64",
                        "oneDNN does not load without org.bytedeco:opencl"),
                Arguments.of(
                        new RuntimeException("x", new java.io.IOException("No space left on device")),
                        "Linux",
                        "amd64",
                        "The disk is full"),
                Arguments.of(
                        new java.nio.file.AccessDeniedException("/cache"),
                        "Linux",
                        "amd64",
                        "The native code cannot be unpacked"),
                Arguments.of(
                        new UnsatisfiedLinkError("libdnnl.so.3: failed to map segment from shared object"),
                        "Linux",
                        "amd64",
                        "The native code cannot be unpacked"),
                Arguments.of(
                        new UnsatisfiedLinkError("libdnnl.so.3: cannot map zero-fill pages: Cannot allocate memory"),
                        "Linux",
                        "amd64",
                        "The system has no more memory"),
                Arguments.of(
                        new OutOfMemoryError("Java heap space"), "Linux", "amd64", "The system has no more memory"),
                Arguments.of(
                        new OutOfMemoryError("unable to create native thread: possibly out of memory"),
                        "Linux",
                        "amd64",
                        "The system starts no more threads"),
                Arguments.of(
                        new UnsatisfiedLinkError("something else\nand more"),
                        "Linux",
                        "amd64",
                        "The native code for linux/amd64 did not load: something else."));
    }

    @ParameterizedTest
    @MethodSource("failures")
    void oneSentenceNamesTheCause(Throwable failure, String os, String arch, String expected) {
        assertThat(Errors.unavailable(failure, os, arch))
                .contains(expected)
                .endsWith(".")
                .doesNotContain("\n");
    }
}
