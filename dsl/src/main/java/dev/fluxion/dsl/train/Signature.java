package dev.fluxion.dsl.train;

import dev.fluxion.Input;
import dev.fluxion.ir.DType;
import dev.fluxion.ir.Expr;
import dev.fluxion.ir.Given;
import dev.fluxion.ir.Shape;
import dev.fluxion.ir.ShapeException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.IntStream;

/**
 * What a model takes and what it makes of it; see {@link Model#signature}.
 *
 * @param inputs the inputs, in order
 * @param outputs the outputs, the result of the network first
 */
public record Signature(List<Input> inputs, List<Output> outputs) {
    /** Stands for an extent that differs from batch to batch. */
    public static final int VARIES = -1;

    /** Copies the lists. */
    public Signature {
        inputs = List.copyOf(Given.require("Signature", "the inputs", inputs));
        outputs = List.copyOf(Given.require("Signature", "the outputs", outputs));
    }

    /**
     * An output.
     *
     * @param name its name
     * @param type its element type
     * @param extents its extents, {@link #VARIES} for each that differs from batch to batch
     */
    public record Output(String name, DType type, List<Integer> extents) {
        /** Copies the extents. */
        public Output {
            Given.require("Signature", "the name", name);
            Given.require("Signature", "the type", type);
            extents = List.copyOf(Given.require("Signature", "the extents", extents));
        }

        private static Output of(String name, Expr made, List<Shape> others) {
            return new Output(name, made.dtype(), extents(made.shape(), others));
        }

        private static List<Integer> extents(Shape shape, List<Shape> others) {
            return IntStream.range(0, shape.rank())
                    .map(axis -> others.stream().allMatch(other -> other.dim(axis) == shape.dim(axis))
                            ? shape.dim(axis)
                            : VARIES)
                    .boxed()
                    .toList();
        }
    }

    /** Finds what varies by comparing batches. */
    static Signature of(Model model, Network network) {
        Map<String, Expr> made = model.apply(false, network.largest(1)).outputs();
        List<Map<String, Expr>> others = new ArrayList<>();
        for (BatchShape other : List.of(network.largest(2), network.smaller(1))) {
            try {
                others.add(model.apply(false, other).outputs());
            } catch (ShapeException e) {
                // A layer that does not take every batch.
            }
        }
        List<Output> outputs = made.entrySet().stream()
                .map(output -> Output.of(output.getKey(), output.getValue(), shapes(others, output.getKey())))
                .toList();
        return new Signature(network.inputs(), outputs);
    }

    private static List<Shape> shapes(List<Map<String, Expr>> batches, String output) {
        return batches.stream()
                .map(outputs -> Objects.requireNonNull(outputs.get(output)).shape())
                .toList();
    }
}
