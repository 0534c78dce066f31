package dev.fluxion.serving;

import dev.fluxion.Input;
import dev.fluxion.Tensor;
import dev.fluxion.Tensors;
import dev.fluxion.dsl.train.BatchPredictor;
import dev.fluxion.dsl.train.Part;
import dev.fluxion.ir.DType;
import dev.fluxion.ir.Shape;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/** Pads samples along an extent, and cuts outputs. Any number of threads may use it. */
final class Padder {
    private final BatchPredictor predictor;
    private final Padding padding;
    private final TreeSet<Integer> lengths;
    /** For each output that is cut the axis. */
    private final Map<String, Integer> cuts = new LinkedHashMap<>();

    /**
     * Pads as an option says, once it is tried out that answers do not depend on what is padded.
     *
     * @throws IllegalArgumentException if they do, or the inputs are others
     */
    Padder(BatchPredictor predictor, Padding padding) {
        this.predictor = predictor;
        this.padding = padding;
        this.lengths = new TreeSet<>(padding.lengths());
        int most = declared();
        lengths.removeIf(length -> length > most);
        lengths.add(most);
        padding.masks().keySet().forEach(name -> requireInput(name, DType.FLOAT, 1));
        if (!padding.lengthsInput().isEmpty()) {
            requireInput(padding.lengthsInput(), DType.INT, 0);
        }
        Integer tried = lengths.higher(1);
        if (tried != null) {
            tryOut(tried - 1, tried);
        }
    }

    /** The largest length. */
    private int declared() {
        return predictor.inputs().stream()
                .filter(input -> axis(input) > 0)
                .findFirst()
                .map(input -> input.sample().dim(axis(input) - 1))
                .orElseThrow(() -> new IllegalArgumentException(
                        Errors.padding("no input has an extent '" + padding.extent() + "' that varies")));
    }

    private void requireInput(String name, DType type, int rank) {
        Input input = input(name);
        boolean fits = input != null && input.type() == type && input.sample().rank() == rank && axis(input) == rank;
        if (!fits) {
            String wanted = rank == 0 ? "an integer for each sample" : "a number for each '" + padding.extent() + "'";
            throw new IllegalArgumentException(Errors.padding("there must be an input '" + name + "' of " + wanted));
        }
    }

    private @Nullable Input input(String name) {
        return predictor.inputs().stream()
                .filter(input -> input.name().equals(name))
                .findFirst()
                .orElse(null);
    }

    /** The axis of a batch that is padded, or 0. */
    private int axis(Input input) {
        return input.varying().entrySet().stream()
                .filter(axis -> axis.getValue().equals(padding.extent()))
                .map(axis -> axis.getKey() + 1)
                .findFirst()
                .orElse(0);
    }

    /** Samples at their length and at a larger one have the same answers. */
    private void tryOut(int length, int padded) {
        Tensors sample = complete(sample(length));
        Tensors own = computed(sample);
        Tensors wide = computed(resized(sample, padded));
        for (String output : own.names()) {
            Tensor expected = own.get(output);
            Tensor actual = wide.get(output);
            for (int axis = 1; axis < expected.shape().rank(); axis++) {
                if (expected.shape().dim(axis) != actual.shape().dim(axis)) {
                    cuts.merge(output, axis, (one, other) -> -1);
                }
            }
            int axis = cuts.getOrDefault(output, 0);
            boolean fits = axis == 0
                    || axis > 0
                            && expected.shape().dim(axis) == length
                            && actual.shape().dim(axis) == padded;
            if (!fits || !isClose(expected, cut(output, actual, length))) {
                throw new IllegalArgumentException(Errors.padding("'" + output
                        + "' of samples of length " + length + " is another one when they are padded to " + padded
                        + "; the model must have a mask, or lengths, and the padding must name it"));
            }
        }
    }

    private Tensors sample(int length) {
        Map<String, Tensor> sample = new LinkedHashMap<>();
        for (Input input : predictor.inputs()) {
            if (!isMade(input.name())) {
                Shape shape = input.at(Map.of(padding.extent(), length)).batched(1);
                sample.put(input.name(), input.type() == DType.INT ? ints(shape) : floats(shape));
            }
        }
        return new Tensors(sample);
    }

    private boolean isMade(String input) {
        return padding.masks().containsKey(input) || padding.lengthsInput().equals(input);
    }

    private static Tensor ints(Shape shape) {
        int[] values = new int[shape.size()];
        for (int i = 1; i < values.length; i += 2) {
            values[i] = 1;
        }
        return Tensor.of(values, shape);
    }

    private static Tensor floats(Shape shape) {
        float[] values = new float[shape.size()];
        for (int i = 0; i < values.length; i++) {
            values[i] = (float) Math.sin(1 + i);
        }
        return Tensor.of(values, shape);
    }

