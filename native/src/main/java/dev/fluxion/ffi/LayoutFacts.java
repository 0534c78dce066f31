package dev.fluxion.ffi;

import java.util.Arrays;
import org.bytedeco.dnnl.dnnl_memory_desc;
import org.bytedeco.dnnl.global.dnnl;
import org.bytedeco.javacpp.BytePointer;
import org.bytedeco.javacpp.IntPointer;
import org.bytedeco.javacpp.LongPointer;
import org.bytedeco.javacpp.Pointer;
import org.bytedeco.javacpp.SizeTPointer;

/** What a native memory descriptor says, copied into Java. The arrays are never changed or handed out. */
final class LayoutFacts {
    final Layout.Type type;
    final int kind;
    final long[] dims;
    final long[] padded;
    final long[] offsets;
    final long start;
    final long[] strides;
    /** The sizes of the inner blocks, outermost first, and the dimension that each belongs to. */
    final long[] blocks;

    final long[] blocked;
    final long bytes;
    /** oneDNN's own serialised form, from which the descriptor can be made again. */
    final byte[] blob;

    LayoutFacts(dnnl_memory_desc descriptor) {
        try (Handles handles = new Handles()) {
            Query query = new Query(descriptor, handles.zeroed(Long.BYTES));
            int rank = query.integer(dnnl.dnnl_query_ndims_s32);
            kind = query.integer(dnnl.dnnl_query_format_kind);
            boolean placed = kind == dnnl.dnnl_blocked;
            int inner = placed ? query.integer(dnnl.dnnl_query_inner_nblks_s32) : 0;
            type = rank == 0 ? Layout.Type.F32 : Layout.Type.of(query.integer(dnnl.dnnl_query_data_type));
            dims = query.longs(dnnl.dnnl_query_dims, rank);
            padded = query.longs(dnnl.dnnl_query_padded_dims, rank);
            offsets = query.longs(dnnl.dnnl_query_padded_offsets, rank);
            start = query.number(dnnl.dnnl_query_submemory_offset_s64);
            strides = query.longs(dnnl.dnnl_query_strides, placed ? rank : 0);
            blocks = query.longs(dnnl.dnnl_query_inner_blks, inner);
            blocked = query.longs(dnnl.dnnl_query_inner_idxs, inner);
            bytes = bytes(descriptor);
            blob = blob(descriptor, new SizeTPointer(query.out));
        }
    }

    /** oneDNN counts the gap behind the last row, which it does not touch, and which may be somebody else's. */
    private long bytes(dnnl_memory_desc descriptor) {
        if (kind == dnnl.dnnl_format_kind_any) {
            return 0;
        }
        long reserved = dnnl.dnnl_memory_desc_get_size(descriptor);
        if (kind != dnnl.dnnl_blocked || start > 0) {
            return reserved;
        }
        long elements = inner();
        long[] outer = outerDims();
        for (int i = 0; i < outer.length; i++) {
            elements += (outer[i] - 1) * strides[i];
        }
        return Math.min(reserved, elements * type.bytes);
    }

    /** How many elements lie in an inner block. */
    private long inner() {
        long elements = 1;
        for (long block : blocks) {
            elements *= block;
        }
        return elements;
    }

    /** How many neighbours along a dimension lie in one block. */
    long block(int dim) {
        long block = 1;
        for (int i = 0; i < blocks.length; i++) {
            block *= blocked[i] == dim ? blocks[i] : 1;
        }
        return block;
    }

    boolean sameAs(LayoutFacts that) {
        return type == that.type
                && kind == that.kind
                && bytes == that.bytes
                && start == that.start
                && Arrays.equals(dims, that.dims)
                && Arrays.equals(padded, that.padded)
                && Arrays.equals(offsets, that.offsets)
                && Arrays.equals(steps(), that.steps())
                && Arrays.equals(blocks, that.blocks)
                && Arrays.equals(blocked, that.blocked)
                && (kind == dnnl.dnnl_blocked || kind == dnnl.dnnl_format_kind_any || Arrays.equals(blob, that.blob));
    }

    /** How many steps the strides of each dimension make: its padded size in units of its inner blocks. */
    long[] outerDims() {
        long[] outer = padded.clone();
        for (int i = 0; i < blocks.length; i++) {
            outer[(int) blocked[i]] /= blocks[i];
        }
        return outer;
    }

    /** The dimensions in the order in which they lie, outermost first, inner blocks left aside. */
    int[] outerOrder() {
        long[] outer = outerDims();
        int[] order = new int[dims.length];
        for (int dim = 0; dim < order.length; dim++) {
            int at = dim;
            while (at > 0 && liesOutside(dim, order[at - 1], outer)) {
                order[at] = order[at - 1];
                at--;
            }
            order[at] = dim;
        }
        return order;
    }

