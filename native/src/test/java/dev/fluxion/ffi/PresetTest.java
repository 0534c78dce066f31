package dev.fluxion.ffi;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.bytedeco.dnnl.global.dnnl;
import org.bytedeco.javacpp.ClassProperties;
import org.bytedeco.javacpp.Loader;
import org.bytedeco.javacpp.Pointer;
import org.bytedeco.openblas.global.openblas_nolapack;
import org.bytedeco.opencl.global.OpenCL;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The libraries that are loaded are those that JavaCPP's annotations name, on each platform, in their order. */
class PresetTest {
    private static final Map<Preset, Class<?>> CLASSES = Map.of(
            Preset.JAVACPP, Pointer.class,
            Preset.OPENBLAS, openblas_nolapack.class,
            Preset.OPENCL, OpenCL.class,
            Preset.DNNL, dnnl.class);

    /** What Windows and Microsoft's C++ runtime bring, which is not shipped. */
    private static final String SYSTEM = "api-ms-win-.*|ucrtbase|(vcruntime|msvcp|concrt|vcomp|libomp)140.*|psapi#";

    /** It tells musl from glibc; the others would end a process with musl. */
    @Test
    void gccsLibraryComesFirst() {
        assertThat(Preset.OPENBLAS.names()).startsWith("gcc_s@.1.1", "gcc_s@.1");
    }

    @ParameterizedTest
    @ValueSource(strings = {"linux-x86_64", "linux-arm64", "macosx-arm64", "macosx-x86_64", "windows-x86_64"})
    void namesWhatJavaCppWants(String platform) {
        for (Preset preset : Preset.values()) {
            ClassProperties wanted =
                    Loader.loadProperties(CLASSES.get(preset), Loader.loadProperties(platform, null), true);
            List<String> names = new ArrayList<>(wanted.get("platform.preload"));
            names.addAll(wanted.get("platform.link"));
            names.add(wanted.getProperty("platform.library"));
            names.removeIf(name -> name.matches(SYSTEM));
            List<String> known = new ArrayList<>(preset.names());
            known.retainAll(names);
            assertThat(known).as(preset.toString()).isEqualTo(names);
            assertThat(preset.last()).isEqualTo(wanted.getProperty("platform.library"));
        }
    }
}
