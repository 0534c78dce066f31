package dev.fluxion.ffi;

import java.util.Optional;

/**
 * Which kernels a geometry may reach. oneDNN offers kernels for convolutions and poolings that they are not made for: there
 * they end the process, write beyond their results or give wrong numbers.
 *
 * @param source the images, {@code [n, c, spatial…]}
 * @param destination the results, {@code [n, o, places…]}
 * @param window how the kernel moves
 * @param channels the channels that one result sums over
 */
record Geometry(Layout source, Layout destination, Window window, long channels) {
    /** The geometry of an operation that has windows; empty if it has none, or if they do not fit it, as the library will say. */
    static Optional<Geometry> of(Operation operation) {
        Geometry found = null;
        if (operation instanceof Convolution c) {
            long[] weights = c.weights().dims();
            int taps = c.window().rank();
            found = new Geometry(
                    c.source(), c.destination(), c.window(), weights[Math.max(weights.length - taps - 1, 0)]);
        } else if (operation instanceof Pooling p) {
            found = new Geometry(p.source(), p.destination(), p.window(), 1);
        }
        return Optional.ofNullable(found).filter(g -> g.isImage(g.source) && g.isImage(g.destination));
    }

    private boolean isImage(Layout layout) {
        return layout.rank() == window.rank() + 2;
    }

    /** Whether kernels can count in it: the bytes of an image with its padding, and of a result, and steps in it, in 32 bits. */
    boolean isCountable() {
        long image = Integer.MAX_VALUE / (Float.BYTES * source.dims()[1]);
        long result = Integer.MAX_VALUE / (Float.BYTES * destination.dims()[1]);
        for (int i = 0; i < window.rank(); i++) {
            image /= Math.max(Math.max(size(i), window.padded(i, size(i))), window.step(i));
            result /= destination.dims()[i + 2];
        }
        return image > 0 && result > 0;
    }

    /** Whether a kernel is made for it. */
    boolean suits(String implementation) {
        if (implementation.startsWith("jit_1x1")) {
            return !isStridedPart();
        }
        return !implementation.contains("brg_conv_fwd") || !seesOnlyPadding() && !isSkippingColumn();
    }

    /** Strided 1x1 convolutions of few channels, channels last: wrong gradients or a broken heap (oneDNN#6035). */
    private boolean isStridedPart() {
        return window.stride().stream().anyMatch(s -> s > 1) && source.dims()[1] % 8 != 0;
    }

    /** Kernels made of products crash at a column of results that looks at nothing but padding (oneDNN#5942). */
    private boolean seesOnlyPadding() {
        for (int i = 0; i < window.rank(); i++) {
            if (window.seesOnlyPadding(i, size(i))) {
                return true;
            }
        }
        return false;
    }

    /** For one channel they take the rows of a single column of results for columns, and step from one to the next. */
    private boolean isSkippingColumn() {
        int last = window.rank() - 1;
        return channels == 1
                && destination.dims()[last + 2] == 1
                && window.stride().get(last) > 1;
    }

    private long size(int dimension) {
        return source.dims()[dimension + 2];
    }
}
