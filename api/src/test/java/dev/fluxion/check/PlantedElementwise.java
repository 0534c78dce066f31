package dev.fluxion.check;

import dev.fluxion.ir.Expr;
import dev.fluxion.ir.Shape;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;

/** Mistakes in the derivatives of functions of elements. */
final class PlantedElementwise {
    private static final Shape SHAPE = Shape.of(4, 5);
    private static final Expr X = Expr.input("x", SHAPE);
    private static final Expr A = Expr.input("a", SHAPE);
    private static final Expr B = Expr.input("b", SHAPE);

    private PlantedElementwise() {}

    static Stream<Planted> rows() {
        return Stream.of(
                x("square: sign", X.square(), g -> g.mul(X).mul(2), g -> g.mul(X)
                        .mul(-2)),
                x("square: factor 2 missing", X.square(), g -> g.mul(X).mul(2), g -> g.mul(X)),
                x("cos: sign missing", X.cos(), g -> g.mul(X.sin()).neg(), g -> g.mul(X.sin())),
                x("exp: outer gradient ignored", X.exp(), g -> g.mul(X.exp()), g -> X.exp()),
                x("relu: mask missing", X.relu(), g -> g.mul(X.gt(0)), g -> g),
                x("relu: mask of the wrong thing", X.relu(), g -> g.mul(X.gt(0)), g -> g.relu()),
                x("relu: mask upside down", X.relu(), g -> g.mul(X.gt(0)), g -> g.mul(X.lt(0))),
                x(
                        "leakyRelu: slope missing",
                        X.leakyRelu(0.1),
                        g -> g.mul(X.gt(0).where(Expr.constant(1), Expr.constant(0.1))),
                        g -> g.mul(X.gt(0))),
                x(
                        "sigmoid: y instead of y(1 − y)",
                        X.sigmoid(),
                        g -> g.mul(X.sigmoid()).mul(X.neg().sigmoid()),
                        g -> g.mul(X.sigmoid())),
                x(
                        "tanh: 1 − x² instead of 1 − y²",
                        X.tanh(),
                        g -> g.mul(X.tanh().square().neg().add(1)),
                        g -> g.mul(X.square().neg().add(1))),
                x("softplus: tanh instead of sigmoid", X.softplus(), g -> g.mul(X.sigmoid()), g -> g.mul(X.tanh())),
                x("abs: sign missing", X.abs(), g -> g.mul(X.sign()), g -> g),
                x("cube: exponent not lowered", X.pow(3), g -> g.mul(X.square()).mul(3), g -> g.mul(X.pow(3))
                        .mul(3)),
                x(
                        "silu: as if sigmoid were constant",
                        X.silu(),
                        g -> g.mul(X.sigmoid().add(X.silu().mul(X.neg().sigmoid()))),
                        g -> g.mul(X.sigmoid())),
                x(
                        "gelu: tanh approximation",
                        X.gelu(),
                        g -> g.mul(gelu(X)),
                        g -> g.mul(X.mul(1.702).sigmoid().add(X.mul(1.702).mul(slope(X))))),
                x("clamp: gradient outside", clamp(X), g -> g.mul(X.abs().lt(1)), g -> g),
                x(
                        "chain: inner derivative missing",
                        X.mul(3).sin(),
                        g -> g.mul(X.mul(3).cos()).mul(3),
                        g -> g.mul(X.mul(3).cos())),
                x("fork: one path missing", X.mul(X.exp()), g -> g.mul(X.exp()).mul(X.add(1)), g -> g.mul(X.exp())),
                positive("log: x instead of 1/x", A.log(), g -> g.div(A), g -> g.mul(A)),
                positive("sqrt: ½ missing", A.sqrt(), g -> g.div(A.sqrt()).mul(0.5), g -> g.div(A.sqrt())),
                positive(
                        "reciprocal: sign",
                        A.reciprocal(),
                        g -> g.div(A.square()).neg(),
                        g -> g.div(A.square())),
                positive("mul: operands mixed up", A.mul(B), g -> g.mul(B), g -> g.mul(A)),
                positive(
                        "div: square missing",
                        B.div(A),
                        g -> g.mul(B).div(A.square()).neg(),
                        g -> g.mul(B).div(A).neg()),
                positive(
                        "div: sign missing",
                        B.div(A),
                        g -> g.mul(B).div(A.square()).neg(),
                        g -> g.mul(B).div(A.square())),
                positive(
                        "pow: logarithm instead of power",
                        A.pow(B),
                        g -> g.mul(B).mul(A.pow(B.sub(1))),
                        g -> g.mul(A.pow(B)).mul(A.log())),
                positive("max: gradient to both", A.max(B), g -> g.mul(A.gt(B)), g -> g),
                positive("where: gradient to the other", B.gt(1).where(A, B), g -> g.mul(B.gt(1)), g -> g.mul(B.le(1))),
                positive("a thousandth too much", A.square(), g -> g.mul(A).mul(2), g -> g.mul(A)
                        .mul(2.002)),
                positive(
                        "a hundred-thousandth too much",
                        A.square(),
                        g -> g.mul(A).mul(2),
                        g -> g.mul(A).mul(2.00002)));
    }

    private static Expr clamp(Expr x) {
        return x.min(1).max(-1);
    }

    private static Expr gelu(Expr x) {
        Expr density = x.square().mul(-0.5).exp().mul(1 / Math.sqrt(2 * Math.PI));
        Expr normal = x.mul(Math.sqrt(0.5)).erf().add(1).mul(0.5);
        return normal.add(x.mul(density));
    }

    private static Expr slope(Expr x) {
        Expr s = x.mul(1.702).sigmoid();
        return s.mul(s.neg().add(1));
    }

    private static Planted x(String mistake, Expr y, UnaryOperator<Expr> right, UnaryOperator<Expr> wrong) {
        return new Planted(mistake, Planted.at(y, "x"), "x", right, wrong);
    }

    private static Planted positive(String mistake, Expr y, UnaryOperator<Expr> right, UnaryOperator<Expr> wrong) {
        GradCheck check = GradCheck.of(y).draw("a", Planted::positive).draw("b", Planted::positive);
        return new Planted(mistake, check, "a", right, wrong);
    }
}
