package dev.fluxion.dsl.loss;

import static dev.fluxion.dsl.loss.LossCase.Variant.of;

import dev.fluxion.dsl.loss.LossCase.Row;
import dev.fluxion.dsl.loss.LossCase.Variant;
import dev.fluxion.ir.Shape;
import dev.fluxion.ir.Value;
import java.util.Arrays;
import java.util.List;
import java.util.function.ToDoubleBiFunction;

/** The losses of several inputs: pairs, triplets, a variance, sequences. */
final class PairRows {
    private PairRows() {}

    static List<Row> rows() {
        return List.of(
                Row.of("marginRanking", ranking(0), ranking(0.7)),
                Row.of("cosineEmbedding", cosine(0), cosine(0.3)),
                Row.of("contrastive", contrastive(1), contrastive(3)),
                Row.of(
                        "tripletMargin",
                        triplet(1, 2, false),
                        triplet(0.5, 2, true),
                        triplet(1, 1, false),
                        triplet(2, 3.5, true),
                        triplet(1, Double.POSITIVE_INFINITY, true),
                        squaredTriplet()),
                Row.of(
                        "gaussianNll",
                        gaussian(false, 0),
                        gaussian(true, 1),
                        gaussian(true, 2),
                        gaussian(false, 3),
                        smallVariances()),
                Row.of("ctc", ctc(0, 0, false), ctc(1, 1, false), ctc(2, 0, true), ctc(0, 2, false)));
    }

    private static Variant ranking(double margin) {
        return of("margin " + margin, (draw, r) -> {
            Shape shape = draw.shape();
            Value a = draw.normal(shape);
            Value b = draw.normal(shape);
            Value y = draw.signs(shape);
            double[] each = new double[shape.size()];
            for (int i = 0; i < each.length; i++) {
                each[i] = Math.max(0, -y.data()[i] * (a.data()[i] - b.data()[i]) + margin);
            }
            return LossCase.of(
                    Losses.marginRanking(margin).reduction(r),
                    LossCase.reduced(each, r, each.length, shape.dim(0)),
                    "F.margin_ranking_loss(x0, x1, x2, reduction=r, margin=" + margin + ")",
                    a,
                    b,
                    y);
        });
    }

    private static Shape rows(Draw draw) {
        int d = draw.between(1, 5);
        return draw.between(0, 4) == 0 ? Shape.of(d) : Shape.of(draw.between(1, 4), d);
    }

    private static int batch(Shape rows) {
        return rows.rank() == 1 ? 0 : rows.dim(0);
    }

    private static Variant cosine(double margin) {
        return of("margin " + margin, (draw, r) -> {
            Shape shape = rows(draw);
            int d = shape.dim(-1);
            Value a = draw.normal(shape);
            Value b = draw.normal(shape);
            Value y = draw.signs(shape.without(-1));
            double[] each = new double[y.data().length];
            for (int n = 0; n < each.length; n++) {
                double ab = 0;
                double aa = 1e-12;
                double bb = 1e-12;
                for (int i = n * d; i < (n + 1) * d; i++) {
                    ab += a.data()[i] * b.data()[i];
                    aa += a.data()[i] * a.data()[i];
                    bb += b.data()[i] * b.data()[i];
                }
                double cos = ab / Math.sqrt(aa * bb);
                each[n] = y.data()[n] == 1 ? 1 - cos : Math.max(0, cos - margin);
            }
            return LossCase.of(
                    Losses.cosineEmbedding(margin).reduction(r),
                    LossCase.reduced(each, r, each.length, batch(shape)),
                    "F.cosine_embedding_loss(x0, x1, x2, reduction=r, margin=" + margin + ")",
                    a,
                    b,
                    y);
        });
    }

