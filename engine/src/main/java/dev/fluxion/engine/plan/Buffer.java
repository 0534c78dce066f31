package dev.fluxion.engine.plan;

import dev.fluxion.ffi.Layout;
import dev.fluxion.ffi.Memory;
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
    /** Null where the layout tells. */
    private final @Nullable LongSupplier bytes;

    private final @Nullable Buffer root;
    private final LongSupplier offset;
    private final @Nullable Symbol<Memory> home;
    private final boolean persistent;
    private final @Nullable Motion motion;

    /** How a view moves on from tile to tile, by so many bytes, and all that it sweeps over. */
    private record Motion(long bytes, Buffer swept) {}

    private Buffer(
            String name,
            Layout layout,
            @Nullable LongSupplier bytes,
            @Nullable Buffer root,
            LongSupplier offset,
            @Nullable Symbol<Memory> home,
            boolean persistent,
            @Nullable Motion motion) {
        this.name = name;
        this.layout = layout;
        this.bytes = bytes;
        this.root = root;
        this.offset = offset;
        this.home = home;
        this.persistent = persistent;
        this.motion = motion;
    }

    /** A buffer in the arena that lives from its first to its last use. */
    public static Buffer temporary(String name, Layout layout) {
        return placed(name, layout, null, false);
    }

    /** A buffer in the arena that keeps its content between runs. */
    public static Buffer persistent(String name, Layout layout) {
        return placed(name, layout, null, true);
    }

    /** Room in the arena that lives from its first to its last use. */
    public static Buffer scratch(String name, long bytes) {
        return scratch(name, () -> bytes);
    }

    /** Room in the arena, of a size known when the plan is made, that lives from its first to its last use. */
    public static Buffer scratch(String name, LongSupplier bytes) {
        return placed(name, Layout.plain(1), bytes, false);
    }

    private static Buffer placed(String name, Layout layout, @Nullable LongSupplier bytes, boolean persistent) {
        return new Buffer(name, layout, bytes, null, () -> 0, null, persistent, null);
    }

    /**
     * A buffer in memory that somebody else owns.
     *
     * @param home the memory, told from others by equality
     * @param start where the buffer starts in it, in bytes
     */
    public static Buffer fixed(String name, Layout layout, Symbol<Memory> home, LongSupplier start) {
        return new Buffer(name, layout, null, null, start, home, true, null);
    }

    /** The same memory under another layout. */
    public Buffer as(Layout other) {
        return new Buffer(name, other, null, root(), offset, null, persistent, motion);
    }

    /** A part of the same memory. */
    public Buffer part(String partName, LongSupplier start, Layout partLayout) {
        LongSupplier before = offset;
        LongSupplier sum = () -> before.getAsLong() + start.getAsLong();
        return new Buffer(partName, partLayout, null, root(), sum, null, persistent, motion);
    }

    /** A part of the same memory, where it lies. */
    public Buffer part(Layout.Part place) {
        return part(name, place::start, place.layout());
    }

    /** Some elements of four bytes, which lie one behind the other, by their places in memory. */
    public Buffer elements(long from, long end) {
        return part(name, () -> from * Integer.BYTES, Layout.plain(layout.type(), end - from));
    }

    /**
     * The same memory, which moves on from tile to tile in a loop.
     *
     * @param bytes how far
     * @param swept all that it is for any tile
     */
    public Buffer moving(long bytes, Buffer swept) {
        return new Buffer(name, layout, this.bytes, root(), offset, null, persistent, new Motion(bytes, swept));
    }

    /** How far the buffer moves on from tile to tile, in bytes. */
    public long motion() {
        return motion == null ? 0 : motion.bytes;
    }

    /** The same memory, to which each tile of a loop adds something: who reads it waits for the last of them. */
    public Buffer accumulating() {
        return moving(0, this);
    }

    /** Whether each tile of a loop adds something to the buffer. */
    boolean isAccumulating() {
        return motion != null && motion.bytes == 0;
    }

    /** Whether what a tile of a loop does to this buffer concerns the same tile of the other one, which it overlaps, alone. */
    boolean keepsPaceWith(Buffer other) {
        if (motion == null || other.motion == null) {
            return motion == other.motion;
        }
        return !isAccumulating()
                && motion.bytes == other.motion.bytes
                && swept().offset() == other.swept().offset()
                && swept().bytes() == other.swept().bytes();
    }

    /** What the buffer is for any tile. */
    Buffer swept() {
        return motion == null ? this : motion.swept;
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
        return bytes == null ? layout.bytes() : bytes.getAsLong();
    }

    /** Whether two buffers share memory whatever the plan. */
    public boolean overlaps(Buffer other) {
        if (motion != null || other.motion != null) {
            return swept().overlaps(other.swept());
        }
        long start = offset.getAsLong();
        long otherStart = other.offset.getAsLong();
        return memory().equals(other.memory())
                && start < otherStart + other.bytes()
                && otherStart < start + bytes()
                && (isFixed() || !layout.alternates(other.layout, otherStart - start));
    }

    /** What the buffer lies in, told from others by equality: its root, or the memory of somebody else. */
    public Object memory() {
        Symbol<Memory> home = root().home;
        return home == null ? root() : home;
    }

    /** Where the buffer starts, in bytes from the start of its root, or of the memory that somebody else owns. */
    public long offset() {
        return offset.getAsLong();
    }

    /** Whether the memory belongs to somebody else. */
    public boolean isFixed() {
        return root().home != null;
    }

    /** Whether somebody else has filled it before the first step runs. */
    boolean isGiven() {
        Symbol<Memory> home = root().home;
        return home != null && !home.isMade();
    }

    /** Whether it is no view, and the plan decides where it lies until its last use. */
    public boolean isOwn() {
        return root == null && !isFixed() && !persistent && motion == null;
    }

    /** Whether the content survives the run. */
    public boolean isPersistent() {
        return persistent;
    }

    /** The memory of the buffer, given the place of its root where the plan decides it. */
    public Slice slice(Step.Places places, Supplier<Slice> planned) {
        Buffer root = root();
        if (root.home != null) {
            return places.of(root.home).slice(offset(), bytes());
        }
        return root == this ? planned.get() : planned.get().slice(offset(), bytes());
    }

    @Override
    public String toString() {
        return name + " " + layout;
    }
}
