package dev.fluxion.check;

import dev.fluxion.ir.DType;
import dev.fluxion.ir.Expr;
import dev.fluxion.ir.Indexing;
import dev.fluxion.ir.Shape;
import java.util.List;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;

/** Mistakes in the gradients of sums and of what moves elements. */
final class PlantedMovements {
    private static final Expr X = Expr.input("x", Shape.of(4, 4));
    private static final Expr V = Expr.input("v", Shape.of(4));
    private static final Expr INDEX = Expr.input("index", Shape.of(4, 6), DType.INT);

    private PlantedMovements() {}

    static Stream<Planted> rows() {
        Expr kept = Expr.uniform(1, X.shape()).ge(0.5);
        Expr other = Expr.uniform(2, X.shape()).ge(0.5);
        GradCheck gather = Planted.at(X.gather(1, INDEX), "x")
                .draw("index", Planted::label)
                .wrt("x");
        return Stream.of(
                x("mean: 1/n missing", X.mean(), g -> full(g.mul(1 / 16.0)), g -> full(g)),
                x("mean: n of the first axis", X.mean(), g -> full(g.mul(1 / 16.0)), g -> full(g.mul(1 / 4.0))),
                x("sum: outer gradient ignored", X.sum(), g -> full(g), g -> full(Expr.constant(1))),
                x("sum of an axis: along the wrong one", X.sum(1), g -> full(g.reshape(4, 1)), g -> full(g)),
                x(
                        "sum of squares: mean's factor",
                        X.square().sum(),
                        g -> X.mul(g).mul(2),
                        g -> X.mul(g).mul(2 / 16.0)),
                x(
                        "transpose: not turned back",
                        X.transposeLast().square(),
                        g -> twice(g).transposeLast(),
                        g -> twice(g)),
                x("transpose: order applied twice", turned(X), g -> back(g), g -> turned(g)
                        .reshape(4, 4)),
                x("slice: wrong place", X.slice(1, 1, 3), g -> g.pad(1, 1, 1, 0), g -> g.pad(1, 2, 0, 0)),
                x(
                        "concat: parts mixed up",
                        both(X),
                        g -> part(g, 0).add(part(g, 4).mul(2)),
                        g -> part(g, 4).add(part(g, 0).mul(2))),
                x(
                        "concat: one part dropped",
                        both(X),
                        g -> part(g, 0).add(part(g, 4).mul(2)),
                        g -> part(g, 0)),
                x("dropout: scale missing", X.mul(kept).mul(2), g -> g.mul(kept).mul(2), g -> g.mul(kept)),
                x("dropout: another mask", X.mul(kept).mul(2), g -> g.mul(kept).mul(2), g -> g.mul(other)
                        .mul(2)),
                new Planted(
                        "broadcast: sum dropped",
                        Planted.at(V.mul(X), "v", "x"),
                        "v",
                        g -> g.mul(X).sum(0),
                        g -> g.mul(X).slice(0, 3, 4).reshape(4)),
                new Planted(
                        "broadcast: sum over the wrong axis",
                        Planted.at(V.mul(X), "v", "x"),
                        "v",
                        g -> g.mul(X).sum(0),
                        g -> g.mul(X).sum(1)),
                new Planted("gather: repeated places not added up", gather, "x", g -> scatter(g), g -> scatter(g)
                        .div(scatter(g.mul(0).add(1)).max(1))));
    }

    private static Expr twice(Expr g) {
        return g.mul(X.transposeLast()).mul(2);
    }

    /** The axes 2×2×4 in the order 1, 2, 0, which is not its own inverse. */
    private static Expr turned(Expr x) {
        return x.reshape(2, 2, 4).transpose(1, 2, 0).reshape(4, 4);
    }

    private static Expr back(Expr g) {
        return g.reshape(2, 4, 2).transpose(2, 0, 1).reshape(4, 4);
    }

    private static Expr both(Expr x) {
        return Expr.concat(1, List.of(x, x.mul(2)));
    }

    private static Expr part(Expr g, int from) {
        return g.slice(1, from, from + 4);
    }

    private static Expr full(Expr g) {
        return g.broadcastTo(X.shape());
    }

    private static Expr scatter(Expr g) {
        return new Expr(new Indexing.ScatterAdd(1, 4), List.of(g, INDEX));
    }

    private static Planted x(String mistake, Expr y, UnaryOperator<Expr> right, UnaryOperator<Expr> wrong) {
        return new Planted(mistake, Planted.at(y, "x"), "x", right, wrong);
    }
}
