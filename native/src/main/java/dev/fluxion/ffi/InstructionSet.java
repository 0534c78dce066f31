package dev.fluxion.ffi;

import java.util.Map;
import org.bytedeco.dnnl.global.dnnl;

/** The names of oneDNN's instruction set levels. */
final class InstructionSet {
    private static final Map<Integer, String> NAMES = Map.ofEntries(
            Map.entry(dnnl.dnnl_cpu_isa_default, "baseline"),
            Map.entry(dnnl.dnnl_cpu_isa_sse41, "sse41"),
            Map.entry(dnnl.dnnl_cpu_isa_avx, "avx"),
            Map.entry(dnnl.dnnl_cpu_isa_avx2, "avx2"),
            Map.entry(dnnl.dnnl_cpu_isa_avx2_vnni, "avx2_vnni"),
            Map.entry(dnnl.dnnl_cpu_isa_avx2_vnni_2, "avx2_vnni_2"),
            Map.entry(dnnl.dnnl_cpu_isa_avx512_core, "avx512_core"),
            Map.entry(dnnl.dnnl_cpu_isa_avx512_core_vnni, "avx512_core_vnni"),
            Map.entry(dnnl.dnnl_cpu_isa_avx512_core_bf16, "avx512_core_bf16"),
            Map.entry(dnnl.dnnl_cpu_isa_avx512_core_fp16, "avx512_core_fp16"),
            Map.entry(dnnl.dnnl_cpu_isa_avx512_core_amx, "avx512_core_amx"),
            Map.entry(dnnl.dnnl_cpu_isa_avx512_core_amx_fp16, "avx512_core_amx_fp16"),
            Map.entry(dnnl.dnnl_cpu_isa_avx10_2_512, "avx10_2_512"),
            Map.entry(dnnl.dnnl_cpu_isa_avx10_2_512_amx_2, "avx10_2_512_amx_2"));

    private InstructionSet() {}

    /** The floats in a vector of the widest kind that a level has. */
    static int lanes(int level) {
        if (has(level, dnnl.dnnl_cpu_isa_avx512_core)) {
            return 16;
        }
        return has(level, dnnl.dnnl_cpu_isa_avx) ? 8 : 4;
    }

    /**
     * The bytes of the first-level data cache: what the system tells of processors with wide vectors, all of whose cores are alike.
     * Elsewhere, and where it tells nothing that can be, what all processors of the level have.
     *
     * @param told what the system tells
     */
    static int firstCache(int level, int told) {
        int least = has(level, dnnl.dnnl_cpu_isa_avx512_core_fp16) ? 48 << 10 : 32 << 10;
        boolean known = has(level, dnnl.dnnl_cpu_isa_avx512_core) && told >= least && told <= 1 << 20;
        return known ? told : least;
    }

    /** Levels are sets of bits. */
    private static boolean has(int level, int other) {
        return (level & other) == other;
    }

    static String name(int level) {
        return NAMES.getOrDefault(level, "unknown (" + level + ")");
    }
}
