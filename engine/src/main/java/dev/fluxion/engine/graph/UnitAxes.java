package dev.fluxion.engine.graph;

import dev.fluxion.ir.Contraction;
import dev.fluxion.ir.Elementwise;
import dev.fluxion.ir.Expr;
import dev.fluxion.ir.Graph;
import dev.fluxion.ir.Movement;
import dev.fluxion.ir.Shape;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * In predictions, computes functions of elements behind a convolution on its images, before an axis of a single place is dropped, as
 * the height of sequences is: there they can be part of the convolution.
 */
public final class UnitAxes {
    /** Results of convolutions, and what functions of elements make of them. */
    private final Set<Expr> images = new HashSet<>();

    private UnitAxes() {}

    /** The graph with axes dropped as late as possible. */
    public static Graph apply(Graph graph) {
        boolean updates =
                graph.stages().stream().anyMatch(stage -> !stage.updates().isEmpty());
        return updates ? graph : Rewriter.rewrite(graph, new UnitAxes()::node);
    }

    private Expr node(Expr e) {
        if (e.op() instanceof Contraction.Conv) {
            images.add(e);
        }
        if (!(e.op() instanceof Elementwise)
                || e.inputs().stream().anyMatch(x -> !x.shape().equals(e.shape()))) {
            return e;
        }
        Optional<Expr> seen =
                e.inputs().stream().filter(x -> dropped(x).isPresent()).findFirst();
        if (seen.isEmpty()) {
            return e.inputs().stream().anyMatch(images::contains) ? image(e) : e;
        }
        Shape whole = seen.get().input(0).shape();
        int axis = dropped(seen.get()).orElseThrow();
        List<Expr> operands = e.inputs().stream().map(x -> on(whole, axis, x)).toList();
        return image(new Expr(e.op(), operands)).reshape(e.shape());
    }

    private Expr image(Expr e) {
        images.add(e);
        return e;
    }

    /** The axis, behind the channels, that an image is seen without, if it is. */
    private OptionalInt dropped(Expr e) {
        if (!(e.op() instanceof Movement.Reshape) || !images.contains(e.input(0))) {
            return OptionalInt.empty();
        }
        Shape whole = e.input(0).shape();
        return IntStream.range(2, whole.rank())
                .filter(axis -> whole.dim(axis) == 1 && whole.without(axis).equals(e.shape()))
                .findFirst();
    }

    /** An operand beside an image, which has one axis more. */
    private static Expr on(Shape whole, int axis, Expr x) {
        if (!(x.op() instanceof Movement.Broadcast)) {
            boolean seen =
                    x.op() instanceof Movement.Reshape && x.input(0).shape().equals(whole);
            return seen ? x.input(0) : x.reshape(whole);
        }
        Expr repeated = x.input(0);
        int behind = whole.rank() - 1 - axis;
        int at = repeated.shape().rank() - behind;
        return (at <= 0 ? repeated : repeated.reshape(with(repeated.shape(), at))).broadcastTo(whole);
    }

    /** A shape with an axis of one place more. */
    private static Shape with(Shape shape, int axis) {
        int[] dims = shape.dims();
        return Shape.of(Stream.of(
                        IntStream.range(0, axis).map(i -> dims[i]),
                        IntStream.of(1),
                        IntStream.range(axis, dims.length).map(i -> dims[i]))
                .flatMapToInt(part -> part)
                .toArray());
    }
}
