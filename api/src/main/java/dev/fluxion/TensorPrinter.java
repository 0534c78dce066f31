package dev.fluxion;

import dev.fluxion.ir.DType;
import dev.fluxion.ir.Shape;
import java.util.Locale;

/** Writes a tensor as nested brackets; from rank 2 on twice, the second time aligned to the widest number. */
final class TensorPrinter {
    private static final int EDGE = 3;
    private static final int LONGEST = 2 * EDGE + 4;

    private final Tensor tensor;
    private final Shape shape;
    private final int[] strides;
    private final String format;
    private final StringBuilder out = new StringBuilder();
    private int width;

    private TensorPrinter(Tensor tensor) {
        this.tensor = tensor;
        this.shape = tensor.shape();
        this.strides = shape.strides();
        this.format = format(tensor);
    }

    static String print(Tensor tensor) {
        TensorPrinter printer = new TensorPrinter(tensor);
        if (tensor.size() == 0) {
            printer.out.append("[]");
        } else {
            printer.axis(0, 0);
            if (tensor.shape().rank() > 1) {
                printer.out.setLength(0);
                printer.axis(0, 0);
            }
        }
        if (tensor.shape().rank() > 0) {
            printer.out.append(" (").append(tensor.shape()).append(tensor.dtype() == DType.INT ? ", int)" : ")");
        }
        return printer.out.toString();
    }

    private static String format(Tensor tensor) {
        if (tensor.dtype() == DType.INT) {
            return "%.0f";
        }
        float largest = 0;
        for (float x : tensor.floats()) {
            largest = Float.isFinite(x) ? Math.max(largest, Math.abs(x)) : largest;
        }
        return largest >= 1e6 || largest > 0 && largest < 1e-3 ? "%.4e" : "%.4f";
    }

    private void axis(int axis, int offset) {
        if (axis == shape.rank()) {
            String number = number(offset);
            width = Math.max(width, number.length());
            out.append(shape.rank() > 1 ? " ".repeat(width - number.length()) : "")
                    .append(number);
            return;
        }
        int extent = shape.dim(axis);
        boolean last = axis == shape.rank() - 1;
        out.append('[');
        for (int i = 0; i < extent; i++) {
            if (i > 0) {
                out.append(last ? ", " : ",\n" + " ".repeat(axis + 1));
            }
            if (extent > LONGEST && i == EDGE) {
                out.append(last ? "…" : "…,\n" + " ".repeat(axis + 1)).append(last ? ", " : "");
                i = extent - EDGE;
            }
            axis(axis + 1, offset + i * strides[axis]);
        }
        out.append(']');
    }

    private String number(int offset) {
        double x = tensor.dtype() == DType.INT ? tensor.ints()[offset] : tensor.floats()[offset];
        return Double.isFinite(x) ? String.format(Locale.ROOT, format, x) : Float.toString((float) x);
    }
}
