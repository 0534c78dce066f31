package dev.fluxion.engine;

import dev.fluxion.ffi.Layout;
import dev.fluxion.ir.Shape;
import org.jspecify.annotations.Nullable;

/** A parameter: its first value until it lies in native memory, and where it lies there. */
final class Entry {
    final Shape shape;
    float[] initial;

    @Nullable
    Layout layout;

    long offset;

    Entry(Shape shape, float[] initial) {
        this.shape = shape;
        this.initial = initial;
    }
}