    private Tensors computed(Tensors inputs) {
        Part part = predictor.part(inputs);
        predictor.prepare(List.of(part)).run();
        return part.outputs();
    }

    private static boolean isClose(Tensor expected, Tensor actual) {
        if (expected.dtype() == DType.INT) {
            return expected.equals(actual);
        }
        double largest = 0;
        double difference = 0;
        for (int i = 0; i < expected.size(); i++) {
            largest = Math.max(largest, Math.abs(expected.floats()[i]));
            difference = Math.max(difference, Math.abs(expected.floats()[i] - actual.floats()[i]));
        }
        return difference <= 1e-6 + 1e-4 * largest;
    }

    /**
     * Padded samples.
     *
     * @throws IllegalArgumentException if they do not fit the model
     */
    Samples pad(Tensors given) {
        Tensors all = complete(named(given));
        Part own = predictor.part(all);
        int length = own.extents().get(position());
        Integer padded = lengths.ceiling(length);
        if (padded == null || padded == length) {
            return Samples.of(own);
        }
        Part part = predictor.part(resized(all, padded));
        return new Samples(part, (output, tensor) -> cut(output, tensor, length));
    }

    /** Where the length is among the extents of a part: they come in the order in which the inputs name them. */
    private int position() {
        return predictor.inputs().stream()
                .flatMap(input -> input.varying().values().stream())
                .distinct()
                .toList()
                .indexOf(padding.extent());
    }

    /** A tensor without a name is the only input that is not made here. */
    private Tensors named(Tensors given) {
        List<String> others = predictor.inputs().stream()
                .map(Input::name)
                .filter(name -> !isMade(name))
                .toList();
        return given.isUnnamed() && others.size() == 1 ? Tensors.of(others.get(0), given.only()) : given;
    }

    /** The inputs and those that are made of lengths, unless they are given. */
    private Tensors complete(Tensors given) {
        Tensors all = given;
        for (Input input : predictor.inputs()) {
            boolean missing = isMade(input.name()) && !given.names().contains(input.name());
            int[] size = missing ? size(given) : new int[0];
            if (size.length > 0) {
                all = all.with(input.name(), made(input, size[0], size[1]));
            }
        }
        return all;
    }

    /** The number of samples and their length; nothing if no input tells. */
    private int[] size(Tensors given) {
        for (Input input : predictor.inputs()) {
            int axis = axis(input);
            if (axis > 0 && given.names().contains(input.name())) {
                Shape shape = given.get(input.name()).shape();
                return shape.rank() > axis ? new int[] {shape.dim(0), shape.dim(axis)} : new int[0];
            }
        }
        return new int[0];
    }

    private Tensor made(Input input, int rows, int length) {
        Padding.Mask mask = padding.masks().get(input.name());
        if (mask != null) {
            return Tensor.full(mask.visible(), rows, length);
        }
        int[] values = new int[rows];
        Arrays.fill(values, length);
        return Tensor.of(values, Shape.of(rows));
    }

    private Tensors resized(Tensors given, int padded) {
        Map<String, Tensor> all = new LinkedHashMap<>();
        for (Input input : predictor.inputs()) {
            Tensor own = given.get(input.name());
            Padding.Mask mask = padding.masks().get(input.name());
            int axis = axis(input);
            all.put(input.name(), axis == 0 ? own : resized(own, axis, padded, mask == null ? 0 : mask.padded()));
        }
        return new Tensors(all);
    }

    private Tensor cut(String output, Tensor tensor, int length) {
        int axis = cuts.getOrDefault(output, 0);
        return axis <= 0 ? tensor : resized(tensor, axis, length, 0);
    }

    /** A tensor with another extent: cut, or padded with a value. */
    private static Tensor resized(Tensor tensor, int axis, int extent, float value) {
        Shape from = tensor.shape();
        Shape to = from.with(axis, extent);
        int inner = from.strides()[axis];
        int fromRow = from.dim(axis) * inner;
        int toRow = extent * inner;
        int count = Math.min(fromRow, toRow);
        boolean ints = tensor.dtype() == DType.INT;
        Object source = ints ? tensor.ints() : tensor.floats();
        Object target = ints ? new int[to.size()] : filled(to.size(), value);
        for (int row = 0; row * fromRow < from.size(); row++) {
            System.arraycopy(source, row * fromRow, target, row * toRow, count);
        }
        return ints ? Tensor.of((int[]) target, to) : Tensor.of((float[]) target, to);
    }

    private static float[] filled(int size, float value) {
        float[] values = new float[size];
        if (value != 0) {
            Arrays.fill(values, value);
        }
        return values;
    }

    /** All lengths that are computed. */
    Iterable<Integer> lengths() {
        return lengths;
    }

    /** The name of the extent that is padded. */
    String extent() {
        return padding.extent();
    }
}
