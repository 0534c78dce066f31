package dev.fluxion.ir;

import org.jspecify.annotations.Nullable;

/**
 * A height and a width, in elements.
 *
 * @param h the extent along the height axis
 * @param w the extent along the width axis
 */
public record Size(int h, int w) {
    /** The same extent along both axes. */
    public static Size of(int both) {
        return new Size(both, both);
    }

    /** An extent for each axis. */
    public static Size of(int h, int w) {
        return new Size(h, w);
    }

    boolean atLeast(int least) {
        return h >= least && w >= least;
    }

    /** Written by hand, as is the hash: a new JVM takes milliseconds to link the generated methods of a record. */
    @Override
    public boolean equals(@Nullable Object o) {
        return o instanceof Size that && h == that.h && w == that.w;
    }

    @Override
    public int hashCode() {
        return 31 * h + w;
    }

    /** One number when both are equal, {@code h×w} otherwise. */
    @Override
    public String toString() {
        return h == w ? Integer.toString(h) : h + "×" + w;
    }
}
