package dev.fluxion.engine.kernel;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fluxion.engine.catalogue.Case;
import dev.fluxion.engine.catalogue.OperatorCatalogue;
import dev.fluxion.engine.catalogue.Row;
import dev.fluxion.engine.plan.Buffer;
import dev.fluxion.engine.plan.Step;
import dev.fluxion.engine.plan.Symbol;
import dev.fluxion.ffi.Layout;
import dev.fluxion.ffi.Memory;
import dev.fluxion.ffi.Slice;
import dev.fluxion.ir.Contraction;
import dev.fluxion.ir.ConvSpec;
import dev.fluxion.ir.Expr;
import dev.fluxion.ir.Normalised;
import dev.fluxion.ir.PoolSpec;
import dev.fluxion.ir.Pooling;
import dev.fluxion.ir.Shape;
import java.nio.FloatBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/** The kernels that step in where the native library has none, on every use of their operators. */
class FallbackTest {
    private static final int CASES = 100;
    /** Sums of at most 400 products of numbers up to 2, each off by half a unit of float32: 400·4·2⁻²⁴. */
    private static final double CLOSE = 1e-4;

    /** Makes the kernel for a use, given its operands, its result and room. */
    private interface Maker {
        Step.Binder of(Expr e, List<Buffer> in, Buffer to, Buffer room);
    }

    private static final Map<String, Maker> KERNELS = Map.of(
            "conv",
            (e, in, to, room) -> columns(((Contraction.Conv) e.op()).spec(), shape(e, 0), shape(e, 1), e.shape())
                    .forward(in.get(0), in.get(1), to, room, filters(e)),
            "convGradInput",
            (e, in, to, room) -> columns(
                            ((Contraction.ConvGradInput) e.op()).spec(), e.shape(), shape(e, 1), shape(e, 0))
                    .inputGradient(in.get(0), in.get(1), to, room),
            "convGradWeight",
            (e, in, to, room) -> columns(
                            ((Contraction.ConvGradWeight) e.op()).spec(), shape(e, 0), e.shape(), shape(e, 1))
                    .weightGradient(in.get(0), in.get(1), to, room),
            "matmul",
            (e, in, to, room) -> Gemms.of(shape(e, 0), e.shape(), in.get(0), in.get(1), to),
            "softmax",
            (e, in, to, room) -> Normalise.of(false, e.shape(), ((Normalised.Softmax) e.op()).axis(), in.get(0), to),
            "logSoftmax",
            (e, in, to, room) -> Normalise.of(true, e.shape(), ((Normalised.LogSoftmax) e.op()).axis(), in.get(0), to),
            "maxPool",
            (e, in, to, room) -> windows(e, shape(e, 0), e.shape()).max(in.get(0), to),
            "maxPoolGrad",
            (e, in, to, room) -> windows(e, e.shape(), shape(e, 1)).maxGradient(in.get(0), in.get(1), to),
            "avgPool",
            (e, in, to, room) -> windows(e, shape(e, 0), e.shape()).average(in.get(0), to),
            "avgPoolGrad",
            (e, in, to, room) -> windows(e, e.shape(), shape(e, 0)).averageGradient(in.get(0), to));

    private static Shape shape(Expr e, int operand) {
        return e.input(operand).shape();
    }

    /** The filters of a group. */
    private static int filters(Expr conv) {
        return shape(conv, 1).dim(0) / ((Contraction.Conv) conv.op()).spec().groups();
    }

    private static ColumnConvolution columns(ConvSpec spec, Shape x, Shape w, Shape y) {
        return new ColumnConvolution(spec, x, w, y);
    }

    private static WindowPooling windows(Expr e, Shape x, Shape y) {
        PoolSpec spec = ((Pooling) e.op()).spec();
        return new WindowPooling(spec, x, y);
    }

    @TestFactory
    Stream<DynamicTest> fallbacksComputeTheirOperators() {
        return KERNELS.entrySet().stream()
                .map(kernel -> DynamicTest.dynamicTest(kernel.getKey(), () -> {
                    Row row = OperatorCatalogue.row(kernel.getKey());
                    for (int seed = 0; seed < CASES; seed++) {
                        check(row + ", seed " + seed, row.at(seed), kernel.getValue());
                    }
                }));
    }

    /** Memory that is given, and some room. */
    private record Home(Memory room) implements Step.Places {
        @Override
        public Slice of(Buffer buffer) {
            return buffer.slice(this, room::slice);
        }

        @Override
        public <T> T of(Symbol<T> symbol) {
            return ((Symbol.Given<T>) symbol).value();
        }
    }

    private static void check(String what, Case c, Maker maker) {
        Expr e = c.output();
        List<Memory> memories = new ArrayList<>();
        List<Buffer> in = new ArrayList<>();
        for (Expr operand : e.inputs()) {
            double[] values = c.interpreter().evaluate(operand).data();
            Memory memory = Memory.allocate(4L * values.length);
            for (int i = 0; i < values.length; i++) {
                memory.slice().floats().put(i, (float) values[i]);
            }
            memories.add(memory);
            in.add(Buffer.fixed("in", Layout.plain(values.length), new Symbol.Given<>(memory), () -> 0));
        }
        Memory result = dirty(4L * e.shape().size());
        Memory room = dirty(1 << 20);
        Buffer to = Buffer.fixed("to", Layout.plain(e.shape().size()), new Symbol.Given<>(result), () -> 0);
        Step.Kernel kernel = maker.of(
                        e, in, to, Buffer.fixed("room", Layout.plain(1 << 18), new Symbol.Given<>(room), () -> 0))
                .bind(new Home(room));
        double[] expected = c.expected().data();
        for (int run = 0; run < 2; run++) {
            kernel.run();
            for (int i = 0; i < expected.length; i++) {
                float got = result.slice().floats().get(i);
                assertThat(Math.abs(got - expected[i]))
                        .as("%s, element %d: %s", what, i, got)
                        .isLessThan(CLOSE);
            }
        }
        kernel.close();
        memories.add(result);
        memories.add(room);
        memories.forEach(Memory::close);
    }

    private static Memory dirty(long bytes) {
        Memory memory = Memory.allocate(bytes);
        FloatBuffer floats = memory.slice().floats();
        while (floats.hasRemaining()) {
            floats.put(Float.NaN);
        }
        return memory;
    }
}
