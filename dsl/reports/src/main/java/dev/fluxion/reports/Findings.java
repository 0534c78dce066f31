package dev.fluxion.reports;

import dev.fluxion.Scope;
import dev.fluxion.Tensor;
import dev.fluxion.data.Batch;
import dev.fluxion.data.DataLoader;
import dev.fluxion.dsl.metric.ConfusionMatrix;
import dev.fluxion.dsl.train.EvaluationSet;
import dev.fluxion.dsl.train.Model;
import dev.fluxion.dsl.train.TrainingListener.Begun;
import dev.fluxion.io.Csv;
import dev.fluxion.ir.DType;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.PriorityQueue;

/** What a classifier takes for what: the confusion matrix of an evaluation, and its worst mistakes. */
final class Findings {
    private final ConfusionMatrix matrix;
    private final int most;
    /** The worst ones, the least bad first. */
    private final PriorityQueue<Mistake> mistakes = new PriorityQueue<>(Comparator.comparing(Mistake::loss));

    /** A sample whose most probable class is not its own. */
    private record Mistake(
            String sample, int target, int predicted, double probability, double loss, Optional<Picture> picture) {}

    private Findings(List<String> classes, int most) {
        this.matrix = ConfusionMatrix.of(classes.toArray(String[]::new));
        this.most = most;
    }

    /** Those of the first data with class labels that the trainer evaluates; empty if there are none. */
    static Optional<Findings> of(Begun begun, List<String> classes, int most) {
        for (EvaluationSet set : begun.trainer().evaluations().sets()) {
            Findings findings = new Findings(classes, most);
            if (findings.add(begun.model(), set.data().prefetch(0))) {
                return Optional.of(findings);
            }
        }
        return Optional.empty();
    }

    /** Requires as many names as there are classes, by a batch of the evaluation: no training ends because of that. */
    static void requireClasses(Begun begun, List<String> classes) {
        for (EvaluationSet set : begun.trainer().evaluations().sets()) {
            DataLoader data = set.data();
            int size = Math.min(data.batch(), data.dataset().size());
            if (new Findings(classes, 0)
                    .add(begun.model(), DataLoader.of(data.dataset().take(size)).batch(size))) {
                return;
            }
        }
    }

    /** Whether the data have labels, and the model outputs for classes; nothing is added then. */
    private boolean add(Model model, DataLoader data) {
        int[] order = data.order().order(data.dataset().size(), data.batch(), 0);
        int at = 0;
        for (Batch batch : data.epoch(0)) {
            if (batch.allTargets().all().size() != 1 || batch.allInputs().all().size() != 1) {
                return false;
            }
            Tensor target = batch.allTargets().all().values().iterator().next();
            Tensor output = model.predict(batch.allInputs(), Scope.RESULT).get(Scope.RESULT);
            boolean labelled = target.dtype() == DType.INT
                    && target.shape().rank() == 1
                    && output.dtype() == DType.FLOAT
                    && output.shape().rank() == 2
                    && output.shape().dim(1) > 1;
            if (!labelled) {
                return false;
            }
            matrix.add(output, target);
            add(batch, data, order, at, output, target.ints());
            at += batch.size();
        }
        return true;
    }

    private void add(Batch batch, DataLoader data, int[] order, int at, Tensor output, int... labels) {
        int classes = output.shape().dim(1);
        int[] predicted = output.argmax();
        float[] outputs = output.floats();
        for (int i = 0; i < labels.length; i++) {
            if (labels[i] >= 0 && labels[i] < classes && predicted[i] != labels[i]) {
                double[] p = probabilities(outputs, i * classes, classes);
                double loss = -Math.log(p[labels[i]]);
                if (mistakes.size() < most || most > 0 && loss > mistakes.element().loss) {
                    Tensor inputs = batch.inputs();
                    Optional<Picture> picture = inputs.dtype() == DType.FLOAT && Picture.isPicture(inputs.shape())
                            ? Picture.of(inputs.shape(), inputs.rows(i, i + 1).floats())
                            : Optional.empty();
                    mistakes.add(new Mistake(
                            data.dataset().name(order[at + i]),
                            labels[i],
                            predicted[i],
                            p[predicted[i]],
                            loss,
                            picture));
                    if (mistakes.size() > most) {
                        mistakes.remove();
                    }
                }
            }
        }
    }

    /** The outputs themselves if they are probabilities, else their softmax. */
    private static double[] probabilities(float[] outputs, int from, int classes) {
        double[] p = new double[classes];
        double largest = Double.NEGATIVE_INFINITY;
        double total = 0;
        boolean negative = false;
        for (int c = 0; c < classes; c++) {
            p[c] = outputs[from + c];
            largest = Math.max(largest, p[c]);
            total += p[c];
            negative |= p[c] < 0;
        }
        if (!negative && Math.abs(total - 1) < 1e-3) {
            return p;
        }
        double sum = 0;
        for (int c = 0; c < classes; c++) {
            p[c] = Math.exp(p[c] - largest);
            sum += p[c];
        }
        for (int c = 0; c < classes; c++) {
            p[c] /= sum;
        }
        return p;
    }

    void write(Path folder) {
        StringBuilder confusion = new StringBuilder(Csv.row(List.of("target", "predicted", "count")));
        for (int target = 0; target < matrix.classes(); target++) {
            for (int predicted = 0; predicted < matrix.classes(); predicted++) {
                confusion.append(Csv.row(List.of(
                        matrix.name(target), matrix.name(predicted), Long.toString(matrix.count(target, predicted)))));
            }
        }
        Written.text(folder.resolve(Run.CONFUSION), confusion.toString());
        List<Mistake> worst = new ArrayList<>(mistakes);
        worst.sort(Comparator.comparing(Mistake::loss).reversed());
        StringBuilder rows =
                new StringBuilder(Csv.row(List.of("sample", "target", "predicted", "probability", "loss", "picture")));
        for (int i = 0; i < worst.size(); i++) {
            Mistake one = worst.get(i);
            String file = String.format(Locale.ROOT, "mistakes/%03d.png", i + 1);
            one.picture.ifPresent(picture -> Written.bytes(folder.resolve(file), picture.png()));
            rows.append(Csv.row(List.of(
                    one.sample,
                    matrix.name(one.target),
                    matrix.name(one.predicted),
                    Double.toString(one.probability),
                    Double.toString(one.loss),
                    one.picture.isPresent() ? file : "")));
        }
        Written.text(folder.resolve(Run.MISTAKES), rows.toString());
    }
}
