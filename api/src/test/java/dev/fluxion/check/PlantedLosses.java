package dev.fluxion.check;

import dev.fluxion.Initializer;
import dev.fluxion.ir.DType;
import dev.fluxion.ir.Expr;
import dev.fluxion.ir.Shape;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;

/** Losses with mistakes in their gradients by the output. */
final class PlantedLosses {
    private static final Shape SHAPE = Shape.of(5, 4);
    private static final double N = 5;
    private static final double ALL = 20;
    private static final Expr X = Expr.input("output", SHAPE);
    private static final Expr Y = Expr.input("target", SHAPE);
    private static final Expr LABEL = Expr.input("target", Shape.of(5, 1), DType.INT);
    private static final Expr E = X.sub(Y);

    private PlantedLosses() {}

    static Stream<Planted> rows() {
        return Stream.of(regression(), classes(), others()).flatMap(s -> s);
    }

    private static Stream<Planted> regression() {
        Expr mse = E.square().mean();
        Expr huber = E.abs().le(1).where(E.square().mul(0.5), E.abs().sub(0.5)).mean();
        Expr clipped = E.max(-1).min(1);
        return Stream.of(
                row("mse: factor 2 missing", mse, Planted::normal, E.mul(2 / ALL), E.mul(1 / ALL)),
                row("mse: mean over the batch only", mse, Planted::normal, E.mul(2 / ALL), E.mul(2 / N)),
                row("mse: sum's gradient", mse, Planted::normal, E.mul(2 / ALL), E.mul(2)),
                row("mse: by the target", mse, Planted::normal, E.mul(2 / ALL), E.mul(-2 / ALL)),
                ignoring("mse: outer gradient ignored", mse, Planted::normal, E.mul(2 / ALL)),
                row(
                        "l1: the difference, not its sign",
                        E.abs().mean(),
                        Planted::normal,
                        E.sign().mul(1 / ALL),
                        E.mul(1 / ALL)),
                row("huber: not clipped", huber, Planted::normal, clipped.mul(1 / ALL), E.mul(1 / ALL)),
                row(
                        "huber: clipped at the wrong place",
                        huber,
                        Planted::normal,
                        clipped.mul(1 / ALL),
                        E.max(-0.5).min(0.5).mul(1 / ALL)),
                row(
                        "poisson: exponential missing",
                        X.exp().sub(Y.mul(X)).mean(),
                        Planted::positive,
                        X.exp().sub(Y).mul(1 / ALL),
                        X.sub(Y).mul(1 / ALL)),
                row(
                        "gaussian: ½ missing",
                        X.add(E.square().div(X.exp())).mul(0.5).mean(),
                        Planted::normal,
                        gaussian().mul(0.5 / ALL),
                        gaussian().mul(1 / ALL)),
                row(
                        "charbonnier: root as a constant",
                        E.square().add(1).sqrt().mean(),
                        Planted::normal,
                        E.div(E.square().add(1).sqrt()).mul(1 / ALL),
                        E.mul(1 / ALL)));
    }

    private static Expr gaussian() {
        return E.mul(2).sub(E.square()).div(X.exp()).add(1);
    }

