package dev.fluxion.engine.emit;

import dev.fluxion.Tensor;
import dev.fluxion.engine.plan.Buffer;
import dev.fluxion.engine.plan.Symbol;
import dev.fluxion.engine.plan.TensorLayout;
import dev.fluxion.engine.store.HeapCopy;
import dev.fluxion.ffi.Layout;
import dev.fluxion.ffi.Memory;
import dev.fluxion.ir.DType;
import java.nio.IntBuffer;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Tensors that a graph holds or kernels need, and nobody ever changes. Programs of one lowering share them. */
public final class Constants implements AutoCloseable {
    private final List<Memory> memories = new ArrayList<>();
    private final Map<Key, Buffer> known = new HashMap<>();

    /** Elements by their bits, which are many for some kernels. */
    private record Key(IntBuffer elements, Layout layout) {}

    /** The tensor of these elements, the first ones over and over if there are too few of them, in some layout. */
    public Buffer of(float[] elements, Layout layout) {
        int[] bits = new int[elements.length];
        for (int i = 0; i < bits.length; i++) {
            bits[i] = Float.floatToIntBits(elements[i]);
        }
        return known.computeIfAbsent(new Key(IntBuffer.wrap(bits), layout), k -> make(elements, layout));
    }

    /** A tensor in its plain layout. */
    public Buffer of(Tensor values) {
        if (values.dtype() == DType.FLOAT) {
            return of(values.floats(), TensorLayout.plain(values.shape(), Layout.Type.F32));
        }
        Layout layout = TensorLayout.plain(values.shape(), Layout.Type.S32);
        return known.computeIfAbsent(new Key(IntBuffer.wrap(values.ints()), layout), k -> {
            Memory home = allocate(layout);
            home.slice().ints().put(0, values.ints());
            return Buffer.fixed("constant", layout, new Symbol.Given<>(home), () -> 0);
        });
    }

    private Buffer make(float[] elements, Layout layout) {
        Memory home = allocate(layout);
        float[] all = new float[(int) layout.elements()];
        for (int i = 0; i < all.length; i++) {
            all[i] = elements[i % elements.length];
        }
        HeapCopy.write(all, layout, home.slice());
        return Buffer.fixed("constant", layout, new Symbol.Given<>(home), () -> 0);
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
