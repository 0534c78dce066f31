package dev.fluxion.engine;

import dev.fluxion.engine.plan.Buffer;
import dev.fluxion.ffi.Arg;
import dev.fluxion.ffi.Call;
import dev.fluxion.ffi.Layout;
import dev.fluxion.ffi.Memory;
import dev.fluxion.ffi.Primitive;
import dev.fluxion.ffi.Reorder;
import java.nio.IntBuffer;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Tensors that kernels need and nobody ever changes. Programs of one lowering share them. */
final class Constants implements AutoCloseable {
    private final List<Memory> memories = new ArrayList<>();
    private final Map<Key, Buffer> known = new HashMap<>();

    /** Elements by their bits, which are many for some kernels. */
    private record Key(IntBuffer elements, Layout layout) {}

    /** The tensor of these elements, the first ones over and over if there are too few of them, in some layout. */
    Buffer of(float[] elements, Layout layout) {
        int[] bits = new int[elements.length];
        for (int i = 0; i < bits.length; i++) {
            bits[i] = Float.floatToIntBits(elements[i]);
        }
        return known.computeIfAbsent(new Key(IntBuffer.wrap(bits), layout), k -> make(elements, layout));
    }

    private Buffer make(float[] elements, Layout layout) {
        Memory home = allocate(layout);
        Layout plain = Layout.plain(layout.dims());
        try (Memory row = Memory.allocate(plain.bytes());
                Primitive copy = Primitive.of(Reorder.of(plain, layout))) {
            float[] all = new float[(int) plain.elements()];
            for (int i = 0; i < all.length; i++) {
                all[i] = elements[i % elements.length];
            }
            row.slice().floats().put(all);
            try (Call call = copy.bind(Map.of(Arg.SOURCE, row.slice(), Arg.DESTINATION, home.slice()))) {
                call.run();
            }
        }
        return Buffer.fixed("constant", layout, home::slice);
    }

    private Memory allocate(Layout layout) {
        Memory memory = Memory.allocate(layout.bytes());
        memories.add(memory);
        return memory;
    }

    @Override
    public void close() {
        memories.forEach(Memory::close);
    }
}
