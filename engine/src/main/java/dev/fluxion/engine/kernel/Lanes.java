package dev.fluxion.engine.kernel;

import dev.fluxion.ir.BinaryFn;
import dev.fluxion.ir.UnaryFn;

/** The operators on short float arrays, as loops simple enough for the virtual machine to vectorise. */
final class Lanes {
    private Lanes() {}

    static void unary(UnaryFn fn, double alpha, float[] x, float[] out, int n) {
        switch (fn) {
            case NEG -> {
                for (int i = 0; i < n; i++) {
                    out[i] = -x[i];
                }
            }
            case ABS -> {
                for (int i = 0; i < n; i++) {
                    out[i] = Math.abs(x[i]);
                }
            }
            case SQUARE -> {
                for (int i = 0; i < n; i++) {
                    out[i] = x[i] * x[i];
                }
            }
            case SQRT -> {
                for (int i = 0; i < n; i++) {
                    out[i] = (float) Math.sqrt(x[i]);
                }
            }
            case RECIPROCAL -> {
                for (int i = 0; i < n; i++) {
                    out[i] = 1 / x[i];
                }
            }
            case RELU -> {
                for (int i = 0; i < n; i++) {
                    out[i] = Math.max(x[i], 0);
                }
            }
            case EXP -> {
                for (int i = 0; i < n; i++) {
                    out[i] = (float) Math.exp(x[i]);
                }
            }
            default -> {
                for (int i = 0; i < n; i++) {
                    out[i] = (float) fn.apply(x[i], alpha);
                }
            }
        }
    }

    static void binary(BinaryFn fn, float[] a, float[] b, float[] out, int n) {
        switch (fn) {
            case ADD -> {
                for (int i = 0; i < n; i++) {
                    out[i] = a[i] + b[i];
                }
            }
            case SUB -> {
                for (int i = 0; i < n; i++) {
                    out[i] = a[i] - b[i];
                }
            }
            case MUL -> {
                for (int i = 0; i < n; i++) {
                    out[i] = a[i] * b[i];
                }
            }
            case DIV -> {
                for (int i = 0; i < n; i++) {
                    out[i] = a[i] / b[i];
                }
            }
            case MAX -> {
                for (int i = 0; i < n; i++) {
                    out[i] = Math.max(a[i], b[i]);
                }
            }
            case MIN -> {
                for (int i = 0; i < n; i++) {
                    out[i] = Math.min(a[i], b[i]);
                }
            }
            case GT -> {
                for (int i = 0; i < n; i++) {
                    out[i] = a[i] > b[i] ? 1 : 0;
                }
            }
            case EQ -> {
                for (int i = 0; i < n; i++) {
                    out[i] = a[i] == b[i] ? 1 : 0;
                }
            }
            default -> {
                for (int i = 0; i < n; i++) {
                    out[i] = (float) fn.apply(a[i], b[i]);
                }
            }
        }
    }

    static void where(float[] condition, float[] a, float[] b, float[] out, int n) {
        for (int i = 0; i < n; i++) {
            out[i] = condition[i] != 0 ? a[i] : b[i];
        }
    }

    static void truncate(float[] x, float[] out, int n) {
        for (int i = 0; i < n; i++) {
            out[i] = (int) x[i];
        }
    }
}
