package dev.fluxion.dsl.loss;

import static dev.fluxion.dsl.loss.LossCase.Variant.of;

import dev.fluxion.dsl.loss.LossCase.Row;
import dev.fluxion.dsl.loss.LossCase.Variant;
import dev.fluxion.ir.Shape;
import dev.fluxion.ir.Value;
import java.util.Arrays;
import java.util.List;

/** The losses over classes. */
final class ClassRows {
    private ClassRows() {}

    static List<Row> rows() {
        return List.of(
                Row.of("nll", nll(false, -100), nll(true, -100), nll(true, 0)),
                Row.of(
                        "crossEntropy",
                        indices(false, -100, 0),
                        indices(true, -100, 0),
                        indices(false, 0, 0),
                        indices(false, -100, 0.3),
                        indices(true, 1, 0.1),
                        indices(false, -100, 1)),
                Row.of(
                        "crossEntropyWithProbabilities",
                        probabilities(false, 0),
                        probabilities(true, 0),
                        probabilities(false, 0.2),
                        probabilities(true, 0.2)),
                Row.of("multiMargin", multiMargin(1, 1, false), multiMargin(2, 0.5, false), multiMargin(2, 1, true)),
                Row.of("multiLabelMargin", multiLabelMargin()),
                Row.of("multiLabelSoftMargin", multiLabelSoftMargin(false), multiLabelSoftMargin(true)),
                Row.of(
                        "dice",
                        dice(1, false, .5, .5, false),
                        dice(0, true, .5, .5, false),
                        dice(1, false, .3, .7, false),
                        dice(0.5, false, .5, .5, true),
                        diceAxes()));
    }

    private static Value logits(Draw draw, int classes) {
        int positions = draw.between(0, 3);
        int n = draw.between(1, 4);
        return switch (draw.between(0, 5)) {
            case 0 -> draw.logits(Shape.of(classes));
            case 1, 2, 3 -> draw.logits(Shape.of(n, classes));
            case 4 -> draw.logits(Shape.of(n, classes, positions + 1));
            default -> draw.logits(Shape.of(n, classes, 2, positions + 1));
        };
    }

    private static int axis(Shape shape) {
        return shape.rank() == 1 ? 0 : 1;
    }

    private static int batch(Shape logits) {
        return logits.rank() == 1 ? 0 : logits.dim(0);
    }

    /** Targets below {@code classes}, one in four of them {@code ignore}, but never all. */
    private static Value targets(Draw draw, Shape logits, int ignore) {
        int classes = logits.dim(axis(logits));
        Value t = draw.fill(
                logits.without(axis(logits)), () -> draw.between(0, 3) == 0 ? ignore : draw.between(0, classes - 1));
        t.data()[0] = ignore == 0 ? 1 : 0;
        return t;
    }

    /** A line of the classes: the numbers of one position. */
    private static double[] line(Value v, int position) {
        Shape s = v.shape();
        int axis = axis(s);
        int step = s.strides()[axis];
        double[] line = new double[s.dim(axis)];
        for (int c = 0; c < line.length; c++) {
            line[c] = v.data()[position / step * step * line.length + c * step + position % step];
        }
        return line;
    }

    private static double[] logSoftmax(double[] x) {
        double max = Arrays.stream(x).max().orElseThrow();
        double sum = 0;
        for (double v : x) {
            sum += Math.exp(v - max);
        }
        double log = Math.log(sum);
        return Arrays.stream(x).map(v -> v - max - log).toArray();
    }

    private static Variant nll(boolean weighted, int ignore) {
        return of((weighted ? "weights " : "") + "ignoreIndex " + ignore, (draw, r) -> {
            Value logs = logits(draw, draw.between(2, 5));
            double[] w = weighted ? draw.weights(logs.shape().dim(axis(logs.shape()))) : new double[0];
            Value t = targets(draw, logs.shape(), ignore);
            double[] each = new double[t.data().length];
            double total = 0;
            for (int i = 0; i < each.length; i++) {
                int y = (int) t.data()[i];
                if (y != ignore) {
                    total += weighted ? w[y] : 1;
                    each[i] = -(weighted ? w[y] : 1) * line(logs, i)[y];
                }
            }
            return LossCase.of(
                    Losses.nll().reduction(r).weights(w).ignoreIndex(ignore),
                    LossCase.reduced(each, r, total, batch(logs.shape())),
                    "F.nll_loss(x0, x1, reduction=r, ignore_index=" + ignore
                            + (weighted ? ", weight=" + Draw.torch(w) : "") + ")",
                    logs,
                    t);
        });
    }

