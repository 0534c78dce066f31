package dev.fluxion.dsl.train;

import dev.fluxion.Input;
import dev.fluxion.Layer;
import dev.fluxion.Past;
import dev.fluxion.Tensor;
import dev.fluxion.Tensors;
import dev.fluxion.dsl.internal.Checks;
import dev.fluxion.ir.Expr;
import dev.fluxion.ir.Given;
import dev.fluxion.ir.Shape;
import java.util.Collections;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.function.IntUnaryOperator;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * What is computed, and the inputs that it is computed of.
 *
 * @param structure what is computed
 * @param inputs the inputs, of which a layer gets the first one
 * @param extents the names of extents that vary, and the largest of each
 */
record Network(Structure structure, List<Input> inputs, Map<String, Integer> extents) {
    /** The name of the only input of a model that declares none by name. */
    static final String INPUT = "input";

    private static final String MODEL = "Model.of";

    /** By how much an extent is smaller that a net is tried with. */
    private static final int[] LESS = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 24, 32, 48, 64, 128, 256};

    /** A layer that gets the first of some inputs. */
    static Network of(Layer layer, List<Input> given) {
        return of(new Asked(Given.require(MODEL, "the layer", layer)), given);
    }

    /** Checks that no input is null, that their names differ, and that extents of one name have one bound. */
    static Network of(Structure structure, List<Input> given) {
        List<Input> inputs = Checks.present(MODEL, "input", given, Input::name);
        return new Network(structure, inputs, Collections.unmodifiableMap(extents(inputs)));
    }

    /** The names of extents that vary, and the largest of each. */
    static Map<String, Integer> extents(List<Input> inputs) {
        Set<String> names = new HashSet<>();
        Map<String, Integer> extents = new LinkedHashMap<>();
        for (Input input : inputs) {
            if (!names.add(input.name())) {
                throw new IllegalArgumentException(Errors.sameInput(input.name()));
            }
            input.varying().forEach((axis, name) -> {
                int bound = input.sample().dim(axis);
                Integer before = extents.putIfAbsent(name, bound);
                if (before != null && before != bound) {
                    throw new IllegalArgumentException(Errors.otherBound(name, before, bound));
                }
            });
        }
        return extents;
    }

    /**
     * An input.
     *
     * @throws IllegalArgumentException if there is none of this name
     */
    Input input(String name) {
        return inputs.stream()
                .filter(input -> input.name().equals(name))
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException(Errors.unknownInput(name, inputs)));
    }

    /** The largest samples. */
    BatchShape largest(int rows) {
        return new BatchShape(rows, List.copyOf(extents.values()));
    }

    /** The largest samples but for one less of each extent that varies. */
    BatchShape smaller(int rows) {
        return smaller(extent -> extent - 1).rows(rows);
    }

    /**
     * Samples whose extents that vary are smaller, by little first: one of them is taken by nets that halve extents, or cut them into
     * equal parts, however long. None where all extents are 1.
     */
    List<BatchShape> smallerOnes() {
        int most = Collections.max(extents.values());
        Stream<BatchShape> parts = IntStream.rangeClosed(2, most)
                .filter(count -> extents.values().stream().anyMatch(extent -> extent % count == 0))
                .boxed()
                .flatMap(count ->
                        Stream.of(smaller(extent -> extent - extent / count), smaller(extent -> extent / count)));
        return Stream.concat(IntStream.of(LESS).mapToObj(less -> smaller(extent -> extent - less)), parts)
                .filter(shape -> !shape.equals(largest(1)))
                .distinct()
                .toList();
    }

    private BatchShape smaller(IntUnaryOperator than) {
        return new BatchShape(
                1,
                extents.values().stream()
                        .map(extent -> Math.max(1, than.applyAsInt(extent)))
                        .toList());
    }

    /** Asks the layer for its parameters and their first values. */
    Asked.Declared declare() {
        return layer().ask(this, false, largest(1));
    }

    /** What it makes of a batch whose sequences go on along an extent. */
    Following follow(String extent, BatchShape batch, Past past) {
        return structure.follow(this, extent, batch, past);
    }

    private Asked layer() {
        if (structure instanceof Asked layer) {
            return layer;
        }
        throw new IllegalArgumentException(Errors.noLayer());
    }

    /** What it makes of a batch. */
    Applied apply(boolean training, BatchShape batch) {
        return structure.apply(this, training, batch);
    }

    /** Requires parameters of the given shapes. */
    void requireSameWeights(Applied applied, Map<String, Shape> shapes, BatchShape batch) {
        if (extents.isEmpty()) {
            return;
        }
        applied.parameters().forEach((name, p) -> {
            Shape actual = p.shape();
            Shape declared = shapes.get(name);
            if (declared == null || !actual.equals(declared)) {
                throw new IllegalArgumentException(
                        Errors.weightsVary(name, declared, actual, batch.extents(extents.keySet())));
            }
        });
    }

    /** The inputs for a batch, in order. */
    Map<String, Expr> exprs(BatchShape batch) {
        Map<String, Integer> actual = batch.extents(extents.keySet());
        Map<String, Expr> given = new LinkedHashMap<>();
        inputs.forEach(input -> given.put(input.name(), input.at(actual).expr(batch.rows())));
        return given;
    }

    /**
     * How large a batch is that fits the inputs.
     *
     * @throws IllegalArgumentException if extents of one name differ
     */
    BatchShape shape(Tensor... given) {
        int rows = given[0].shape().dim(0);
        if (extents.isEmpty()) {
            return new BatchShape(rows, List.of());
        }
        Map<String, Integer> actual = new LinkedHashMap<>();
        extents.keySet().forEach(name -> actual.put(name, 0));
        for (int i = 0; i < given.length; i++) {
            Input input = inputs.get(i);
            Shape shape = given[i].shape();
            input.varying().forEach((axis, name) -> {
                int extent = shape.dim(axis + 1);
                int before = Objects.requireNonNull(actual.put(name, extent));
                if (before != 0 && before != extent) {
                    throw new IllegalArgumentException(
                            Errors.otherExtent(name, firstWith(name), before, input, extent));
                }
            });
        }
        return new BatchShape(rows, List.copyOf(actual.values()));
    }

    private Input firstWith(String extent) {
        return inputs.stream()
                .filter(input -> input.varying().containsValue(extent))
                .findFirst()
                .orElseThrow();
    }

    /**
     * Requires a tensor for each input and no other, with equal numbers of samples.
     *
     * @return the tensors in the order of the inputs
     */
    Tensor[] require(Tensors given) {
        return require(given, 1);
    }

    /** The same with at least so many samples. */
    Tensor[] require(Tensors given, int least) {
        if (given.isUnnamed()) {
            return new Tensor[] {only(given.only(), least)};
        }
        Tensor[] all = new Tensor[inputs.size()];
        for (int i = 0; i < all.length; i++) {
            String name = inputs.get(i).name();
            if (!given.names().contains(name)) {
                throw new IllegalArgumentException(Errors.missingInput(name, inputs, given.names()));
            }
            all[i] = given.get(name);
        }
        if (given.names().size() > all.length) {
            throw new IllegalArgumentException(Errors.unknownInput(unknown(given), inputs));
        }
        for (int i = 0; i < all.length; i++) {
            requireFit(inputs.get(i), all[i], least);
            if (all[i].shape().dim(0) != all[0].shape().dim(0)) {
                throw new IllegalArgumentException(Errors.otherBatch(
                        inputs.get(0).name(), all[0].shape(), inputs.get(i).name(), all[i].shape()));
            }
        }
        return all;
    }

    private String unknown(Tensors given) {
        Set<String> names = new LinkedHashSet<>(given.names());
        inputs.forEach(input -> names.remove(input.name()));
        return names.iterator().next();
    }

    /** Requires that a tensor fits the only input. */
    Tensor only(Tensor given) {
        return only(given, 1);
    }

    /** The same with at least so many samples. */
    Tensor only(Tensor given, int least) {
        if (inputs.size() > 1) {
            throw new IllegalArgumentException(Errors.severalInputs(inputs));
        }
        requireFit(inputs.get(0), given, least);
        return given;
    }

    /** The shapes of a sample of each input, in words. */
    String samples() {
        return inputs.size() == 1
                ? inputs.get(0).sample().toString()
                : inputs.stream().map(in -> in.name() + " " + in.sample()).collect(Collectors.joining(", "));
    }

    private static void requireFit(Input input, Tensor given, int least) {
        Shape shape = given.shape();
        boolean fits = shape.rank() == input.sample().rank() + 1 && shape.dim(0) >= least;
        for (int i = 1; fits && i < shape.rank(); i++) {
            int most = input.sample().dim(i - 1);
            boolean varies = input.varying().containsKey(i - 1);
            fits = varies ? shape.dim(i) >= 1 && shape.dim(i) <= most : shape.dim(i) == most;
        }
        if (!fits) {
            throw new IllegalArgumentException(Errors.samples(input, shape, least));
        }
        if (given.dtype() != input.type()) {
            throw new IllegalArgumentException(Errors.typeOfSamples(input, shape));
        }
    }
}
