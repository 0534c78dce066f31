package dev.fluxion.engine.kernel;

import dev.fluxion.engine.plan.Buffer;
import dev.fluxion.engine.plan.Step;
import dev.fluxion.ir.Shape;
import java.nio.IntBuffer;
import java.util.ArrayList;
import java.util.List;

/** Copies 4-byte elements between strided places: what transpose, broadcast, slice, pad and concat come down to. */
public final class Strided implements Step.Kernel {
    private static final int SHORT = 8;

    private final IntBuffer from;
    private final IntBuffer to;
    private final int[] dims;
    private final int[] fromStrides;
    private final int[] toStrides;
    private final int fromStart;
    private final int toStart;

    private Strided(IntBuffer from, IntBuffer to, Copy copy) {
        this.from = from;
        this.to = to;
        this.dims = copy.dims;
        this.fromStrides = copy.fromStrides;
        this.toStrides = copy.toStrides;
        this.fromStart = copy.fromStart;
        this.toStart = copy.toStart;
    }

    /** Copies the elements of {@code dims} by strides and first offsets. Axes that continue each other are merged. */
    public static final class Copy {
        private final int[] dims;
        private final int[] fromStrides;
        private final int[] toStrides;
        private final int fromStart;
        private final int toStart;

        /** A copy of {@code shape} elements; the strides have one entry per axis. */
        public Copy(Shape shape, int[] fromStrides, int fromStart, int[] toStrides, int toStart) {
            List<int[]> axes = new ArrayList<>();
            for (int i = 0; i < shape.rank(); i++) {
                int[] axis = {shape.dim(i), fromStrides[i], toStrides[i]};
                int[] last = axes.isEmpty() ? axis : axes.get(axes.size() - 1);
                if (axis[0] == 1) {
                    continue;
                }
                if (last != axis && last[1] == axis[0] * axis[1] && last[2] == axis[0] * axis[2]) {
                    axes.set(axes.size() - 1, new int[] {last[0] * axis[0], axis[1], axis[2]});
                } else {
                    axes.add(axis);
                }
            }
            if (axes.isEmpty()) {
                axes.add(new int[] {1, 1, 1});
            }
            this.dims = axes.stream().mapToInt(a -> a[0]).toArray();
            this.fromStrides = axes.stream().mapToInt(a -> a[1]).toArray();
            this.toStrides = axes.stream().mapToInt(a -> a[2]).toArray();
            this.fromStart = fromStart;
            this.toStart = toStart;
        }

        /** Binds the copy. */
        public Step.Binder between(Buffer from, Buffer to) {
            return places -> new Strided(places.of(from).ints(), places.of(to).ints(), this);
        }
    }

    @Override
    public void run() {
        axis(0, fromStart, toStart);
    }

    private void axis(int axis, int source, int target) {
        int extent = dims[axis];
        int read = fromStrides[axis];
        int write = toStrides[axis];
        if (axis < dims.length - 1) {
            for (int i = 0; i < extent; i++) {
                axis(axis + 1, source + i * read, target + i * write);
            }
        } else if (read == 1 && write == 1 && extent >= SHORT) {
            to.put(target, from, source, extent);
        } else {
            for (int i = 0; i < extent; i++) {
                to.put(target + i * write, from.get(source + i * read));
            }
        }
    }
}
