package dev.fluxion.engine.store;

import dev.fluxion.ffi.Arg;
import dev.fluxion.ffi.Call;
import dev.fluxion.ffi.Layout;
import dev.fluxion.ffi.Memory;
import dev.fluxion.ffi.Primitive;
import dev.fluxion.ffi.Reorder;
import dev.fluxion.ffi.Slice;
import java.util.LinkedHashMap;
import java.util.Map;

/** Copies between arrays, row-major, and native memory in some layout: directly, or by way of a row-major tensor. */
public final class HeapCopy {
    private HeapCopy() {}

    public static void write(float[] from, Layout layout, Slice to) {
        if (layout.isPlain()) {
            to.floats().put(0, from);
            return;
        }
        Layout plain = Layout.plain(layout.dims());
        try (Memory staging = Memory.allocate(plain.bytes())) {
            staging.slice().floats().put(0, from);
            reorder(plain, staging.slice(), layout, to);
        }
    }

    static void read(Layout layout, Slice from, float[] to) {
        if (layout.isPlain()) {
            from.floats().get(0, to);
            return;
        }
        Layout plain = Layout.plain(layout.dims());
        try (Memory staging = Memory.allocate(plain.bytes())) {
            reorder(layout, from, plain, staging.slice());
            staging.slice().floats().get(0, to);
        }
    }

    private static void reorder(Layout from, Slice source, Layout to, Slice destination) {
        try (Primitive primitive = Primitive.of(Reorder.of(from, to));
                Memory scratch = Memory.allocate(primitive.scratchpadBytes())) {
            Map<Arg, Slice> args = new LinkedHashMap<>(Map.of(Arg.SOURCE, source, Arg.DESTINATION, destination));
            if (primitive.layouts().containsKey(Arg.SCRATCHPAD)) {
                args.put(Arg.SCRATCHPAD, scratch.slice());
            }
            try (Call call = primitive.bind(args)) {
                call.run();
            }
        }
    }
}