    private static Variant indices(boolean weighted, int ignore, double epsilon) {
        return of((weighted ? "weights " : "") + "ignoreIndex " + ignore + " smoothing " + epsilon, (draw, r) -> {
            Value x = logits(draw, draw.between(2, 5));
            double[] w = weighted ? draw.weights(x.shape().dim(axis(x.shape()))) : new double[0];
            Value t = targets(draw, x.shape(), ignore);
            double[] each = new double[t.data().length];
            double total = 0;
            for (int i = 0; i < each.length; i++) {
                int y = (int) t.data()[i];
                if (y != ignore) {
                    double[] logs = logSoftmax(line(x, i));
                    total += weighted ? w[y] : 1;
                    each[i] = -(1 - epsilon) * (weighted ? w[y] : 1) * logs[y];
                    for (int c = 0; c < logs.length; c++) {
                        each[i] -= epsilon / logs.length * (weighted ? w[c] : 1) * logs[c];
                    }
                }
            }
            return LossCase.of(
                    Losses.crossEntropy()
                            .reduction(r)
                            .weights(w)
                            .ignoreIndex(ignore)
                            .labelSmoothing(epsilon),
                    LossCase.reduced(each, r, total, batch(x.shape())),
                    "F.cross_entropy(x0, x1, reduction=r, ignore_index=" + ignore + ", label_smoothing=" + epsilon
                            + (weighted ? ", weight=" + Draw.torch(w) : "") + ")",
                    x,
                    t);
        });
    }

    private static Variant probabilities(boolean weighted, double epsilon) {
        return of((weighted ? "weights " : "") + "smoothing " + epsilon, (draw, r) -> {
            Value x = logits(draw, draw.between(2, 5));
            double[] w = weighted ? draw.weights(x.shape().dim(axis(x.shape()))) : new double[0];
            Value q = draw.distributions(x.shape(), axis(x.shape()));
            double[] each = new double[x.shape().without(axis(x.shape())).size()];
            for (int i = 0; i < each.length; i++) {
                double[] logs = logSoftmax(line(x, i));
                double[] share = line(q, i);
                for (int c = 0; c < logs.length; c++) {
                    each[i] -= (weighted ? w[c] : 1) * (share[c] * (1 - epsilon) + epsilon / logs.length) * logs[c];
                }
            }
            return LossCase.of(
                    Losses.crossEntropyWithProbabilities()
                            .reduction(r)
                            .weights(w)
                            .labelSmoothing(epsilon),
                    LossCase.reduced(each, r, each.length, batch(x.shape())),
                    "F.cross_entropy(x0, x1, reduction=r, label_smoothing=" + epsilon
                            + (weighted ? ", weight=" + Draw.torch(w) : "") + ")",
                    x,
                    q);
        });
    }

    private static Value rows(Draw draw, int classes) {
        return draw.normal(draw.between(0, 3) == 0 ? Shape.of(classes) : Shape.of(draw.between(1, 4), classes));
    }

    private static Variant multiMargin(int p, double margin, boolean weighted) {
        return of("p " + p + " margin " + margin + (weighted ? " weights" : ""), (draw, r) -> {
            int c = draw.between(1, 5);
            Value x = rows(draw, c);
            double[] w = weighted ? draw.weights(c) : new double[0];
            Value t = draw.ints(x.shape().without(-1), 0, c);
            double[] each = new double[t.data().length];
            for (int n = 0; n < each.length; n++) {
                int y = (int) t.data()[n];
                for (int i = 0; i < c; i++) {
                    double z = Math.max(0, margin - x.data()[n * c + y] + x.data()[n * c + i]);
                    each[n] += i == y ? 0 : (weighted ? w[y] : 1) * Math.pow(z, p) / c;
                }
            }
            return LossCase.of(
                    Losses.multiMargin().p(p).margin(margin).weights(w).reduction(r),
                    LossCase.reduced(each, r, each.length, batch(x.shape())),
                    "F.multi_margin_loss(x0, x1, reduction=r, p=" + p + ", margin=" + margin
                            + (weighted ? ", weight=" + Draw.torch(w) : "") + ")",
                    x,
                    t);
        });
    }

    private static Variant multiLabelMargin() {
        return of("", (draw, r) -> {
            int c = draw.between(1, 5);
            Value x = rows(draw, c);
            Value t = draw.ints(x.shape(), -1, c);
            double[] each = new double[x.data().length / c];
            for (int n = 0; n < each.length; n++) {
                boolean[] named = new boolean[c];
                int count = 0;
                while (count < c && t.data()[n * c + count] >= 0) {
                    named[(int) t.data()[n * c + count]] = true;
                    count++;
                }
                for (int j = 0; j < count; j++) {
                    for (int i = 0; i < c; i++) {
                        int y = (int) t.data()[n * c + j];
                        each[n] += named[i] ? 0 : Math.max(0, 1 - x.data()[n * c + y] + x.data()[n * c + i]) / c;
                    }
                }
            }
            return LossCase.of(
                    Losses.multiLabelMargin().reduction(r),
                    LossCase.reduced(each, r, each.length, batch(x.shape())),
                    "F.multilabel_margin_loss(x0, x1, reduction=r)",
                    x,
                    t);
        });
    }

