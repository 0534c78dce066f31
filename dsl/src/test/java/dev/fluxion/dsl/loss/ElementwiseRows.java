package dev.fluxion.dsl.loss;

import static dev.fluxion.dsl.loss.LossCase.Variant.of;

import dev.fluxion.MultiLoss;
import dev.fluxion.Tensor;
import dev.fluxion.dsl.loss.LossCase.Row;
import dev.fluxion.dsl.loss.LossCase.Variant;
import dev.fluxion.ir.Shape;
import dev.fluxion.ir.Value;
import java.util.List;
import java.util.function.DoubleBinaryOperator;

/** The losses of single elements. */
final class ElementwiseRows {
    private ElementwiseRows() {}

    static List<Row> rows() {
        return List.of(
                Row.of(
                        "elementwise",
                        plain(
                                "",
                                () -> Losses.elementwise(
                                        "elementwise()",
                                        (x, y) -> x.mul(2).sub(y).pow(4)),
                                (x, y) -> Math.pow(2 * x - y, 4),
                                "red((2 * x0 - x1) ** 4, r)")),
                Row.of(
                        "l1",
                        plain("", Losses::l1, l1(), "F.l1_loss(x0, x1, reduction=r)"),
                        weighted(Losses::l1, true, l1(), "F.l1_loss(x0, x1, reduction=r, weight=x2)")),
                Row.of(
                        "mse",
                        plain("", Losses::mse, mse(), "F.mse_loss(x0, x1, reduction=r)"),
                        weighted(Losses::mse, true, mse(), "F.mse_loss(x0, x1, reduction=r, weight=x2)")),
                Row.of("smoothL1", smoothL1(1), smoothL1(0.3), smoothL1(2.5), smoothL1(0)),
                Row.of(
                        "huber",
                        huber(1),
                        huber(0.4),
                        huber(2.5),
                        weighted(Losses::huber, false, huberOf(1), "F.huber_loss(x0, x1, reduction=r, weight=x2)")),
                Row.of(
                        "logCosh",
                        plain(
                                "",
                                Losses::logCosh,
                                ElementwiseRows::logCosh,
                                "red(torch.logaddexp(x0 - x1, x1 - x0) - math.log(2), r)")),
                Row.of("softMargin", softMargin()),
                Row.of("hingeEmbedding", hinge(1), hinge(0.4), hinge(-0.5)),
                Row.of("bce", bce(), bceEdges(), weightedBce()),
                Row.of(
                        "bceWithLogits",
                        bceWithLogits(false, false),
                        bceWithLogits(true, false),
                        bceWithLogits(true, true),
                        bceOfChannels()),
                Row.of("focal", focal(2, 0.25), focal(0, 0.5), focal(1.5, 0.9)),
                Row.of("klDiv", klDiv(false), klDiv(true), klDivZeros()),
                Row.of(
                        "poissonNll",
                        poisson(true, false),
                        poisson(true, true),
                        poisson(false, false),
                        poisson(false, true)));
    }

    private interface Options {
        ElementwiseLoss loss();
    }

    private static DoubleBinaryOperator l1() {
        return (x, y) -> Math.abs(x - y);
    }

    private static DoubleBinaryOperator mse() {
        return (x, y) -> (x - y) * (x - y);
    }

    private static DoubleBinaryOperator huberOf(double delta) {
        return (x, y) -> {
            double z = Math.abs(x - y);
            return z <= delta ? 0.5 * z * z : delta * (z - 0.5 * delta);
        };
    }

    private static double logCosh(double x, double y) {
        double d = x - y;
        return Math.abs(d) < 1e-3 ? d * d / 2 - Math.pow(d, 4) / 12 : Math.log(Math.cosh(d));
    }

    private static Variant smoothL1(double beta) {
        return plain(
                "beta " + beta,
                () -> Losses.smoothL1(beta),
                (x, y) -> {
                    double z = Math.abs(x - y);
                    return z < beta ? 0.5 * z * z / beta : z - 0.5 * beta;
                },
                "F.smooth_l1_loss(x0, x1, reduction=r, beta=" + beta + ")");
    }

    private static Variant huber(double delta) {
        return plain(
                "delta " + delta,
                () -> Losses.huber(delta),
                huberOf(delta),
                "F.huber_loss(x0, x1, reduction=r, delta=" + delta + ")");
    }

    private static Variant softMargin() {
        return of("", (draw, r) -> {
            Shape shape = draw.shape();
            return elementwise(
                    Losses.softMargin().reduction(r),
                    r,
                    (x, y) -> Math.log1p(Math.exp(-y * x)),
                    "F.soft_margin_loss(x0, x1.detach(), reduction=r)",
                    draw.normal(shape),
                    draw.signs(shape));
        });
    }

