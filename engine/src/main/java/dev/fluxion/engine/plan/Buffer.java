package dev.fluxion.engine.plan;

import dev.fluxion.ffi.Layout;
import dev.fluxion.ffi.Slice;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * A piece of memory that steps read and write. A root buffer is either fixed, in memory that somebody else owns, or placed
 * in the arena by the plan; a view shares the memory of its root under another layout or at an offset.
 */
public final class Buffer {
    private final String name;
    private final Layout layout;
    private final LongSupplier bytes;
    private final @Nullable Buffer root;
    private final LongSupplier offset;
    private final @Nullable Supplier<Slice> home;
    private final boolean permanent;

    private Buffer(
            String name,
            Layout layout,
            LongSupplier bytes,
            @Nullable Buffer root,
            LongSupplier offset,
            @Nullable Supplier<Slice> home,
            boolean permanent) {
        this.name = name;
        this.layout = layout;
        this.bytes = bytes;
        this.root = root;
        this.offset = offset;
        this.home = home;
        this.permanent = permanent;
    }

    /** A buffer in the arena that lives from its first to its last use. */
    public static Buffer temporary(String name, Layout layout) {
        return new Buffer(name, layout, layout::bytes, null, () -> 0, null, false);
    }

    /** A buffer in the arena that keeps its content between runs. */
    public static Buffer permanent(String name, Layout layout) {
        return new Buffer(name, layout, layout::bytes, null, () -> 0, null, true);
    }

    /** Room in the arena, of a size known when the plan is made, that lives from its first to its last use. */
    public static Buffer room(String name, LongSupplier bytes) {
        return new Buffer(name, Layout.plain(1), bytes, null, () -> 0, null, false);
    }

    /** A buffer in memory that somebody else owns. */
    public static Buffer fixed(String name, Layout layout, Supplier<Slice> home) {
        return new Buffer(name, layout, layout::bytes, null, () -> 0, home, true);
    }

    /** The same memory under another layout. */
    public Buffer as(Layout other) {
        return new Buffer(name, other, other::bytes, root(), offset, null, permanent);
    }

    /** A part of the same memory. */
    public Buffer part(String partName, LongSupplier start, Layout partLayout) {
        LongSupplier before = offset;
        LongSupplier sum = () -> before.getAsLong() + start.getAsLong();
        return new Buffer(partName, partLayout, partLayout::bytes, root(), sum, null, permanent);
    }

    /** What the buffer holds, for explanations. */
    public String name() {
        return name;
    }

    /** How the elements lie. */
    public Layout layout() {
        return layout;
    }

    /** The buffer whose memory this one shares; itself if none. */
    public Buffer root() {
        return root == null ? this : root;
    }

    /** The size in bytes. */
    public long bytes() {
        return bytes.getAsLong();
    }

    /** Whether two buffers share memory whatever the plan. */
    public boolean overlaps(Buffer other) {
        if (isFixed() && other.isFixed()) {
            return slice(Buffer::unplanned).overlaps(other.slice(Buffer::unplanned));
        }
        long start = offset.getAsLong();
        long otherStart = other.offset.getAsLong();
        return root() == other.root()
                && start < otherStart + other.bytes()
                && otherStart < start + bytes()
                && !layout.alternates(other.layout, otherStart - start);
    }

    private static Slice unplanned() {
        throw new IllegalStateException("fixed memory needs no plan");
    }

    /** Whether the memory belongs to somebody else. */
    public boolean isFixed() {
        return root().home != null;
    }

    /** Whether the content survives the run. */
    public boolean isPermanent() {
        return permanent;
    }

    /** The memory of the buffer, given the place of its root where the plan decides it. */
    public Slice slice(Supplier<Slice> planned) {
        Buffer root = root();
        Slice whole = root.home != null ? root.home.get() : planned.get();
        return root == this ? whole : whole.slice(offset.getAsLong(), bytes());
    }

    @Override
    public String toString() {
        return name + " " + layout;
    }
}