    private boolean liesOutside(int dim, int other, long[] outer) {
        return strides[dim] > strides[other] || strides[dim] == strides[other] && outer[dim] > outer[other];
    }

    boolean hasDenseStrides() {
        return hasStrides(outerOrder(), outerDims());
    }

    /** Whether the strides are those of a dense tensor with the dimensions in this order, outermost first. */
    boolean hasStrides(int[] order, long[] outer) {
        long expected = inner();
        for (int i = order.length - 1; i >= 0; i--) {
            if (outer[order[i]] > 1 && strides[order[i]] != expected) {
                return false;
            }
            expected *= outer[order[i]];
        }
        return true;
    }

    /** The tag with a letter for each dimension. */
    String tag(String letters) {
        if (kind == dnnl.dnnl_format_kind_any) {
            return "any";
        }
        if (kind != dnnl.dnnl_blocked) {
            return "opaque";
        }
        StringBuilder tag = new StringBuilder();
        for (int dim : outerOrder()) {
            char letter = letters.charAt(dim);
            tag.append(block(dim) > 1 ? Character.toUpperCase(letter) : letter);
        }
        for (int i = 0; i < blocks.length; i++) {
            tag.append(blocks[i]).append(letters.charAt((int) blocked[i]));
        }
        return hasDenseStrides() ? tag.toString() : tag + "*";
    }

    /** The strides, and 0 where a dimension makes no step, so that its stride says nothing. */
    long[] steps() {
        long[] steps = strides.clone();
        long[] outer = outerDims();
        for (int i = 0; i < steps.length; i++) {
            steps[i] = outer[i] == 1 ? 0 : steps[i];
        }
        return steps;
    }

    /** Whether others, the first of which is so many bytes away, lie in the gaps between these; never if they lie in no known order. */
    boolean alternate(LayoutFacts others, long distance) {
        boolean placed = kind == dnnl.dnnl_blocked && others.kind == dnnl.dnnl_blocked;
        return placed && runs().alternate(others.runs(), distance);
    }

    /**
     * Elements in runs of so many bytes without a gap, whose starts are multiples of a pitch apart.
     *
     * @param length the bytes of a run
     * @param pitch what all distances between starts are multiples of; the length of a single run
     */
    private record Runs(long length, long pitch) {
        /** A single run lies in a gap between others whatever its own pitch. */
        boolean alternate(Runs others, long distance) {
            long common = isSingle() ? others.pitch : pitch;
            return (isSingle() || others.isSingle() || pitch == others.pitch)
                    && Math.floorMod(distance, common) >= length
                    && Math.floorMod(-distance, common) >= others.length;
        }

        private boolean isSingle() {
            return pitch == length;
        }
    }

    private Runs runs() {
        long[] outer = outerDims();
        int[] order = outerOrder();
        long run = inner();
        long pitch = 0;
        for (int i = order.length - 1; i >= 0; i--) {
            int dim = order[i];
            if (outer[dim] == 1) {
                continue;
            }
            if (pitch == 0 && strides[dim] == run) {
                run *= outer[dim];
            } else {
                pitch = divisor(pitch, strides[dim]);
            }
        }
        return new Runs(run * type.bytes, (pitch == 0 ? run : pitch) * type.bytes);
    }

    private static long divisor(long a, long b) {
        return b == 0 ? a : divisor(b, a % b);
    }

    private static byte[] blob(dnnl_memory_desc descriptor, SizeTPointer size) {
        check(dnnl.dnnl_memory_desc_get_blob((BytePointer) null, size, descriptor));
        byte[] blob = new byte[(int) size.get()];
        check(dnnl.dnnl_memory_desc_get_blob(blob, size, descriptor));
        return blob;
    }

    private static void check(int status) {
        if (status != dnnl.dnnl_success) {
            throw new NativeException(Errors.status(status, "query of a layout"));
        }
    }

    private record Query(dnnl_memory_desc descriptor, Pointer out) {
        int integer(int what) {
            check(dnnl.dnnl_memory_desc_query(descriptor, what, out));
            return new IntPointer(out).get();
        }

        long number(int what) {
            check(dnnl.dnnl_memory_desc_query(descriptor, what, out));
            return new LongPointer(out).get();
        }

        long[] longs(int what, int count) {
            return count == 0 ? new long[0] : Handles.longsAt(number(what), count);
        }
    }

    /** The strides of dense elements whose dimensions follow each other in an order, the last of which is contiguous. */
    static long[] denseStrides(int[] order, long[] dims) {
        long[] strides = new long[dims.length];
        long stride = 1;
        for (int i = order.length - 1; i >= 0; i--) {
            strides[order[i]] = stride;
            stride *= dims[order[i]];
        }
        return strides;
    }
}
