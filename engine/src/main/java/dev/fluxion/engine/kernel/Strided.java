package dev.fluxion.engine.kernel;

import dev.fluxion.engine.plan.Buffer;
import dev.fluxion.engine.plan.Step;
import dev.fluxion.ir.Shape;
import java.nio.IntBuffer;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;

/**
 * Copies 4-byte elements between strided places: what transpose, broadcast, slice, pad and concat come down to. What is written
 * again and again is read once, and then copied from where it was written.
 */
public final class Strided implements Step.Kernel {
    private static final int SHORT = 8;

    private final IntBuffer from;
    private final IntBuffer to;
    private final int[] dims;
    private final int[] fromStrides;
    private final int[] toStrides;
    private final int fromStart;
    private final int toStart;
    /** For each axis, the length of what it repeats, if that is one run; else 0. */
    private final int[] repeated;

    private Strided(IntBuffer from, IntBuffer to, Copy copy) {
        this.from = from;
        this.to = to;
        this.dims = copy.dims;
        this.fromStrides = copy.fromStrides;
        this.toStrides = copy.toStrides;
        this.fromStart = copy.fromStart;
        this.toStart = copy.toStart;
        this.repeated = copy.repeated;
    }

    /** Strides, by the axes of a larger tensor, of one whose axes of one element are repeated there. */
    public static int[] repeating(Shape x, int[] own, int rank) {
        int[] strides = new int[rank];
        int shift = rank - own.length;
        for (int i = shift; i < rank; i++) {
            strides[i] = x.dim(i - shift) == 1 ? 0 : own[i - shift];
        }
        return strides;
    }

    /** Copies the elements of {@code dims} by strides and first offsets. Axes that continue each other are merged. */
    public static final class Copy {
        private final int[] dims;
        private final int[] fromStrides;
        private final int[] toStrides;
        private final int fromStart;
        private final int toStart;
        private final int[] repeated;

        /** A copy of {@code shape} elements; the strides have one entry per axis. */
        public Copy(Shape shape, int[] fromStrides, int fromStart, int[] toStrides, int toStart) {
            List<int[]> axes = new ArrayList<>();
            for (int[] axis : outermostFirst(shape, fromStrides, toStrides)) {
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
            this.repeated = repeated(axes);
        }

        private static List<int[]> outermostFirst(Shape shape, int[] fromStrides, int[] toStrides) {
            return IntStream.range(0, shape.rank())
                    .mapToObj(i -> new int[] {shape.dim(i), fromStrides[i], toStrides[i]})
                    .sorted(Comparator.comparingInt(axis -> -axis[2]))
                    .toList();
        }

        private static int[] repeated(List<int[]> axes) {
            int[] repeated = new int[axes.size()];
            int run = 1;
            for (int i = axes.size() - 1; i >= 0 && axes.get(i)[2] == run; i--) {
                repeated[i] = axes.get(i)[1] == 0 && run >= SHORT ? run : 0;
                run *= axes.get(i)[0];
            }
            return repeated;
        }

        /** The copy of what lies at some places of the outermost axis, to memory that begins with the first. */
        private Copy(Copy whole, int extent) {
            this.dims = whole.dims.clone();
            this.dims[0] = extent;
            this.fromStrides = whole.fromStrides;
            this.toStrides = whole.toStrides;
            this.fromStart = 0;
            this.toStart = 0;
            this.repeated = whole.repeated;
        }

        /** The step of the copy, which threads share by what is outermost in the result. */
        public Step step(String operator, String origin, Buffer from, Buffer to) {
            return step(operator, origin, from, to, this)
                    .shared((count, library) -> Step.Division.ofUnits(
                            dims[0], count, (begin, end) -> Optional.of(part(operator, origin, from, to, begin, end))));
        }

        private Step part(String operator, String origin, Buffer from, Buffer to, int begin, int end) {
            Copy some = new Copy(this, end - begin);
            return step(
                    operator,
                    origin,
                    window(from, fromStart + begin * fromStrides[0], some.dims, fromStrides),
                    window(to, toStart + begin * toStrides[0], some.dims, toStrides),
                    some);
        }

        private static Step step(String operator, String origin, Buffer from, Buffer to, Copy copy) {
            return Step.of(operator, origin, List.of(from), List.of(to), "java:copy", copy.between(from, to));
        }

        /** What lies between the first and the last element of those of some extents. */
        private static Buffer window(Buffer all, long start, int[] dims, int[] strides) {
            long last = IntStream.range(0, dims.length)
                    .mapToLong(i -> (dims[i] - 1L) * strides[i])
                    .sum();
            return all.elements(start, start + 1 + last);
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
        if (repeated[axis] > 0) {
            axis(axis + 1, source, target);
            for (int i = 1; i < extent; i++) {
                to.put(target + i * write, to, target, write);
            }
        } else if (axis == dims.length - 2 && dims[axis + 1] < SHORT) {
            plane(axis, source, target);
        } else if (axis < dims.length - 1) {
            for (int i = 0; i < extent; i++) {
                axis(axis + 1, source + i * read, target + i * write);
            }
        } else if (read == 1 && write == 1 && extent >= SHORT) {
            to.put(target, from, source, extent);
        } else {
            row(extent, source, read, target, write);
        }
    }

    private void row(int extent, int source, int read, int target, int write) {
        for (int i = 0; i < extent; i++) {
            to.put(target + i * write, from.get(source + i * read));
        }
    }

    /** Two axes of which the inner one is short. */
    private void plane(int axis, int source, int target) {
        int extent = dims[axis];
        int read = fromStrides[axis];
        int write = toStrides[axis];
        int inner = dims[axis + 1];
        int innerRead = fromStrides[axis + 1];
        int innerWrite = toStrides[axis + 1];
        for (int j = 0; j < inner; j++) {
            row(extent, source + j * innerRead, read, target + j * innerWrite, write);
        }
    }
}
