package dev.fluxion.engine.catalogue;

import dev.fluxion.ir.DType;
import dev.fluxion.ir.Expr;
import dev.fluxion.ir.Shape;
import dev.fluxion.ir.Size;
import dev.fluxion.ir.Value;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.DoubleSupplier;
import java.util.random.RandomGenerator;

/** Draws shapes and numbers for one case, and collects its inputs. */
public final class Draw {
    private static final int[] EXTENTS = {1, 1, 2, 3, 4, 5, 7, 8, 9, 16, 17, 33};

    private final RandomGenerator random;
    private final Map<String, Value> inputs = new LinkedHashMap<>();
    private final List<String> differentiable = new ArrayList<>();

    Draw(RandomGenerator random) {
        this.random = random;
    }

    /** The case of an output over the inputs drawn so far. */
    Case of(Expr output) {
        return new Case(output, inputs, List.copyOf(differentiable));
    }

    int between(int least, int most) {
        return random.nextInt(least, most + 1);
    }

    int one(int... of) {
        return of[random.nextInt(of.length)];
    }

    double one(double... of) {
        return of[random.nextInt(of.length)];
    }

    boolean coin() {
        return random.nextBoolean();
    }

    /** Uniform, exact in float32. */
    double number(double least, double most) {
        return (float) random.nextDouble(least, most);
    }

    /** A number whose size is in the range, of either sign. */
    double signed(double least, double most) {
        return (coin() ? 1 : -1) * number(least, most);
    }

    Size size(int least, int most) {
        return Size.of(between(least, most), between(least, most));
    }

    /** A shape of the rank, of at most so many elements. */
    Shape shape(int rank, int most) {
        int[] dims = new int[rank];
        int left = most;
        int shift = rank == 0 ? 0 : random.nextInt(rank);
        for (int i = 0; i < rank; i++) {
            int extent = Math.min(one(EXTENTS), left);
            dims[(i + shift) % rank] = extent;
            left /= extent;
        }
        return Shape.of(dims);
    }

    /** A shape of a rank from 0 to 5, at most 150 elements. */
    Shape shape() {
        return shape(between(0, 5), 150);
    }

    /** A shape of a rank from 1 to 4, at most 120 elements. */
    Shape shapeWithAxis() {
        return shape(between(1, 4), 120);
    }

    /** A subset of the axes, at least one, in any order, some counted from the last. */
    int[] axes(Shape shape) {
        List<Integer> axes = new ArrayList<>();
        int sure = random.nextInt(shape.rank());
        for (int i = 0; i < shape.rank(); i++) {
            if (i == sure || coin()) {
                axes.add(random.nextInt(axes.size() + 1), coin() ? i : i - shape.rank());
            }
        }
        return axes.stream().mapToInt(a -> a).toArray();
    }

    int[] permutation(int length) {
        int[] order = new int[length];
        for (int i = 0; i < length; i++) {
            int j = random.nextInt(i + 1);
            order[i] = order[j];
            order[j] = i;
        }
        return order;
    }

    /** A shape that broadcasts to the given one. */
    Shape stretchable(Shape to) {
        int drop = random.nextInt(to.rank() + 1);
        int[] dims = Arrays.copyOfRange(to.dims(), drop, to.rank());
        for (int i = 0; i < dims.length; i++) {
            dims[i] = coin() ? 1 : dims[i];
        }
        return Shape.of(dims);
    }

    /** A differentiable input of numbers in [−2, 2]. */
    Expr input(String name, Shape shape) {
        return input(name, shape, () -> number(-2, 2));
    }

    /** A differentiable input. */
    Expr input(String name, Shape shape, DoubleSupplier element) {
        differentiable.add(name);
        return fixed(name, shape, element);
    }

    /** A differentiable input whose elements are all different, by at least 0.05. */
    Expr distinct(String name, Shape shape) {
        int[] order = permutation(shape.size());
        int[] at = {0};
        return input(name, shape, () -> (float) (0.0625 * (order[at[0]++] - shape.size() / 2)));
    }

    /** An input by which nothing is differentiated. */
    Expr fixed(String name, Shape shape, DoubleSupplier element) {
        inputs.put(name, new Value(shape, numbers(shape, element)));
        return Expr.input(name, shape);
    }

    /** An input of integers from 0 up to but without {@code bound}. */
    Expr index(String name, Shape shape, int bound) {
        inputs.put(name, new Value(shape, numbers(shape, () -> random.nextInt(bound))));
        return Expr.input(name, shape, DType.INT);
    }

    private static double[] numbers(Shape shape, DoubleSupplier element) {
        double[] data = new double[shape.size()];
        for (int i = 0; i < data.length; i++) {
            data[i] = element.getAsDouble();
        }
        return data;
    }
}