    private static Variant hinge(double margin) {
        return of("margin " + margin, (draw, r) -> {
            Shape shape = draw.shape();
            Value y = draw.between(0, 3) == 0 ? draw.ints(shape, -1, 3) : draw.signs(shape);
            return elementwise(
                    Losses.hingeEmbedding(margin).reduction(r),
                    r,
                    (x, t) -> (t != 1 ? Math.max(0, margin - x) : 0) + (t != -1 ? x : 0),
                    "F.hinge_embedding_loss(x0, x1, reduction=r, margin=" + margin + ")",
                    draw.normal(shape),
                    y);
        });
    }

    private static double bce(double x, double y) {
        double log = Math.max(Math.log(x), -100);
        double rest = Math.max(Math.log1p(-x), -100);
        return -(y == 0 ? 0 : y * log) - (y == 1 ? 0 : (1 - y) * rest);
    }

    private static Variant bce() {
        return of("", (draw, r) -> bce(r, draw.uniform(draw.shape(), 0.02, 0.98), draw));
    }

    private static Variant bceEdges() {
        return Variant.defined("outputs of 0 and 1", (draw, r) -> bce(r, draw.fractions(draw.shape()), draw));
    }

    private static LossCase bce(LossReduction r, Value x, Draw draw) {
        return elementwise(
                Losses.bce().reduction(r),
                r,
                ElementwiseRows::bce,
                "F.binary_cross_entropy(x0, x1, reduction=r)",
                x,
                draw.fractions(x.shape()));
    }

    private static Variant weightedBce() {
        return of("weight", (draw, r) -> {
            Shape shape = draw.shape();
            Value x = draw.uniform(shape, 0.02, 0.98);
            Value y = draw.fractions(shape);
            Value w = draw.uniform(Shape.of(shape.dim(-1)), 0, 2);
            double[] each = each(ElementwiseRows::bce, x, y);
            for (int i = 0; i < each.length; i++) {
                each[i] *= w.data()[i % w.data().length];
            }
            return LossCase.of(
                    Losses.bce().reduction(r),
                    LossCase.reduced(each, r, each.length, shape.dim(0)),
                    "F.binary_cross_entropy(x0, x1, reduction=r, weight=x2.detach())",
                    x,
                    y,
                    w);
        });
    }

    static double logSigmoid(double x) {
        return x > 0 ? -Math.log1p(Math.exp(-x)) : x - Math.log1p(Math.exp(x));
    }

    private static Variant bceWithLogits(boolean positive, boolean perColumn) {
        return of((positive ? "posWeight" : "") + (perColumn ? " per column" : ""), (draw, r) -> {
            Shape shape = draw.shape();
            double[] p = draw.weights(perColumn ? shape.dim(-1) : 1);
            BceWithLogits loss = Losses.bceWithLogits().reduction(r).posWeight(positive ? p : new double[0]);
            Value x = draw.logits(shape);
            Value y = draw.fractions(shape);
            double[] each = new double[x.data().length];
            for (int i = 0; i < each.length; i++) {
                double log = logSigmoid(x.data()[i]);
                double rest = logSigmoid(-x.data()[i]);
                double weight = positive ? p[i % p.length] : 1;
                each[i] = -weight * y.data()[i] * log - (1 - y.data()[i]) * rest;
            }
            return LossCase.of(
                    loss,
                    LossCase.reduced(each, r, each.length, shape.dim(0)),
                    "F.binary_cross_entropy_with_logits(x0, x1, reduction=r"
                            + (positive ? ", pos_weight=" + Draw.torch(p) : "") + ")",
                    x,
                    y);
        });
    }

    /** Weights C×1 beside N×C×L. */
    private static Variant bceOfChannels() {
        return of("posWeight per channel", (draw, r) -> {
            Shape shape = Shape.of(2, draw.between(1, 4), 3);
            int channels = shape.dim(1);
            double[] p = draw.weights(channels);
            Tensor weights = Tensor.of(new Value(Shape.of(channels, 1), p));
            Value x = draw.logits(shape);
            Value y = draw.fractions(shape);
            double[] each = new double[x.data().length];
            for (int i = 0; i < each.length; i++) {
                double weight = weights.floats()[i / 3 % channels];
                each[i] =
                        -weight * y.data()[i] * logSigmoid(x.data()[i]) - (1 - y.data()[i]) * logSigmoid(-x.data()[i]);
            }
            double[] floats = weights.toValue().data();
            return LossCase.of(
                    Losses.bceWithLogits().reduction(r).posWeight(weights),
                    LossCase.reduced(each, r, each.length, shape.dim(0)),
                    "F.binary_cross_entropy_with_logits(x0, x1, reduction=r, pos_weight=" + Draw.torch(floats)
                            + ".reshape(-1, 1))",
                    x,
                    y);
        });
    }

