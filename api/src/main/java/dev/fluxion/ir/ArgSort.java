package dev.fluxion.ir;

import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.stream.IntStream;

/**
 * The positions, along one axis, of its elements in their order. Equal elements keep theirs, and NaN is larger than any number.
 *
 * @param axis the axis, counted from the front
 * @param descending whether the largest element comes first
 */
public record ArgSort(int axis, boolean descending) implements Op {
    @Override
    public Shape shape(List<Expr> inputs) {
        Shape x = inputs.get(0).shape();
        x.axis(axis);
        return x;
    }

    @Override
    public DType dtype(List<Expr> inputs) {
        return DType.INT;
    }

    @Override
    public List<Expr> gradient(Expr node, Expr g) {
        return List.of(Expr.none());
    }

    @Override
    public List<AxisRule> axes(Expr node) {
        return AxisRule.sameBut(node, axis);
    }

    @Override
    public double[] evaluate(Expr node, double[][] in) {
        Shape shape = node.shape();
        int step = shape.strides()[axis];
        double[] out = new double[shape.size()];
        Strides.walk(shape.with(axis, Math.min(1, shape.dim(axis))), shape.strides(), (lane, start) -> {
            Comparator<Integer> order = (a, b) -> compare(in[0][start + a * step], in[0][start + b * step]);
            Integer[] places = IntStream.range(0, shape.dim(axis)).boxed().toArray(Integer[]::new);
            Arrays.sort(places, descending ? order.reversed() : order);
            for (int i = 0; i < places.length; i++) {
                out[start + i * step] = places[i];
            }
        });
        return out;
    }

    /** Zeros are equal, whatever their sign. */
    private static int compare(double a, double b) {
        return a == b ? 0 : Double.compare(a, b);
    }

    @Override
    public Sensitivity sensitivity() {
        return Sensitivity.OWN;
    }

    @Override
    public String toString() {
        return (descending ? "argSort descending[" : "argSort[") + axis + "]";
    }
}
