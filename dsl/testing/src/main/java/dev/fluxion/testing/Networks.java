package dev.fluxion.testing;

import dev.fluxion.Layer;
import dev.fluxion.Scope;
import dev.fluxion.dsl.layer.Layers;
import dev.fluxion.dsl.layer.Seq;
import dev.fluxion.ir.Expr;
import dev.fluxion.ir.Shape;
import dev.fluxion.ir.ShapeException;
import java.util.ArrayList;
import java.util.List;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;

/** Random small networks with the shapes of their inputs. They shrink to few and narrow layers and small inputs. */
public final class Networks {
    private static final int LAYERS = 5;
    private static final int WIDTH = 4;
    private static final int BATCH = 3;
    private static final int SIDE = 6;

    private Networks() {}

    /** Networks of vectors or of images. */
    public static Arbitrary<Network> any() {
        return Arbitraries.oneOf(vectors(), images());
    }

    /** Networks of vectors N×F: fully connected layers and functions of elements. */
    public static Arbitrary<Network> vectors() {
        return networks(shapes(WIDTH, 0));
    }

    /** Networks of images N×C×H×W: convolutions, pooling, residual parts, flattening, and layers of vectors. */
    public static Arbitrary<Network> images() {
        return networks(shapes(WIDTH - 1, SIDE));
    }

    private static Arbitrary<Shape> shapes(int width, int side) {
        Arbitrary<Integer> extent = Arbitraries.integers().between(1, Math.max(1, side));
        return Combinators.combine(
                        Arbitraries.integers().between(1, BATCH),
                        Arbitraries.integers().between(1, width),
                        extent,
                        extent)
                .as((n, c, h, w) -> side == 0 ? Shape.of(n, c) : Shape.of(n, c, h, w));
    }

    private static Arbitrary<Network> networks(Arbitrary<Shape> inputs) {
        Arbitrary<Part> part = Combinators.combine(
                        Arbitraries.of(Kind.class),
                        Arbitraries.integers().between(1, WIDTH),
                        Arbitraries.integers().between(0, 1))
                .as(Part::new);
        return Combinators.combine(inputs, part.list().ofMinSize(1).ofMaxSize(LAYERS))
                .as(Networks::network);
    }

    /** A network of the parts that fit, without the others. */
    private static Network network(Shape input, List<Part> parts) {
        List<Layer> layers = new ArrayList<>();
        Expr x = Expr.input("input", input);
        for (Part part : parts) {
            Layer layer = part.layer(x.shape());
            try {
                x = layer.apply(Scope.root(true), x);
                layers.add(layer);
            } catch (ShapeException doesNotFit) {
                // Left out; the next part may fit.
            }
        }
        return new Network(Seq.of(layers.toArray(Layer[]::new)), input);
    }

    /** The kinds of layers, the simplest first. */
    private enum Kind {
        IDENTITY,
        TANH,
        RELU,
        SIGMOID,
        GELU,
        SOFTMAX,
        DROPOUT,
        FLATTEN,
        WEIGHTS,
        POOL,
        RESIDUAL
    }

    /**
     * A layer before its input is known.
     *
     * @param kind what it is
     * @param size the number of outputs
     * @param option which one of two kinds
     */
    private record Part(Kind kind, int size, int option) {
        Layer layer(Shape input) {
            boolean image = input.rank() == 4;
            return switch (kind) {
                case IDENTITY -> Layers.identity();
                case TANH -> Layers.tanh();
                case RELU -> option == 0 ? Layers.relu() : Layers.leakyRelu(0.1);
                case SIGMOID -> option == 0 ? Layers.sigmoid() : Layers.softplus();
                case GELU -> option == 0 ? Layers.gelu() : Layers.silu();
                case SOFTMAX -> option == 0 ? Layers.softmax() : Layers.logSoftmax();
                case DROPOUT -> Layers.dropout(0.25);
                case FLATTEN -> option == 1 && image ? Layers.globalAvgPool() : Layers.flatten();
                case WEIGHTS -> image ? Layers.conv(size, 2 * option + 1).pad(option) : Layers.linear(size);
                case POOL -> option == 0 ? Layers.maxPool(2) : Layers.avgPool(2);
                case RESIDUAL ->
                    Layers.residual(image ? Layers.conv(input.dim(1), 3).pad(1) : Layers.linear(input.dim(1)));
            };
        }
    }
}
