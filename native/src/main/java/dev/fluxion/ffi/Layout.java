package dev.fluxion.ffi;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.stream.IntStream;
import org.bytedeco.dnnl.dnnl_memory_desc;
import org.bytedeco.dnnl.global.dnnl;
import org.jspecify.annotations.Nullable;

/**
 * How the elements of a tensor lie in memory: plain, strided or blocked and padded; or {@link #any}, which leaves the
 * choice to a primitive.
 *
 * <p>A layout is an immutable Java value and holds no native memory. Two layouts are equal when they put every element at
 * the same place.
 */
public final class Layout {
    /** The type of the elements. */
    public enum Type {
        /** 32-bit floating point. */
        F32(dnnl.dnnl_f32, 4),
        /** Signed 32-bit integer. */
        S32(dnnl.dnnl_s32, 4),
        /** Unsigned byte. */
        U8(dnnl.dnnl_u8, 1);

        private final int code;
        final int bytes;

        Type(int code, int bytes) {
            this.code = code;
            this.bytes = bytes;
        }

        static Type of(int code) {
            for (Type type : values()) {
                if (type.code == code) {
                    return type;
                }
            }
            throw new NativeException(Errors.dataType(code));
        }
    }

    private final LayoutFacts facts;

    private Layout(LayoutFacts facts) {
        this.facts = facts;
    }

    /** Dense row-major floats: the last dimension is contiguous. Dimensions are at least 1. */
    public static Layout plain(long... dims) {
        return plain(Type.F32, dims);
    }

    /** Dense row-major elements of the given type. */
    public static Layout plain(Type type, long... dims) {
        Extents.require(dims);
        return strided(
                type,
                dims,
                LayoutFacts.denseStrides(IntStream.range(0, dims.length).toArray(), dims));
    }

    /**
     * Floats at {@code sum(index[i] * strides[i])}.
     *
     * @param dims the dimensions, each at least 1
     * @param strides the distance in elements between neighbours along each dimension, at least 0
     */
    public static Layout strided(long[] dims, long[] strides) {
        return strided(Type.F32, dims, strides);
    }

    private static Layout strided(Type type, long[] dims, long[] strides) {
        Extents.require(dims);
        if (strides.length != dims.length || Extents.least(strides) < 0 || !Extents.areCountable(dims, strides)) {
            throw new IllegalArgumentException(Errors.strides(dims, strides));
        }
        NativeLibrary.load();
        return made(
                Arrays.toString(dims),
                d -> dnnl.dnnl_memory_desc_create_with_strides(d, dims.length, dims, type.code, strides));
    }

    /** Dense floats of images, of the dimensions N, C, H and W, with all channels of a place side by side. */
    public static Layout channelsLast(long... dims) {
        Extents.require(dims);
        return strided(dims, LayoutFacts.denseStrides(new int[] {0, 2, 3, 1}, dims));
    }

    /**
     * Floats whose channels lie in blocks, the places of one block after those of another; the last block is filled up.
     *
     * @param block how many channels: 8 or 16
     * @param dims of images N, C, H and W, or of the weights of depthwise convolutions, C, 1, 1, H and W
     */
    public static Layout channelBlocks(int block, long... dims) {
        return blocks(block, dims.length == 5 ? "Abcde" + block + "a" : "aBcd" + block + "b", dims);
    }

    /** Floats of a matrix in panels of 32 columns, which products take as their right operand. */
    public static Layout panels(long rows, long columns) {
        return tagged(Type.F32, dnnl.dnnl_BA16a32b, rows, columns);
    }

    /** Floats in whatever layout the primitive likes best; ask the primitive which one it chose. */
    public static Layout any(long... dims) {
        return tagged(Type.F32, dnnl.dnnl_format_tag_any, dims);
    }

    /**
     * Floats of weights in blocks of filters, each with all its channels of a place side by side.
     *
     * @param filters how many make a block: 4, 8, 16, 24, 32, 48 or 64
     * @param dims filters, channels, rows and columns of kernels
     * @throws IllegalArgumentException if there are no such blocks
     */
    public static Layout filterBlocks(int filters, long... dims) {
        return blocks(filters, "Acdb" + filters + "a", dims);
    }

    private static Layout blocks(int size, String tag, long[] dims) {
        int code = Tags.code(tag).orElseThrow(() -> new IllegalArgumentException(Errors.blocks(size)));
        return tagged(Type.F32, code, dims);
    }