    private static Variant contrastive(double margin) {
        return of("margin " + margin, (draw, r) -> {
            Shape shape = rows(draw);
            Value a = draw.normal(shape);
            Value b = draw.normal(shape);
            Value y = draw.bits(shape.without(-1));
            double[] each = distances(a, b, PairRows::length);
            for (int n = 0; n < each.length; n++) {
                double gap = Math.max(0, margin - each[n]);
                each[n] = 0.5 * (y.data()[n] * each[n] * each[n] + (1 - y.data()[n]) * gap * gap);
            }
            String d = "(x0 - x1).norm(dim=-1)";
            return LossCase.of(
                    Losses.contrastive(margin).reduction(r),
                    LossCase.reduced(each, r, each.length, batch(shape)),
                    "red(0.5 * (x2 * " + d + " ** 2 + (1 - x2) * (" + margin + " - " + d + ").relu() ** 2), r)",
                    a,
                    b,
                    y);
        });
    }

    private static double length(double[] a, double[] b) {
        return norm(a, b, 2, 0);
    }

    private static double norm(double[] a, double[] b, double p, double eps) {
        double sum = 0;
        for (int i = 0; i < a.length; i++) {
            double size = Math.abs(a[i] - b[i] + eps);
            sum = Double.isInfinite(p) ? Math.max(sum, size) : sum + Math.pow(size, p);
        }
        return Double.isInfinite(p) ? sum : Math.pow(sum, 1 / p);
    }

    private static double[] distances(Value a, Value b, ToDoubleBiFunction<double[], double[]> distance) {
        int d = a.shape().dim(-1);
        double[] each = new double[a.data().length / d];
        for (int n = 0; n < each.length; n++) {
            each[n] = distance.applyAsDouble(
                    Arrays.copyOfRange(a.data(), n * d, (n + 1) * d), Arrays.copyOfRange(b.data(), n * d, (n + 1) * d));
        }
        return each;
    }

    private static double[] triplets(
            Value a, Value p, Value n, double margin, boolean swap, ToDoubleBiFunction<double[], double[]> distance) {
        double[] near = distances(a, p, distance);
        double[] far = distances(a, n, distance);
        double[] other = distances(p, n, distance);
        double[] each = new double[near.length];
        for (int i = 0; i < each.length; i++) {
            each[i] = Math.max(0, margin + near[i] - (swap ? Math.min(far[i], other[i]) : far[i]));
        }
        return each;
    }

    private static Variant triplet(double margin, double p, boolean swap) {
        return of("margin " + margin + " p " + p + (swap ? " swap" : ""), (draw, r) -> {
            Shape shape = rows(draw);
            Value a = draw.normal(shape);
            Value b = draw.normal(shape);
            Value c = draw.normal(shape);
            double[] each = triplets(a, b, c, margin, swap, (x, y) -> norm(x, y, p, 1e-6));
            return LossCase.of(
                    Losses.tripletMargin().margin(margin).p(p).swap(swap).reduction(r),
                    LossCase.reduced(each, r, each.length, batch(shape)),
                    "F.triplet_margin_loss(x0, x1, x2, reduction=r, margin=" + margin + ", p="
                            + (Double.isInfinite(p) ? "float('inf')" : p) + ", swap=" + (swap ? "True" : "False") + ")",
                    a,
                    b,
                    c);
        });
    }

    private static Variant squaredTriplet() {
        return of("squared distance", (draw, r) -> {
            Shape shape = rows(draw);
            Value a = draw.normal(shape);
            Value b = draw.normal(shape);
            Value c = draw.normal(shape);
            double[] each = triplets(a, b, c, 1, false, (x, y) -> Math.pow(length(x, y), 2));
            return LossCase.of(
                    Losses.tripletMargin()
                            .distance((x, y) -> x.sub(y).square().sum(-1))
                            .reduction(r),
                    LossCase.reduced(each, r, each.length, batch(shape)),
                    "F.triplet_margin_with_distance_loss(x0, x1, x2, reduction=r,"
                            + " distance_function=lambda a, b: ((a - b) ** 2).sum(-1))",
                    a,
                    b,
                    c);
        });
    }

    private static Variant gaussian(boolean full, int form) {
        String[] forms = {"variance like output", "variance per row", "variance of extent 1", "one variance"};
        return of((full ? "full " : "") + forms[form], (draw, r) -> {
            Shape shape = Shape.of(draw.between(1, 3), draw.between(2, 4));
            Shape[] shapes = {shape, shape.without(-1), shape.with(1, 1), Shape.scalar()};
            return gaussian(full, r, draw.normal(shape), draw.normal(shape), draw.uniform(shapes[form], 0.2, 3));
        });
    }

