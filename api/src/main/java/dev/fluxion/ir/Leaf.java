package dev.fluxion.ir;

import dev.fluxion.Tensor;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/** Expressions without operands. */
public sealed interface Leaf extends Op {
    @Override
    default Sensitivity sensitivity() {
        return Sensitivity.NONE;
    }

    /** The shape of the leaf. */
    Shape shape();

    @Override
    default Shape shape(List<Expr> inputs) {
        return shape();
    }

    @Override
    default DType dtype(List<Expr> inputs) {
        return DType.FLOAT;
    }

    @Override
    default List<Expr> gradient(Expr node, Expr g) {
        return List.of();
    }

    /** What is given has no operands that parts could follow from. */
    @Override
    default List<AxisRule> axes(Expr node) {
        return List.of();
    }

    /**
     * A value given anew at each run.
     *
     * @param name unique in a graph
     * @param shape the shape of the value
     * @param type its element type
     * @param infinite whether it may hold infinities; NaN it never may
     */
    record Input(String name, Shape shape, DType type, boolean infinite) implements Leaf {
        @Override
        public DType dtype(List<Expr> inputs) {
            return type;
        }

        @Override
        public double[] evaluate(Expr node, double[][] in) {
            throw new IllegalStateException(Errors.unbound("input", name));
        }

        @Override
        public Op resized(Shape result) {
            return new Input(name, result, type, infinite);
        }

        @Override
        public String toString() {
            return "input(" + name + ")";
        }
    }

    /** A value that outlives a run and that an update may change: a parameter, what is kept beside one, or a buffer. */
    sealed interface Variable extends Leaf permits Parameter, Buffer, Kept {
        /** The name of the parameter or buffer that it is, or of the parameter that it belongs to. */
        String parameter();
    }

    /**
     * A value that a model is made of and that training changes.
     *
     * @param name unique in a graph, as in a state dict: {@code 0.weight}
     * @param shape the shape of the value
     */
    record Parameter(String name, Shape shape) implements Variable {
        @Override
        public String parameter() {
            return name;
        }

        @Override
        public double[] evaluate(Expr node, double[][] in) {
            throw new IllegalStateException(Errors.unbound("parameter", name));
        }

        @Override
        public String toString() {
            return "parameter(" + name + ")";
        }
    }

    /**
     * A value that a model is made of and that is not trained, such as a running mean: an update gives it its next value.
     *
     * @param name unique in a graph, as in a state dict: {@code 1.running_mean}
     * @param shape the shape of the value
     */
    record Buffer(String name, Shape shape) implements Variable {
        @Override
        public String parameter() {
            return name;
        }

        @Override
        public double[] evaluate(Expr node, double[][] in) {
            throw new IllegalStateException(Errors.unbound("buffer", name));
        }

        @Override
        public String toString() {
            return "buffer(" + name + ")";
        }
    }

    /**
     * What is kept beside a parameter from step to step: zero before the first one.
     *
     * @param slot which tensor
     * @param shape the shape of the parameter
     */
    record Kept(Slot slot, Shape shape) implements Variable {
        @Override
        public String parameter() {
            return slot.parameter();
        }

        @Override
        public double[] evaluate(Expr node, double[][] in) {
            throw new IllegalStateException(Errors.unbound("slot", slot.toString()));
        }

        @Override
        public String toString() {
            return "kept(" + slot + ")";
        }
    }

    /**
     * A value that an earlier stage of the same run computed and carries over to later ones.
     *
     * @param number tells it from the others of its graph
     * @param shape the shape of the value
     * @param type its element type
     */
    record Carried(int number, Shape shape, DType type) implements Leaf {
        @Override
        public DType dtype(List<Expr> inputs) {
            return type;
        }

        @Override
        public double[] evaluate(Expr node, double[][] in) {
            throw new IllegalStateException(Errors.unbound("carried value", Integer.toString(number)));
        }

        @Override
        public String toString() {
            return "carried(" + number + ")";
        }
    }

    /**
     * A scalar known when the graph is built; larger constants are its broadcasts.
     *
     * @param value the number, which may be infinite
     */
    record Constant(double value) implements Leaf {
        /**
         * Checks the number.
         *
         * @throws IllegalArgumentException if it is NaN
         */
        public Constant {
            Errors.requireNumber("a constant", value);
        }

        @Override
        public Shape shape() {
            return Shape.scalar();
        }

        @Override
        public double[] evaluate(Expr node, double[][] in) {
            return new double[] {value};
        }

        @Override
        public Sensitivity sensitivity() {
            return Sensitivity.OWN;
        }

        @Override
        public String toString() {
            return Double.toString(value);
        }
    }

    /** A tensor known when the graph is built. Two are equal if their elements are, to the bit. */
    final class Literal implements Leaf {
        /** So many elements are printed. */
        private static final int SHOWN = 4;

