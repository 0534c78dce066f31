package dev.fluxion.engine.kernel;

import dev.fluxion.engine.error.Errors;
import dev.fluxion.engine.plan.Step;
import dev.fluxion.ir.BinaryFn;
import dev.fluxion.ir.DType;
import dev.fluxion.ir.Elementwise;
import dev.fluxion.ir.Expr;
import dev.fluxion.ir.Marker;
import dev.fluxion.ir.Op;
import dev.fluxion.ir.ValueException;
import java.nio.FloatBuffer;
import java.util.List;
import java.util.function.IntFunction;

/**
 * Elementwise operators computed together: a few hundred elements at a time pass through all of them while they are in the
 * first-level cache, so that memory is read and written once however long the expression is. A register holds floats, or the bits
 * of integers, all of which are exact.
 */
final class Fused implements Step.Kernel {
    /**
     * Elements of a register. With the array's header of 16 bytes they fill whole cache lines, so that all registers lie
     * alike within a line, and no power of two, so that loads are not taken for loads of what was stored a page away.
     */
    static final int CHUNK = 828;

    private final int first;
    private final int end;
    private final int chunk;
    private final float[][] registers;
    private final FusedOperand[] sources;
    private final Instruction[] instructions;
    private final Sink[] sinks;

    /** Computes elements from {@code first} on. Registers: first one per source, then one per instruction. */
    Fused(int first, int end, List<FusedOperand> sources, List<Instruction> instructions, List<Sink> sinks) {
        this.first = first;
        this.end = end;
        int period = 1;
        for (FusedOperand source : sources) {
            period = source.period() <= CHUNK ? Math.max(period, source.period()) : period;
        }
        this.chunk = CHUNK / period * period;
        this.sources = sources.toArray(new FusedOperand[0]);
        this.instructions = instructions.toArray(new Instruction[0]);
        this.sinks = sinks.toArray(new Sink[0]);
        this.registers = new float[sources.size() + instructions.size()][Math.min(end - first, CHUNK)];
    }

    @Override
    public void run() {
        for (FusedOperand source : sources) {
            source.begin();
        }
        for (int start = first; start < end; start += chunk) {
            int n = Math.min(chunk, end - start);
            for (int i = 0; i < sources.length; i++) {
                sources[i].load(registers[i], start, n);
            }
            for (int i = 0; i < instructions.length; i++) {
                instructions[i].run(registers, registers[sources.length + i], start, n);
            }
            for (Sink sink : sinks) {
                sink.store(registers, start, n);
            }
        }
    }

    /** One operator on registers. */
    interface Instruction {
        void run(float[][] registers, float[] out, int start, int n);

        /** Room for what is computed in double precision. */
        private static double[] wide(boolean isWide) {
            return new double[isWide ? 2 * CHUNK : 0];
        }

        /** The instruction of an expression whose operands are in the given registers; {@code where} names an element. */
        static Instruction of(Expr e, int[] in, IntFunction<String> where) {
            Op op = e.op();
            boolean integers = e.input(0).dtype() == DType.INT;
            if (op instanceof Elementwise.Unary unary) {
                double[] wide = wide(ArrayMath.isWide(unary.fn()));
                return (r, out, start, n) -> ArrayMath.unary(unary.fn(), unary.alpha(), r[in[0]], wide, out, n);
            }
            if (op instanceof Elementwise.Binary binary) {
                double[] wide = wide(binary.fn() == BinaryFn.POW);
                return integers
                        ? (r, out, start, n) -> IntMath.binary(binary.fn(), r[in[0]], r[in[1]], out, n)
                        : (r, out, start, n) -> ArrayMath.binary(binary.fn(), r[in[0]], r[in[1]], wide, out, n);
            }
            if (op instanceof Elementwise.Clip clip) {
                float least = (float) clip.least();
                float most = (float) clip.most();
                return (r, out, start, n) -> ArrayMath.clip(least, most, r[in[0]], out, n);
            }
            if (op instanceof Elementwise.Where) {
                return integers
                        ? (r, out, start, n) -> IntMath.where(r[in[0]], r[in[1]], r[in[2]], out, n)
                        : (r, out, start, n) -> ArrayMath.where(r[in[0]], r[in[1]], r[in[2]], out, n);
            }
            if (op instanceof Elementwise.Cast) {
                return integers
                        ? (r, out, start, n) -> IntMath.toFloat(r[in[0]], out, n)
                        : (r, out, start, n) -> IntMath.truncate(r[in[0]], out, n);
            }
            if (op instanceof Marker.Require) {
                return new Check(e, in[0], in[1], where);
            }
            throw new IllegalArgumentException(op + " is not elementwise");
        }
    }

    private record Check(Expr e, int x, int condition, IntFunction<String> where) implements Instruction {
        @Override
        public void run(float[][] r, float[] out, int start, int n) {
            boolean integers = e.input(1).dtype() == DType.INT;
            for (int i = 0; i < n; i++) {
                float held = r[condition][i];
                if (integers ? Float.floatToRawIntBits(held) == 0 : held == 0) {
                    throw new ValueException(Errors.requirement(
                            e.origin(),
                            ((Marker.Require) e.op()).expectation(),
                            where.apply(start + i),
                            number(r[x][i])));
                }
            }
            System.arraycopy(r[x], 0, out, 0, n);
        }

        private Number number(float element) {
            return e.dtype() == DType.INT ? (Number) Float.floatToRawIntBits(element) : (Number) element;
        }
    }

    /** Where a register goes. */
    record Sink(int register, FloatBuffer buffer) {
        void store(float[][] registers, int start, int n) {
            buffer.put(start, registers[register], 0, n);
        }
    }
}