    private static Layout tagged(Type type, int tag, long... dims) {
        Extents.require(dims);
        NativeLibrary.load();
        return made(
                Arrays.toString(dims),
                d -> dnnl.dnnl_memory_desc_create_with_tag(d, dims.length, dims, type.code, tag));
    }

    /** The same elements under other dimensions, without moving them; empty where this layout does not allow it. */
    public Optional<Layout> reshape(long... dims) {
        Extents.require(dims);
        return derived((result, self) -> dnnl.dnnl_memory_desc_reshape(result, self, dims.length, dims));
    }

    /**
     * The same elements with the dimensions in another order, without moving them.
     *
     * @param order dimension {@code i} of this layout becomes dimension {@code order[i]} of the result
     */
    public Layout permute(int... order) {
        int[] sorted = order.clone();
        Arrays.sort(sorted);
        if (!Arrays.equals(sorted, IntStream.range(0, rank()).toArray())) {
            throw new IllegalArgumentException(Errors.permutation(order, rank()));
        }
        return derived((result, self) -> dnnl.dnnl_memory_desc_permute_axes(result, self, order))
                .orElseThrow(() -> new IllegalArgumentException(Errors.permutation(order, rank())));
    }

    /**
     * Some neighbours along a dimension of a tensor, where they lie.
     *
     * @param layout how they lie
     * @param start how many bytes lie before them
     */
    public record Part(Layout layout, long start) {}

    /** The elements {@code from} to {@code to} of a dimension, without moving them; empty where that would cut a block. */
    public Optional<Part> part(int dim, long from, long to) {
        long block = facts.block(dim);
        boolean placed = facts.kind == dnnl.dnnl_blocked && from % block == 0;
        if (from < 0 || to <= from || to > facts.dims[dim] || !placed) {
            return Optional.empty();
        }
        long[] dims = facts.dims.clone();
        dims[dim] = to - from;
        long start = from / block * facts.strides[dim] * facts.type.bytes;
        return stretch(dim, to, dims).map(layout -> new Part(layout, start));
    }

    /** The layout of some blocks; the last of all may be padded where nothing lies between it and the ones before it. */
    private Optional<Layout> stretch(int dim, long to, long[] dims) {
        if (to % facts.block(dim) == 0) {
            return derived((result, self) ->
                    dnnl.dnnl_memory_desc_create_submemory(result, self, dims, new long[dims.length]));
        }
        return to == facts.dims[dim] && facts.outerOrder()[0] == dim ? resized(dims) : Optional.empty();
    }

    /**
     * Whether a tensor of another layout, which starts so many bytes behind one of this layout, lies in the gaps of that one:
     * rows of one between rows of the other.
     */
    public boolean alternates(Layout other, long distance) {
        return facts.alternate(other.facts, distance);
    }

    /**
     * A dense layout that orders and blocks other dimensions as this one does; empty if this one is not dense, or if its blocks
     * are none that convolutions like for images or weights.
     */
    public Optional<Layout> resized(long... dims) {
        Extents.require(dims);
        if (facts.kind != dnnl.dnnl_blocked || !facts.hasDenseStrides() || dims.length != rank()) {
            return Optional.empty();
        }
        if (facts.blocks.length == 0) {
            return Optional.of(strided(facts.type, dims, LayoutFacts.denseStrides(facts.outerOrder(), dims)));
        }
        return Tags.code(tag()).map(code -> tagged(facts.type, code, dims));
    }

    /** The logical dimensions. */
    public long[] dims() {
        return facts.dims.clone();
    }

    /** The distances in elements between neighbours along each dimension; empty if they lie in blocks. */
    public long[] strides() {
        return facts.blocks.length == 0 ? facts.strides.clone() : new long[0];
    }

    /** How many dimensions there are. */
    public int rank() {
        return facts.dims.length;
    }

    /** The type of the elements. */
    public Type type() {
        return facts.type;
    }

    /** How many elements the tensor has, without padding. */
    public long elements() {
        return Extents.product(facts.dims);
    }

    /** How many bytes the tensor takes, with padding and the gaps between elements; 0 for {@link #any}. */
    public long bytes() {
        return facts.bytes;
    }

    /** Whether the elements are dense and row-major, as {@link #plain} puts them. */
    public boolean isPlain() {
        return isDense()
                && facts.blocks.length == 0
                && facts.hasStrides(IntStream.range(0, rank()).toArray(), facts.dims);
    }

    /** Whether elements of some dimension lie in blocks. */
    public boolean isBlocked() {
        return facts.blocks.length > 0;
    }

    /** Whether every byte belongs to an element: no padding and no gaps. */
    public boolean isDense() {
        return facts.kind == dnnl.dnnl_blocked && bytes() == elements() * facts.type.bytes;
    }

