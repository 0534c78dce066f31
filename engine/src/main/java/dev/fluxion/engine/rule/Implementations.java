package dev.fluxion.engine.rule;

import dev.fluxion.ir.Shape;

/** What the library's names of implementations tell: the only place that reads them. */
final class Implementations {
    private Implementations() {}

    /**
     * The kernel written for the shape of a convolution in place of the one made of small matrix products. For kernels of 1×1,
     * it is measured to be faster on narrow vectors only.
     */
    static String writtenForShape(String first) {
        return first.replace("brg_conv_fwd:", "jit:").replace("brgconv_1x1:avx2", "jit_1x1:avx2");
    }

    /** Whether a convolution's kernel is written for its shape. */
    static boolean isWrittenForShape(String implementation) {
        return implementation.startsWith("jit:");
    }

    /**
     * Whether a kernel adds what lies where it writes behind all else, as it adds another value, and gives the same bits so. Those written
     * for a shape begin with it.
     */
    static boolean addsLast(String implementation) {
        return !isWrittenForShape(implementation) && !implementation.startsWith("jit_dw:");
    }

    /** Kernels written for channels that stay apart are measured to be faster than those made of small products. */
    static String channelByChannel(String first) {
        return first.replace("brdgmm_dw:", "jit_dw:");
    }

    /** Where channels end in the middle of a wide vector, pooling by vectors of half its width is measured to be faster. */
    static String pooling(String first, Shape x) {
        return x.dim(1) % 16 == 8 ? first.replace("avx512_core", "avx2") : first;
    }

    /**
     * With few channels, kernels for wide vectors read again at the next place what they have just written in part, and wait for
     * it: those for narrow ones are measured to take a fifth of the time.
     */
    static String poolingGradient(String first, Shape x) {
        return x.dim(1) < 8 ? first.replaceFirst("avx.*", "sse41") : pooling(first, x);
    }
}