        private final Tensor values;
        private final int hash;

        /** Copies the elements. */
        Literal(Tensor values) {
            this.values = values.dtype() == DType.INT
                    ? Tensor.of(values.ints().clone(), values.shape())
                    : Tensor.of(values.floats().clone(), values.shape());
            this.hash = this.values.hashCode();
        }

        /** The elements, copied. */
        public Tensor values() {
            return new Literal(values).values;
        }

        @Override
        public Shape shape() {
            return values.shape();
        }

        @Override
        public DType dtype(List<Expr> inputs) {
            return values.dtype();
        }

        @Override
        public double[] evaluate(Expr node, double[][] in) {
            return values.toValue().data();
        }

        @Override
        public boolean equals(@Nullable Object o) {
            return o instanceof Literal other && hash == other.hash && values.equals(other.values);
        }

        @Override
        public int hashCode() {
            return hash;
        }

        /** The first elements, as {@code constant [0.5, 1.0, …]}. */
        @Override
        public String toString() {
            String first = IntStream.range(0, Math.min(SHOWN, values.size()))
                    .mapToObj(i -> values.dtype() == DType.INT
                            ? Integer.toString(values.ints()[i])
                            : Float.toString(values.floats()[i]))
                    .collect(Collectors.joining(", "));
            return "constant [" + first + (values.size() > SHOWN ? ", …]" : "]");
        }
    }

    /**
     * A tensor that is known when the graph is built and follows from whole numbers, such as the extents of an input. Programs have it as a
     * {@link Literal}; a graph whose extents are open has the rule.
     *
     * @param rule how its elements follow
     * @param numbers what they follow from
     * @param scale how many times as long an axis becomes that is resized; 0 if its extents tell that alone
     * @param axis the axis along which they lie; others have the extent 1
     * @param rank the number of axes
     */
    record Table(TableRule rule, List<Integer> numbers, double scale, int axis, int rank) implements Leaf {
        /** The largest number of elements. */
        public static final int MOST = 1 << 24;

        /**
         * Checks the numbers.
         *
         * @throws ShapeException if they are not those of the rule, or there are too many elements
         */
        public Table {
            numbers = List.copyOf(numbers);
            Errors.requireTable(rule, numbers, scale, axis, rank);
        }

        @Override
        public Shape shape() {
            int[] dims = new int[rank];
            Arrays.fill(dims, 1);
            dims[axis] = (int) rule.length(numbers);
            return Shape.of(dims);
        }

        /** The elements. */
        public Tensor values() {
            return rule.isOfPlaces()
                    ? Tensor.of(Arrays.stream(elements()).mapToInt(x -> (int) x).toArray(), shape())
                    : Tensor.of(new Value(shape(), elements()));
        }

        private double[] elements() {
            int[] n = numbers.stream().mapToInt(x -> x).toArray();
            double[] out = new double[(int) rule.length(numbers)];
            Arrays.setAll(out, i -> rule.at(i, n, scale));
            return out;
        }

        @Override
        public DType dtype(List<Expr> inputs) {
            return rule.isOfPlaces() ? DType.INT : DType.FLOAT;
        }

        @Override
        public double[] evaluate(Expr node, double[][] in) {
            return elements();
        }

        @Override
        public String toString() {
            return rule.name().toLowerCase(Locale.ROOT) + numbers;
        }
    }

    /**
     * The integers 0, 1, … along the only axis.
     *
     * @param length how many
     */
    record Iota(int length) implements Leaf {
        @Override
        public Shape shape() {
            return Shape.of(length);
        }

        @Override
        public DType dtype(List<Expr> inputs) {
            return DType.INT;
        }

        @Override
        public double[] evaluate(Expr node, double[][] in) {
            double[] out = new double[length];
            Arrays.setAll(out, i -> i);
            return out;
        }

        @Override
        public List<AxisRule> axes(Expr node) {
            return AxisRule.byPosition(shape());
        }

        @Override
        public Op resized(Shape result) {
            return new Iota(result.dim(0));
        }

        @Override
        public String toString() {
            return "iota(" + length + ")";
        }
    }

    /**
     * Independent numbers uniform in [0, 1), new at each run and repeatable: see {@link Noise}.
     *
     * @param stream tells this leaf's numbers from those of others
     * @param shape the shape of the value
     */
    record Uniform(long stream, Shape shape) implements Leaf {
        @Override
        public double[] evaluate(Expr node, double[][] in) {
            throw new IllegalStateException(Errors.unbound("random stream", Long.toString(stream)));
        }

        @Override
        public List<AxisRule> axes(Expr node) {
            return AxisRule.byPosition(shape);
        }

        @Override
        public Op resized(Shape result) {
            return new Uniform(stream, result);
        }

        @Override
        public String toString() {
            return "uniform(" + stream + ")";
        }
    }
}
