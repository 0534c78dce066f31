package dev.fluxion.check;

import dev.fluxion.ir.Contraction;
import dev.fluxion.ir.ConvSpec;
import dev.fluxion.ir.Expr;
import dev.fluxion.ir.PoolSpec;
import dev.fluxion.ir.Pooling;
import dev.fluxion.ir.Shape;
import dev.fluxion.ir.Size;
import java.util.List;
import java.util.stream.Stream;

/** Mistakes in the gradients of products, convolutions, poolings and normalisations. */
final class PlantedContractions {
    private static final Expr A = Expr.input("a", Shape.of(3, 3));
    private static final Expr B = Expr.input("b", Shape.of(3, 3));
    private static final Expr BIAS = Expr.input("bias", Shape.of(3));
    private static final Expr X = Expr.input("x", Shape.of(2, 2, 4, 4));
    private static final Expr W = Expr.input("w", Shape.of(2, 2, 3, 3));
    private static final ConvSpec SAME = new ConvSpec(Size.of(1), Size.of(1), Size.of(1), 1);
    private static final PoolSpec POOL = PoolSpec.of(Size.of(2));

    private PlantedContractions() {}

    static Stream<Planted> rows() {
        return Stream.of(products(), images(), rowsOfNumbers()).flatMap(s -> s);
    }

    private static Stream<Planted> products() {
        GradCheck product = Planted.at(A.matmul(B), "a", "b");
        GradCheck dense = Planted.at(A.matmul(B).add(BIAS), "a", "b", "bias");
        return Stream.of(
                new Planted("matmul: operand not transposed", product, "a", g -> g.matmul(t(B)), g -> g.matmul(B)),
                new Planted("matmul: result transposed", product, "a", g -> g.matmul(t(B)), g -> t(g.matmul(t(B)))),
                new Planted("matmul: order of operands", product, "b", g -> t(A).matmul(g), g -> g.matmul(t(A))),
                new Planted("matmul: the other operand", product, "b", g -> t(A).matmul(g), g -> t(B).matmul(g)),
                new Planted("matmul: outer gradient ignored", product, "a", g -> g.matmul(t(B)), g -> g.mul(0)
                        .add(1)
                        .matmul(t(B))),
                new Planted("bias: sum over the batch dropped", dense, "bias", g -> g.sum(0), g -> g.slice(0, 0, 1)
                        .reshape(3)),
                new Planted("bias: mean over the batch", dense, "bias", g -> g.sum(0), g -> g.mean(0)),
                new Planted("bias: sum over the wrong axis", dense, "bias", g -> g.sum(0), g -> g.sum(1)));
    }

    private static Stream<Planted> images() {
        GradCheck conv = Planted.at(X.conv(W, SAME), "x", "w");
        GradCheck max = Planted.at(X.maxPool(POOL), "x");
        GradCheck avg = Planted.at(X.avgPool(POOL), "x");
        return Stream.of(
                new Planted(
                        "conv: kernel not turned",
                        conv,
                        "x",
                        PlantedContractions::byInput,
                        g -> g.conv(W.transpose(1, 0, 2, 3), SAME)),
                new Planted(
                        "conv: channels not swapped",
                        conv,
                        "x",
                        PlantedContractions::byInput,
                        g -> new Expr(
                                new Contraction.ConvGradInput(SAME, X.shape()), List.of(g, W.transpose(1, 0, 2, 3)))),
                new Planted(
                        "conv: kernel's gradient transposed", conv, "w", PlantedContractions::byWeight, g -> byWeight(g)
                                .transpose(0, 1, 3, 2)),
                new Planted("conv: mean over the batch", conv, "w", PlantedContractions::byWeight, g -> byWeight(g)
                        .mul(0.5)),
                new Planted("avgPool: 1/k² missing", avg, "x", PlantedContractions::byAverage, g -> byAverage(g)
                        .mul(4)),
                new Planted(
                        "maxPool: gradient to all of the window",
                        max,
                        "x",
                        PlantedContractions::byLargest,
                        g -> byAverage(g).mul(4)),
                new Planted(
                        "maxPool: outer gradient ignored",
                        max,
                        "x",
                        PlantedContractions::byLargest,
                        g -> byLargest(g.sign().abs())));
    }

    private static Stream<Planted> rowsOfNumbers() {
        Expr s = A.softmax(1);
        Expr centred = A.sub(A.sum(1).reshape(3, 1).mul(1 / 3.0));
        GradCheck softmax = Planted.at(s, "a");
        GradCheck logSoftmax = Planted.at(A.logSoftmax(1), "a");
        GradCheck largest = Planted.at(A.maxOver(1), "a");
        return Stream.of(
                new Planted("softmax: diagonal only", softmax, "a", g -> bySoftmax(g, s), g -> g.mul(s)
                        .mul(s.neg().add(1))),
                new Planted("softmax: mean not subtracted", softmax, "a", g -> bySoftmax(g, s), g -> g.mul(s)),
                new Planted(
                        "softmax: along the wrong axis",
                        softmax,
                        "a",
                        g -> bySoftmax(g, s),
                        g -> s.mul(g.sub(g.mul(s).sumKeepDims(0)))),
                new Planted(
                        "logSoftmax: sum of the gradient missing",
                        logSoftmax,
                        "a",
                        g -> g.sub(s.mul(g.sumKeepDims(1))),
                        g -> g.sub(s)),
                new Planted(
                        "max of a row: gradient to all",
                        largest,
                        "a",
                        g -> A.eq(A.maxKeepDims(1)).mul(g.reshape(3, 1)),
                        g -> g.reshape(3, 1).broadcastTo(A.shape())),
                new Planted(
                        "centring: the mean as a constant",
                        Planted.at(centred, "a"),
                        "a",
                        g -> g.sub(g.sumKeepDims(1).mul(1 / 3.0)),
                        g -> g));
    }

    private static Expr t(Expr e) {
        return e.transposeLast();
    }

    private static Expr byInput(Expr g) {
        return new Expr(new Contraction.ConvGradInput(SAME, X.shape()), List.of(g, W));
    }

    private static Expr byWeight(Expr g) {
        return new Expr(new Contraction.ConvGradWeight(SAME, W.shape()), List.of(X, g));
    }

    private static Expr byAverage(Expr g) {
        return new Expr(new Pooling.AvgPoolGrad(POOL, X.shape()), List.of(g));
    }

    private static Expr byLargest(Expr g) {
        return new Expr(new Pooling.MaxPoolGrad(POOL), List.of(X, g));
    }

    private static Expr bySoftmax(Expr g, Expr s) {
        return s.mul(g.sub(g.mul(s).sumKeepDims(1)));
    }
}
