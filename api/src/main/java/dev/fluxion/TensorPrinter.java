package dev.fluxion;

import dev.fluxion.ir.DType;
import dev.fluxion.ir.Shape;
import java.util.ArrayList;
import java.util.List;
import java.util.function.IntFunction;
import java.util.function.IntToDoubleFunction;

/** Writes a tensor as nested brackets, in one number format, chosen by the elements that are shown. */
final class TensorPrinter {
    private static final int EDGE = 3;
    private static final int LONGEST = 2 * EDGE + 4;

    private final Shape shape;
    private final int[] strides;
    private final IntFunction<String> number;
    private final StringBuilder out = new StringBuilder();

    private TensorPrinter(Shape shape, IntFunction<String> number) {
        this.shape = shape;
        this.strides = shape.strides();
        this.number = number;
    }

    static String print(Tensor tensor) {
        Shape shape = tensor.shape();
        boolean integers = tensor.dtype() == DType.INT;
        IntToDoubleFunction data = integers ? offset -> tensor.ints()[offset] : offset -> tensor.floats()[offset];
        String text = tensor.size() == 0 ? "[]" : print(shape, integers, data);
        return shape.rank() == 0 ? text : text + " (" + shape + (integers ? ", int)" : ")");
    }

    private static String print(Shape shape, boolean integers, IntToDoubleFunction data) {
        List<Double> shown = new ArrayList<>();
        print(shape, offset -> Boolean.toString(shown.add(data.applyAsDouble(offset))));
        Numerals numerals = integers ? Numerals.integers(shown) : Numerals.floats(shown);
        return print(shape, offset -> numerals.write(data.applyAsDouble(offset)));
    }

    private static String print(Shape shape, IntFunction<String> number) {
        TensorPrinter printer = new TensorPrinter(shape, number);
        printer.axis(0, 0);
        return printer.out.toString();
    }

    private void axis(int axis, int offset) {
        if (axis == shape.rank()) {
            out.append(number.apply(offset));
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
}
