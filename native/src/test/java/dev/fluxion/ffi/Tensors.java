package dev.fluxion.ffi;

import java.nio.ByteBuffer;
import java.nio.FloatBuffer;
import java.util.Arrays;
import java.util.BitSet;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;

/** Runs primitives on tensors that the tests hold as row-major arrays of doubles. */
final class Tensors {
    private static final int GAP = 128;
    private static final float GARBAGE = 1e30f;

    private Tensors() {}

    static double[] random(Random random, long... dims) {
        return random.doubles(count(dims)).map(x -> (float) (2 * x - 1)).toArray();
    }

    static int count(long... dims) {
        return (int) Arrays.stream(dims).reduce(1, (a, b) -> a * b);
    }

    /** Where an element lies, in elements from the start of the tensor. */
    static long place(Layout layout, long[] index) {
        LayoutFacts facts = layout.facts();
        long place = facts.start;
        long[] rest = index.clone();
        long step = 1;
        for (int i = facts.blocks.length - 1; i >= 0; i--) {
            int dim = (int) facts.blocked[i];
            place += rest[dim] % facts.blocks[i] * step;
            rest[dim] /= facts.blocks[i];
            step *= facts.blocks[i];
        }
        for (int i = 0; i < rest.length; i++) {
            place += rest[i] * facts.strides[i];
        }
        return place;
    }

    static void write(Slice slice, Layout layout, double[] values) {
        if (layout.type() != Layout.Type.F32) {
            ByteBuffer bytes = slice.buffer();
            for (int i = 0; i < values.length; i++) {
                bytes.put(i, (byte) values[i]);
            }
            return;
        }
        FloatBuffer floats = slice.floats();
        each(layout, (i, place) -> floats.put(place, (float) values[i]));
    }

    static double[] read(Slice slice, Layout layout) {
        FloatBuffer floats = slice.floats();
        double[] values = new double[(int) layout.elements()];
        each(layout, (i, place) -> values[i] = floats.get(place));
        return values;
    }

    /** Runs once, on slices as long as their layouts, with results full of garbage and untouchable gaps between. */
    static Map<Arg, double[]> run(Primitive primitive, Map<Arg, double[]> inputs) {
        Map<Arg, Slice> slices = new LinkedHashMap<>();
        try (Memory memory = Memory.allocate(primitive.layouts().values().stream()
                .mapToLong(l -> padded(l.bytes()))
                .sum())) {
            FloatBuffer all = memory.slice().floats();
            for (int i = 0; i < all.limit(); i++) {
                all.put(i, GARBAGE);
            }
            long offset = GAP;
            for (Map.Entry<Arg, Layout> entry : primitive.layouts().entrySet()) {
                Layout layout = entry.getValue();
                Slice slice = memory.slice(offset, layout.bytes());
                offset += padded(layout.bytes());
                double[] values = inputs.get(entry.getKey());
                if (values != null) {
                    clear(slice);
                    write(slice, layout, values);
                }
                slices.put(entry.getKey(), slice);
            }
            try (Call call = primitive.bind(slices)) {
                call.run();
            }
            requireGapsUntouched(all, slices.values(), primitive);
            Map<Arg, double[]> results = new LinkedHashMap<>();
            slices.forEach((arg, slice) -> {
                Layout layout = primitive.layout(arg);
                if (layout.type() == Layout.Type.F32) {
                    results.put(arg, read(slice, layout));
                } else if (arg.equals(Arg.WORKSPACE)) {
                    results.put(arg, bytes(slice));
                }
            });
            return results;
        }
    }

    private interface Visitor {
        void visit(int ordinal, int place);
    }

    private static void each(Layout layout, Visitor visitor) {
        long[] dims = layout.dims();
        long[] index = new long[dims.length];
        for (int i = 0; i < layout.elements(); i++) {
            visitor.visit(i, (int) place(layout, index));
            for (int d = dims.length - 1; d >= 0 && ++index[d] == dims[d]; d--) {
                index[d] = 0;
            }
        }
    }

    private static double[] bytes(Slice slice) {
        ByteBuffer buffer = slice.buffer();
        double[] bytes = new double[buffer.limit()];
        Arrays.setAll(bytes, buffer::get);
        return bytes;
    }

    private static long padded(long bytes) {
        return (bytes + 63) / 64 * 64 + GAP;
    }

    private static void clear(Slice slice) {
        ByteBuffer bytes = slice.buffer();
        for (int i = 0; i < bytes.limit(); i++) {
            bytes.put(i, (byte) 0);
        }
    }

    private static void requireGapsUntouched(FloatBuffer all, Collection<Slice> slices, Primitive primitive) {
        BitSet used = new BitSet();
        slices.forEach(s -> used.set((int) s.offset() / 4, (int) (s.offset() + s.bytes() + 3) / 4));
        for (int i = used.nextClearBit(0); i < all.limit(); i = used.nextClearBit(i + 1)) {
            if (all.get(i) != GARBAGE) {
                throw new AssertionError("wrote outside its arguments: " + primitive);
            }
        }
    }

    /** One slice for each argument, one behind the other. */
    static Map<Arg, Slice> slices(Primitive primitive, Memory memory) {
        Map<Arg, Slice> slices = new LinkedHashMap<>();
        long offset = 0;
        for (Map.Entry<Arg, Layout> entry : primitive.layouts().entrySet()) {
            slices.put(entry.getKey(), memory.slice(offset, entry.getValue().bytes()));
            offset += padded(entry.getValue().bytes());
        }
        return slices;
    }

    static void requireClose(Primitive primitive, Arg arg, double[] actual, double[] expected, double tolerance) {
        for (int i = 0; i < expected.length; i++) {
            double limit = tolerance * Math.max(1, Math.abs(expected[i]));
            if (actual.length != expected.length || !(Math.abs(actual[i] - expected[i]) <= limit)) {
                throw new AssertionError(
                        String.format("%s[%d] is %s instead of %s in %s", arg, i, actual[i], expected[i], primitive));
            }
        }
    }

    /** Checks every acceptable implementation and returns how many there are. */
    static int check(Operation operation, Map<Arg, double[]> data, Map<Arg, double[]> expected, double tolerance) {
        List<Primitive> all = Primitive.all(operation);
        for (Primitive primitive : all) {
            try (primitive) {
                Map<Arg, double[]> results = run(primitive, data);
                expected.forEach((arg, values) -> requireClose(primitive, arg, results.get(arg), values, tolerance));
            }
        }
        return all.size();
    }
}
