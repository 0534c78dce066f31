package dev.fluxion.engine.kernel;

import dev.fluxion.ffi.Layout;
import dev.fluxion.ir.Shape;
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
 */
public record Grouped(int samples, int groups, int blocks, int rows, int width) {
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
        return fits ? Optional.of(new Grouped(shape.dim(0), groups, blocks, rows, width)) : Optional.empty();
    }

    /** So many of the samples. */
    public Grouped of(int some) {
        return new Grouped(some, groups, blocks, rows, width);
    }

    /** The channels of a sample. */
    int channels() {
        return blocks * width;
    }

    /** The channels of a group. */
    int together() {
        return channels() / groups;
    }

    /** The elements of a sample. */
    int size() {
        return channels() * rows;
    }

    /** Where an element of a channel lies in a sample. */
    int index(int channel, int row) {
        return (channel / width * rows + row) * width + channel % width;
    }

    /** The elements of each channel. */
    Blocks byChannel() {
        return Blocks.of(Shape.of(blocks, rows, width), Shape.of(blocks, 1, width));
    }

    /** The elements of each group if these lie one after the other; else of each channel. */
    Blocks together(boolean lie) {
        return lie ? Blocks.of(Shape.of(groups, size() / groups), Shape.of(groups, 1)) : byChannel();
    }
}