    private static Variant focal(double gamma, double alpha) {
        return of("gamma " + gamma + " alpha " + alpha, (draw, r) -> {
            Shape shape = draw.shape();
            String ce = "F.binary_cross_entropy_with_logits(x0, x1.detach(), reduction='none')";
            String right = "(torch.sigmoid(x0) * x1.detach() + (1 - torch.sigmoid(x0)) * (1 - x1.detach()))";
            String share = "(" + alpha + " * x1.detach() + (1 - " + alpha + ") * (1 - x1.detach()))";
            return elementwise(
                    Losses.focal().gamma(gamma).alpha(alpha).reduction(r),
                    r,
                    (x, y) -> {
                        double p = 1 / (1 + Math.exp(-x));
                        double pt = y == 1 ? p : 1 - p;
                        return -(y == 1 ? alpha : 1 - alpha) * Math.pow(1 - pt, gamma) * Math.log(pt);
                    },
                    "red(" + share + " * (1 - " + right + ") ** " + gamma + " * " + ce + ", r)",
                    draw.normal(shape),
                    draw.bits(shape));
        });
    }

    private static Variant klDiv(boolean logTarget) {
        return of(logTarget ? "logTarget" : "", (draw, r) -> {
            Shape shape = draw.shape();
            Value t = draw.distributions(shape, shape.rank() == 1 ? 0 : 1);
            return elementwise(
                    Losses.klDiv().logTarget(logTarget).reduction(r),
                    r,
                    logTarget ? (x, y) -> Math.exp(y) * (y - x) : (x, y) -> y * (Math.log(y) - x),
                    "F.kl_div(x0, x1, reduction=r, log_target=" + (logTarget ? "True" : "False") + ")",
                    draw.logs(draw.distributions(shape, shape.rank() == 1 ? 0 : 1)),
                    logTarget ? draw.logs(t) : t);
        });
    }

    private static Variant klDivZeros() {
        return Variant.defined("targets of 0", (draw, r) -> {
            Shape shape = draw.shape();
            return elementwise(
                    Losses.klDiv().reduction(r),
                    r,
                    (x, y) -> y == 0 ? 0 : y * (Math.log(y) - x),
                    "F.kl_div(x0, x1, reduction=r)",
                    draw.normal(shape),
                    draw.fractions(shape));
        });
    }

    private static Variant poisson(boolean logInput, boolean full) {
        return of((logInput ? "logInput" : "") + (full ? " full" : ""), (draw, r) -> {
            Shape shape = draw.shape();
            return elementwise(
                    Losses.poissonNll().logInput(logInput).full(full).reduction(r),
                    r,
                    (x, y) -> {
                        double stirling = y > 1 ? y * Math.log(y) - y + 0.5 * Math.log(2 * Math.PI * y) : 0;
                        double base = logInput ? Math.exp(x) - y * x : x - y * Math.log(x + 1e-8);
                        return base + (full ? stirling : 0);
                    },
                    "F.poisson_nll_loss(x0, x1, reduction=r, log_input=" + (logInput ? "True" : "False") + ", full="
                            + (full ? "True" : "False") + ")",
                    logInput ? draw.normal(shape) : draw.uniform(shape, 0.1, 5),
                    draw.uniform(shape, 0, 6));
        });
    }

    private static Variant plain(String options, Options loss, DoubleBinaryOperator formula, String torch) {
        return of(options, (draw, r) -> {
            Shape shape = draw.shape();
            return elementwise(loss.loss().reduction(r), r, formula, torch, draw.normal(shape), draw.normal(shape));
        });
    }

    private static Variant weighted(Options loss, boolean byWeight, DoubleBinaryOperator formula, String torch) {
        return of("weight", (draw, r) -> {
            Shape shape = draw.shape();
            Value x = draw.normal(shape);
            Value y = draw.normal(shape);
            Value w = draw.uniform(shape, 0.1, 2);
            double[] each = each(formula, x, y);
            double total = 0;
            for (int i = 0; i < each.length; i++) {
                each[i] *= w.data()[i];
                total += w.data()[i];
            }
            double[] expected = LossCase.reduced(each, r, byWeight ? total : each.length, shape.dim(0));
            return LossCase.of(loss.loss().reduction(r), expected, torch, x, y, w);
        });
    }

    private static LossCase elementwise(
            MultiLoss loss, LossReduction r, DoubleBinaryOperator formula, String torch, Value x, Value y) {
        double[] each = each(formula, x, y);
        return LossCase.of(
                loss, LossCase.reduced(each, r, each.length, x.shape().dim(0)), torch, x, y);
    }

    private static double[] each(DoubleBinaryOperator formula, Value x, Value y) {
        double[] each = new double[x.data().length];
        for (int i = 0; i < each.length; i++) {
            each[i] = formula.applyAsDouble(x.data()[i], y.data()[i]);
        }
        return each;
    }
}