    /** Whether nothing lies between the elements but what fills up their blocks. */
    public boolean isContiguous() {
        return facts.kind == dnnl.dnnl_blocked && facts.hasDenseStrides();
    }

    /**
     * How many channels of images {@code [n, c, h, w]} lie side by side at each place, where places follow each other row by
     * row: one in the plain layout, all with channels last, a block of them; empty for other layouts.
     */
    public OptionalInt channelsAtPlace() {
        if (rank() != 4) {
            return OptionalInt.empty();
        }
        long block = equals(channelsLast(facts.dims)) ? facts.dims[1] : facts.block(1);
        boolean known =
                isPlain() || equals(channelsLast(facts.dims)) || tag("nchw").equals("nChw" + block + "c");
        return known ? OptionalInt.of((int) block) : OptionalInt.empty();
    }

    /** Neighbours in memory that differ in their index along a dimension by a block of it, or by one. */
    public record Axis(int dim, long extent) {}

    /** The axes along which dense elements lie, outermost first; a dimension in blocks has several. Empty if they are not dense. */
    public List<Axis> axes() {
        if (!isDense()) {
            return List.of();
        }
        long[] outer = facts.outerDims();
        List<Axis> axes = new ArrayList<>();
        for (int dim : facts.outerOrder()) {
            axes.add(new Axis(dim, outer[dim]));
        }
        for (int i = 0; i < facts.blocks.length; i++) {
            axes.add(new Axis((int) facts.blocked[i], facts.blocks[i]));
        }
        axes.removeIf(axis -> axis.extent == 1);
        return axes;
    }

    /**
     * The same dense layout with another extent of a dimension of several elements; empty if this one is not dense, if elements of
     * the dimension lie in blocks, or if there is none.
     */
    public Optional<Layout> withExtent(int dim, long extent) {
        List<Axis> wanted = axes().stream()
                .map(axis -> axis.dim == dim ? new Axis(dim, extent) : axis)
                .filter(axis -> axis.extent > 1)
                .toList();
        long[] dims = dims();
        dims[dim] = extent;
        return isDense()
                ? resized(dims).filter(made -> made.isDense() && made.axes().equals(wanted))
                : Optional.empty();
    }

    /** oneDNN's tag with the letters {@code abcd…}, for example {@code aBcd8b}; {@code any} if undecided. */
    public String tag() {
        return tag("abcdefghijkl");
    }

    /** The tag with a letter of your own for each dimension: {@code tag("nchw")} may be {@code nChw8c}. */
    public String tag(String letters) {
        return facts.tag(letters);
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof Layout that && facts.sameAs(that.facts);
    }

    @Override
    public int hashCode() {
        return Objects.hash(Arrays.hashCode(facts.dims), Arrays.hashCode(facts.steps()), facts.type);
    }

    /** Dimensions, type and tag, such as {@code 8x3x32x32 f32 abcd}; a star marks strides with gaps. */
    @Override
    public String toString() {
        return Text.dims(facts.dims) + " " + Text.lower(facts.type) + " " + tag();
    }

    LayoutFacts facts() {
        return facts;
    }

    byte[] blob() {
        return facts.blob;
    }

    /** Copies a descriptor that belongs to somebody else; empty for the zero descriptor of an absent argument. */
    static Optional<Layout> of(dnnl_memory_desc descriptor) {
        if (descriptor.isNull()) {
            return Optional.empty();
        }
        LayoutFacts facts = new LayoutFacts(descriptor);
        return facts.dims.length == 0 ? Optional.empty() : Optional.of(new Layout(facts));
    }

    private interface Maker {
        int make(dnnl_memory_desc result);
    }

    private interface Change {
        int make(dnnl_memory_desc result, dnnl_memory_desc self);
    }

    private static Layout made(String what, Maker maker) {
        try (Handles handles = new Handles()) {
            dnnl_memory_desc descriptor = handles.create(
                    new dnnl_memory_desc(), maker::make, dnnl::dnnl_memory_desc_destroy, "layout " + what);
            return new Layout(new LayoutFacts(descriptor));
        }
    }

    private Optional<Layout> derived(Change change) {
        try (Handles handles = new Handles()) {
            dnnl_memory_desc result = new dnnl_memory_desc();
            if (change.make(result, handles.descriptor(this)) != dnnl.dnnl_success) {
                return Optional.empty();
            }
            handles.own(result, dnnl::dnnl_memory_desc_destroy);
            return of(result);
        }
    }
}