    private static Stream<Planted> classes() {
        Expr p = X.softmax(1);
        Expr truth = Expr.iota(4).reshape(1, 4).eq(LABEL);
        Expr next = Expr.iota(4).reshape(1, 4).toFloat().sub(1).eq(LABEL.toFloat());
        Expr ce = X.logSoftmax(1).gather(1, LABEL).mean().neg();
        Expr right = p.sub(truth).mul(1 / N);
        Expr smooth = truth.mul(0.9).add(0.1 / 4);
        Expr smoothed = X.logSoftmax(1).mul(smooth).sum().mul(-1 / N);
        Expr bce = X.softplus().sub(X.mul(Y)).mean();
        Expr bceRight = X.sigmoid().sub(Y).mul(1 / ALL);
        Initializer label = Planted::label;
        return Stream.of(
                row("cross entropy: the true class missing", ce, label, right, p.mul(1 / N)),
                row("cross entropy: sign", ce, label, right, right.neg()),
                row("cross entropy: sum's gradient", ce, label, right, right.mul(N)),
                row("cross entropy: mean over classes, too", ce, label, right, right.mul(0.25)),
                row(
                        "cross entropy: along the batch",
                        ce,
                        label,
                        right,
                        X.softmax(0).sub(truth).mul(1 / N)),
                row(
                        "cross entropy: sigmoid for softmax",
                        ce,
                        label,
                        right,
                        X.sigmoid().sub(truth).mul(1 / N)),
                row(
                        "cross entropy: one class off",
                        ce,
                        label,
                        right,
                        p.sub(next).mul(1 / N)),
                ignoring("cross entropy: outer gradient ignored", ce, label, right),
                row("label smoothing: forgotten", smoothed, label, p.sub(smooth).mul(1 / N), right),
                row(
                        "bce: target missing",
                        bce,
                        Planted::probability,
                        bceRight,
                        X.sigmoid().mul(1 / ALL)),
                row("bce: sigmoid missing", bce, Planted::probability, bceRight, E.mul(1 / ALL)),
                row(
                        "bce: sigmoid's derivative twice",
                        bce,
                        Planted::probability,
                        bceRight,
                        bceRight.mul(X.sigmoid()).mul(X.neg().sigmoid())));
    }

    private static Stream<Planted> others() {
        Expr margin = X.mul(Y).neg().add(0.1);
        Expr hinge = margin.relu().mean();
        Expr xx = X.square().sumKeepDims(1).sqrt();
        Expr yy = Y.square().sumKeepDims(1).sqrt();
        Expr xy = X.mul(Y).sumKeepDims(1);
        Expr cosine = xy.div(xx.mul(yy));
        Expr direction = Y.div(xx.mul(yy));
        Expr overlap = X.sigmoid().mul(Y).sum().mul(2);
        Expr areas = X.sigmoid().sum().add(Y.sum());
        Expr slope = X.sigmoid().mul(X.neg().sigmoid());
        Expr kl = Y.mul(Y.log().sub(X.logSoftmax(1))).sum();
        return Stream.of(
                row(
                        "hinge: mask missing",
                        hinge,
                        Planted::sign,
                        Y.mul(margin.gt(0)).mul(-1 / ALL),
                        Y.mul(-1 / ALL)),
                row(
                        "hinge: sign",
                        hinge,
                        Planted::sign,
                        Y.mul(margin.gt(0)).mul(-1 / ALL),
                        Y.mul(margin.gt(0)).mul(1 / ALL)),
                row(
                        "cosine: norms as constants",
                        cosine.sum(),
                        Planted::normal,
                        direction.sub(X.mul(cosine).div(xx.square())),
                        direction),
                row(
                        "dice: denominator as a constant",
                        overlap.div(areas),
                        Planted::probability,
                        slope.mul(Y.mul(2).div(areas).sub(overlap.div(areas.square()))),
                        slope.mul(Y).mul(2).div(areas)),
                row(
                        "kl: as if the target summed to 1",
                        kl,
                        Planted::probability,
                        X.softmax(1).mul(Y.sumKeepDims(1)).sub(Y),
                        X.softmax(1).sub(Y)),
                row("penalty: factor 2 missing", X.square().sum().add(Y.sum()), Planted::normal, X.mul(2), X),
                row(
                        "root of the mean square: root forgotten",
                        E.square().mean().sqrt(),
                        Planted::normal,
                        E.div(E.square().mean().sqrt()).mul(1 / ALL),
                        E.mul(2 / ALL)));
    }

    private static Planted row(String mistake, Expr loss, Initializer target, Expr right, Expr wrong) {
        GradCheck check = Planted.at(loss, "output").draw("target", target).wrt("output");
        return new Planted(mistake, check, "output", right::mul, wrong::mul);
    }

    private static Planted ignoring(String mistake, Expr loss, Initializer target, Expr right) {
        UnaryOperator<Expr> wrong = g -> right;
        GradCheck check = Planted.at(loss, "output").draw("target", target).wrt("output");
        return new Planted(mistake, check, "output", right::mul, wrong);
    }
}