    private static Variant smallVariances() {
        return Variant.defined("variances below eps", (draw, r) -> {
            Shape shape = draw.shape();
            Value v = draw.fill(shape, () -> draw.between(0, 2) == 0 ? draw.between(0, 1) * 1e-7 : draw.number(1, 2));
            return gaussian(false, r, draw.normal(shape), draw.normal(shape), v);
        });
    }

    private static LossCase gaussian(boolean full, LossReduction r, Value x, Value y, Value variance) {
        double[] each = new double[x.data().length];
        int repeat = each.length / variance.data().length;
        for (int i = 0; i < each.length; i++) {
            double v = Math.max(variance.data()[i / repeat], 1e-6);
            double d = x.data()[i] - y.data()[i];
            each[i] = 0.5 * (Math.log(v) + d * d / v) + (full ? 0.5 * Math.log(2 * Math.PI) : 0);
        }
        return LossCase.of(
                Losses.gaussianNll().full(full).reduction(r),
                LossCase.reduced(each, r, each.length, x.shape().dim(0)),
                variance.shape().rank() == 0
                        ? ""
                        : "F.gaussian_nll_loss(x0, x1, x2, reduction=r, full=" + (full ? "True" : "False") + ")",
                x,
                y,
                variance);
    }

    private static Variant ctc(int blank, int least, boolean zeroInfinity) {
        return of("blank " + blank + " labels from " + least + (zeroInfinity ? " zeroInfinity" : ""), (draw, r) -> {
            int time = draw.between(1, 5);
            int batch = draw.between(1, 3);
            int classes = 4;
            int most = Math.max(least, draw.between(1, zeroInfinity ? 4 : 3));
            Value logs = draw.logs(draw.distributions(Shape.of(time, batch, classes), 2));
            Value labels = draw.fill(Shape.of(batch, most), () -> (blank + draw.between(1, 3)) % classes);
            Value lengths = draw.ints(Shape.of(batch), least, most + 1);
            Value steps = draw.ints(Shape.of(batch), zeroInfinity ? 0 : 1, time + 1);
            double[] each = new double[batch];
            double[] perLabel = new double[batch];
            for (int n = 0; n < batch; n++) {
                double p = paths(logs, labels, n, (int) steps.data()[n], (int) lengths.data()[n], blank);
                each[n] = p == 0 && zeroInfinity ? 0 : -Math.log(p);
                perLabel[n] = each[n] / Math.max(1, lengths.data()[n]);
            }
            double[] expected = r == LossReduction.MEAN
                    ? LossCase.reduced(perLabel, r, batch, batch)
                    : LossCase.reduced(each, r, batch, batch);
            return LossCase.of(
                    Losses.ctc().blank(blank).zeroInfinity(zeroInfinity).reduction(r),
                    expected,
                    "F.ctc_loss(x0.log_softmax(2), x1, x2, x3, reduction=r, blank=" + blank + ", zero_infinity="
                            + (zeroInfinity ? "True" : "False") + ")",
                    logs,
                    labels,
                    steps,
                    lengths);
        });
    }

    /** The probability of a sequence of labels by going through every sequence of classes that there is. */
    private static double paths(Value logs, Value labels, int n, int steps, int length, int blank) {
        int batch = logs.shape().dim(1);
        int classes = logs.shape().dim(2);
        double total = 0;
        for (int code = 0; code < Math.pow(classes, steps); code++) {
            double p = 1;
            int found = 0;
            int before = -1;
            boolean right = true;
            int rest = code;
            for (int t = 0; t < steps; t++) {
                int c = rest % classes;
                rest /= classes;
                p *= Math.exp(logs.data()[(t * batch + n) * classes + c]);
                if (c != before && c != blank) {
                    right &= found < length && labels.data()[n * labels.shape().dim(1) + found] == c;
                    found++;
                }
                before = c;
            }
            total += right && found == length ? p : 0;
        }
        return total;
    }
}
