package dev.fluxion.engine.kernel;

import java.nio.FloatBuffer;
import java.nio.IntBuffer;
import java.util.Arrays;
import java.util.function.DoubleSupplier;

/** Where a fused kernel's operand comes from: fills a register with the elements of a chunk. */
interface FusedOperand {
    /** Called once a run, before the first chunk. */
    default void begin() {}

    /** Fills {@code register} with the {@code n} elements from index {@code start} on. */
    void load(float[] register, int start, int n);

    /** Floats in the order of the result. */
    record Floats(FloatBuffer buffer) implements FusedOperand {
        @Override
        public void load(float[] register, int start, int n) {
            buffer.get(start, register, 0, n);
        }
    }

    /** Integers in the order of the result. */
    record Ints(IntBuffer buffer) implements FusedOperand {
        @Override
        public void load(float[] register, int start, int n) {
            for (int i = 0; i < n; i++) {
                register[i] = buffer.get(start + i);
            }
        }
    }

    /** One number, read at the start of a run or given by {@code value}. */
    final class Scalar implements FusedOperand {
        private final DoubleSupplier value;
        private float current;

        Scalar(DoubleSupplier value) {
            this.value = value;
        }

        @Override
        public void begin() {
            current = (float) value.getAsDouble();
        }

        @Override
        public void load(float[] register, int start, int n) {
            if (start == 0) {
                Arrays.fill(register, 0, n, current);
            }
        }
    }

    /** Elements at strides: a broadcast operand. The last axis is a run of equal or of neighbouring elements. */
    final class Strided implements FusedOperand {
        private final Elements elements;
        private final int[] dims;
        private final int[] strides;
        private final int run;
        private final int step;

        Strided(Elements elements, int[] dims, int[] strides) {
            this.elements = elements;
            this.dims = dims;
            this.strides = strides;
            this.run = dims[dims.length - 1];
            this.step = strides[dims.length - 1];
        }

        @Override
        public void load(float[] register, int start, int n) {
            int done = 0;
            while (done < n) {
                int at = start + done;
                int within = at % run;
                int from = offset(at / run) + within * step;
                int count = Math.min(n - done, run - within);
                if (step == 0) {
                    Arrays.fill(register, done, done + count, elements.get(from));
                } else if (step == 1) {
                    elements.get(from, register, done, count);
                } else {
                    for (int i = 0; i < count; i++) {
                        register[done + i] = elements.get(from + i * step);
                    }
                }
                done += count;
            }
        }

        private int offset(int outer) {
            int offset = 0;
            int rest = outer;
            for (int axis = dims.length - 2; axis >= 0; axis--) {
                offset += rest % dims[axis] * strides[axis];
                rest /= dims[axis];
            }
            return offset;
        }
    }

    /** The elements of a buffer as floats. */
    interface Elements {
        /** The element at an index. */
        float get(int index);

        /** Puts neighbouring elements into a register. */
        default void get(int index, float[] register, int at, int count) {
            for (int i = 0; i < count; i++) {
                register[at + i] = get(index + i);
            }
        }

        static Elements of(FloatBuffer buffer) {
            return new Elements() {
                @Override
                public float get(int index) {
                    return buffer.get(index);
                }

                @Override
                public void get(int index, float[] register, int at, int count) {
                    buffer.get(index, register, at, count);
                }
            };
        }
    }
}
