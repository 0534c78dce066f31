package dev.fluxion.engine.rule;

import dev.fluxion.engine.kernel.Convolutions;
import dev.fluxion.ir.Shape;

/**
 * Which convolutions over channels that lie last, of kernels larger than 1×1, the library's kernels made of small matrix products
 * are measured to compute faster than those written for a shape. A product starts with loading a block of sums, which shows where
 * sums are short. A kernel written for a shape reads an input for each multiplication, and computes as many results in a row as
 * there are: that shows in narrow images, and where another thread of the core reads, too.
 *
 * @param many channels from which on products are faster
 * @param few channels from which on they are, given
 * @param places so many places of an image,
 * @param filters at most so many filters, and weights of a block of them that stay in the first-level cache
 */
record SmallProducts(int many, int few, int places, int filters) {
    /** Products compute so many filters together. */
    private static final int BLOCK = 64;

    /** Whether they are faster for a convolution, given the bytes of the first-level cache. */
    boolean areFaster(Convolutions conv, int cache) {
        Shape w = conv.w();
        int taps = w.dim(2) * w.dim(3);
        int channels = w.dim(1);
        boolean stays = (long) Math.min(w.dim(0), BLOCK) * channels * taps * Float.BYTES <= cache;
        boolean suits = w.dim(0) <= filters && conv.y().dim(2) * conv.y().dim(3) >= places && stays;
        return taps > 1 && (channels >= many || channels >= few && suits);
    }
}