    private static Variant multiLabelSoftMargin(boolean weighted) {
        return of(weighted ? "weights" : "", (draw, r) -> {
            Shape shape = draw.shape();
            int c = shape.dim(-1);
            Value x = draw.logits(shape);
            Value y = draw.fractions(shape);
            double[] w = weighted ? draw.weights(c) : new double[0];
            double[] each = new double[x.data().length / c];
            for (int i = 0; i < x.data().length; i++) {
                double log = ElementwiseRows.logSigmoid(x.data()[i]);
                double rest = ElementwiseRows.logSigmoid(-x.data()[i]);
                double term = y.data()[i] * log + (1 - y.data()[i]) * rest;
                each[i / c] -= (weighted ? w[i % c] : 1) * term / c;
            }
            return LossCase.of(
                    Losses.multiLabelSoftMargin().weights(w).reduction(r),
                    LossCase.reduced(each, r, each.length, batch(shape)),
                    "F.multilabel_soft_margin_loss(x0, x1, reduction=r" + (weighted ? ", weight=" + Draw.torch(w) : "")
                            + ")",
                    x,
                    y);
        });
    }

    private static Variant dice(double s, boolean squared, double alpha, double beta, boolean generalised) {
        String options = "smooth " + s + (squared ? " squared" : "") + " tversky " + alpha + " " + beta
                + (generalised ? " generalised" : "");
        return of(options, (draw, r) -> {
            Shape rows = Shape.of(draw.between(1, 3), draw.between(1, 3));
            int inner = draw.between(1, 4);
            Shape shape = inner == 1 ? rows : Shape.of(rows.dim(0), rows.dim(1), inner);
            Value p = draw.uniform(shape, 0.05, 0.95);
            Value g = draw.bits(shape);
            g.data()[0] = 1;
            double numerator = s;
            double divisor = s;
            int classes = generalised ? shape.dim(1) : 1;
            for (int c = 0; c < classes; c++) {
                double both = 0;
                double ps = 0;
                double gs = 0;
                double size = 0;
                for (int i = 0; i < p.data().length; i++) {
                    if (!generalised || i / inner % classes == c) {
                        both += p.data()[i] * g.data()[i];
                        ps += Math.pow(p.data()[i], squared ? 2 : 1);
                        gs += Math.pow(g.data()[i], squared ? 2 : 1);
                        size += g.data()[i];
                    }
                }
                double weight = generalised ? 1 / Math.pow(Math.max(1, size), 2) : 1;
                numerator += weight * 2 * both;
                divisor += weight * 2 * (both + alpha * (ps - both) + beta * (gs - both));
            }
            double[] each = {1 - numerator / divisor};
            return LossCase.of(
                    Losses.dice()
                            .smooth(s)
                            .squared(squared)
                            .tversky(alpha, beta)
                            .generalised(generalised)
                            .reduction(r),
                    LossCase.reduced(each, r, 1, 0),
                    generalised
                            ? ""
                            : "red(dice(x0, x1, " + (inner == 1 ? "(0, 1)" : "(0, 1, 2)") + ", " + s + ", "
                                    + (squared ? 2 : 1) + ", " + alpha + ", " + beta + "), r)",
                    p,
                    g);
        });
    }

    private static Variant diceAxes() {
        return of("axes", (draw, r) -> {
            Shape shape = Shape.of(draw.between(1, 3), draw.between(1, 3), draw.between(1, 4));
            Value p = draw.uniform(shape, 0.05, 0.95);
            Value g = draw.uniform(shape, 0, 1);
            double[] each = new double[shape.dim(0) * shape.dim(1)];
            for (int k = 0; k < each.length; k++) {
                double both = 0;
                double sizes = 0;
                for (int i = 0; i < shape.dim(2); i++) {
                    both += p.data()[k * shape.dim(2) + i] * g.data()[k * shape.dim(2) + i];
                    sizes += p.data()[k * shape.dim(2) + i] + g.data()[k * shape.dim(2) + i];
                }
                each[k] = 1 - (2 * both + 1) / (sizes + 1);
            }
            return LossCase.of(
                    Losses.dice().axes(-1).reduction(r),
                    LossCase.reduced(each, r, each.length, shape.dim(0)),
                    "red(dice(x0, x1, (2,), 1, 1, 0.5, 0.5), r)",
                    p,
                    g);
        });
    }
}
