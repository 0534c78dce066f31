package dev.fluxion.engine.kernel;

import java.nio.FloatBuffer;
import java.util.Arrays;

/** Where a fused kernel's operand comes from: fills a register with the elements of a chunk, of integers with their bits. */
interface FusedOperand {
    /** Called once a run, before the first chunk. */
    default void begin() {}

    /** Fills {@code register} with the {@code n} elements from index {@code start} on. */
    void load(float[] register, int start, int n);

    /** Elements in the order of the result. */
    record Dense(FloatBuffer buffer) implements FusedOperand {
        @Override
        public void load(float[] register, int start, int n) {
            buffer.get(start, register, 0, n);
        }
    }

    /** A number that is known at the start of a run. */
    interface FloatSupplier {
        float getAsFloat();
    }

    /** A length that chunks should be a multiple of, so that what they read is alike. */
    default int period() {
        return 1;
    }

    /** One number, read at the start of a run. */
    final class Scalar implements FusedOperand {
        private final FloatSupplier value;
        private float current;
        private boolean filled;

        Scalar(FloatSupplier value) {
            this.value = value;
        }

        @Override
        public void begin() {
            current = value.getAsFloat();
            filled = false;
        }

        @Override
        public void load(float[] register, int start, int n) {
            if (!filled) {
                Arrays.fill(register, 0, n, current);
                filled = true;
            }
        }
    }

    /** Elements at strides: a broadcast operand. The last axis is a run of equal or of neighbouring elements, which may repeat. */
    final class Strided implements FusedOperand {
        private final FloatBuffer elements;
        private final int[] dims;
        private final int[] strides;
        private final int run;
        private final int step;
        /** How often a run of neighbours comes before another one. */
        private final int repeats;
        /** The run that the register begins with, which part of it, and how much there is. */
        private int known;

        private int part;
        private int length;

        Strided(FloatBuffer elements, int[] dims, int[] strides) {
            this.elements = elements;
            this.dims = dims;
            this.strides = strides;
            this.run = dims[dims.length - 1];
            this.step = strides[dims.length - 1];
            this.repeats = dims.length > 1 && step == 1 && strides[dims.length - 2] == 0 ? dims[dims.length - 2] : 1;
        }

        @Override
        public int period() {
            return step == 1 && repeats > 1 ? run : 1;
        }

        @Override
        public void begin() {
            length = 0;
        }

        @Override
        public void load(float[] register, int start, int n) {
            int block = start / (run * repeats);
            boolean lies = block == known && start % run == part && n <= length;
            if (lies && (start + n - 1) / (run * repeats) == block) {
                return;
            }
            fill(register, start, n);
            known = block;
            part = start % run;
            length = (start + n - 1) / (run * repeats) == block ? n : 0;
        }

        private void fill(float[] register, int start, int n) {
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
                if (repeats > 1 && count == run) {
                    int left = Math.min(n - done, (repeats - 1 - at / run % repeats) * run);
                    repeat(register, done - run, run, left);
                    done += left;
                }
            }
        }

        /** Continues with copies of what begins at an index: of twice as many elements each time. */
        private static void repeat(float[] register, int start, int length, int more) {
            int known = length;
            for (int left = more; left > 0; ) {
                int count = Math.min(known, left);
                System.arraycopy(register, start, register, start + known, count);
                known += count;
                left -= count;
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
}
