package dev.fluxion.engine.kernel;

import dev.fluxion.ffi.Layout;
import dev.fluxion.ir.Shape;
import java.nio.FloatBuffer;
import java.util.List;
import java.util.Optional;

/**
 * How samples with groups of channels lie: those of a sample as a list of blocks, each of which is a list of rows of neighbouring
 * channels, one for each place.
 *
 * @param samples the number of samples
 * @param groups the groups of channels of a sample
 * @param blocks the blocks of a sample
 * @param rows the places
 * @param width the channels of a block
 * @param stride the elements from one row to the next; more than there are in a row only where there is one sample of one block
 */
public record Grouped(int samples, int groups, int blocks, int rows, int width, int stride) {
    /** How samples N×C×… in a layout lie; empty if they do not lie like that. */
    public static Optional<Grouped> of(Layout layout, Shape shape, int groups) {
        List<Layout.Axis> axes = layout.axes();
        int at = !axes.isEmpty() && axes.get(0).dim() == 0 ? 1 : 0;
        int blocks = 1;
        int rows = 1;
        int width = 1;
        for (; at < axes.size() && axes.get(at).dim() == 1; at++) {
            blocks *= (int) axes.get(at).extent();
        }
        for (; at < axes.size() && axes.get(at).dim() > 1; at++) {
            rows *= (int) axes.get(at).extent();
        }
        for (; at < axes.size() && axes.get(at).dim() == 1; at++) {
            width *= (int) axes.get(at).extent();
        }
        boolean fits = layout.isDense() && layout.rank() == shape.rank() && at == axes.size();
        return fits ? Optional.of(new Grouped(shape.dim(0), groups, blocks, rows, width, width)) : Optional.empty();
    }

    /** So many of the samples. */
    public Grouped of(int some) {
        return new Grouped(some, groups, blocks, rows, width, stride);
    }

    /** So many of the groups of a sample, where they lie; empty if these are parts of blocks. */
    public Optional<Grouped> ofGroups(int some) {
        int channels = some * together();
        if (blocks == 1) {
            return Optional.of(new Grouped(samples, some, 1, rows, channels, stride));
        }
        return channels % width == 0
                ? Optional.of(new Grouped(samples, some, channels / width, rows, width, stride))
                : Optional.empty();
    }

    /** The channels of a sample. */
    int channels() {
        return blocks * width;
    }

    /** The channels of a group. */
    public int together() {
        return channels() / groups;
    }

    /** The elements of a sample. */
    int size() {
        return channels() * rows;
    }

    /** Where an element of a channel lies in a sample. */
    int index(int channel, int row) {
        return (channel / width * rows + row) * stride + channel % width;
    }

    /** Takes elements of a sample, whole rows of them. */
    void get(FloatBuffer x, int start, int from, float[] to, int n) {
        if (stride == width) {
            x.get(start + from, to, 0, n);
            return;
        }
        for (int i = 0; i < n; i += width) {
            x.get(start + (from + i) / width * stride, to, i, width);
        }
    }

    /** Puts elements of a sample, whole rows of them. */
    void put(FloatBuffer y, int start, int to, float[] from, int n) {
        if (stride == width) {
            y.put(start + to, from, 0, n);
            return;
        }
        for (int i = 0; i < n; i += width) {
            y.put(start + (to + i) / width * stride, from, i, width);
        }
    }

    /** The elements of each channel. */
    Blocks byChannel() {
        return Blocks.of(Shape.of(blocks, rows, width), Shape.of(blocks, 1, width));
    }
}
