package dev.fluxion.examples;

import static dev.fluxion.dsl.loss.LossReduction.BATCH_MEAN;
import static dev.fluxion.dsl.loss.LossReduction.NONE;
import static dev.fluxion.dsl.loss.LossReduction.SUM;
import static dev.fluxion.dsl.loss.Losses.bce;
import static dev.fluxion.dsl.loss.Losses.crossEntropy;
import static dev.fluxion.dsl.loss.Losses.dice;
import static dev.fluxion.dsl.loss.Losses.entropy;
import static dev.fluxion.dsl.loss.Losses.hingeEmbedding;
import static dev.fluxion.dsl.loss.Losses.klDiv;
import static dev.fluxion.dsl.loss.Losses.l1;
import static dev.fluxion.dsl.loss.Losses.mse;
import static dev.fluxion.dsl.loss.Losses.nll;
import static dev.fluxion.dsl.loss.Losses.tripletMargin;
import static dev.fluxion.examples.Text.line;
import static dev.fluxion.examples.Text.note;
import static dev.fluxion.examples.Text.title;

import dev.fluxion.Loss;
import dev.fluxion.Tensor;
import dev.fluxion.dsl.loss.Evaluation;
import dev.fluxion.dsl.loss.Losses;

/** Losses on numbers small enough to follow by hand: the formula, the value, and the gradient by the first input. */
public final class LossTour {
    private LossTour() {}

    private static void regression() {
        title("Regression: x = [1, 2, 3], y = [1, 2, 5]");
        Tensor x = Tensor.of(new float[] {1, 2, 3}, 1, 1, 1, 3);
        Tensor y = Tensor.of(new float[] {1, 2, 5}, 1, 1, 1, 3);
        line("l1()", "mean |x − y|", Evaluation.of(l1(), x, y));
        line("l1().reduction(SUM)", "Σ |x − y|", Evaluation.of(l1().reduction(SUM), x, y));
        line("l1().reduction(NONE)", "|x − y|", Evaluation.of(l1().reduction(NONE), x, y));
        line("mse()", "mean (x − y)²", Evaluation.of(mse(), x, y));
        line("mse().reduction(SUM)", "Σ (x − y)²", Evaluation.of(mse().reduction(SUM), x, y));

        Tensor outlier = Tensor.of(new float[] {1, 2, 50}, 1, 1, 1, 3);
        line("l1(), y₃ = 50", "mean |x − y|", Evaluation.of(l1(), x, outlier));
        line("mse(), y₃ = 50", "mean (x − y)²", Evaluation.of(mse(), x, outlier));
        note("An outlier pulls the squared error with 15 times its former force, the absolute one no harder.");
    }

    private static void classification() {
        title("Classification: logarithms are natural, cross entropy takes logits");
        Tensor x = Tensor.of(new float[] {0.1f, 0.2f, 0.3f}, 1, 3);
        line("crossEntropy()", "−log softmax(x)₁", Evaluation.of(crossEntropy(), x, Tensor.labels(1)));
        Loss nll = (logits, target) -> nll().apply(logits.logSoftmax(1), target);
        line("nll() of logSoftmax", "−(log softmax x)₁", Evaluation.of(nll, x, Tensor.labels(1)));
        Tensor z = Tensor.of(new float[] {0.5f, 0.36f, 0.23f}, 1, 3);
        line("crossEntropy()", "−log softmax(z)₀", Evaluation.of(crossEntropy(), z, Tensor.labels(0)));

        Tensor p = Tensor.vector(0.9f, 0.8f, 0.1f, 0.2f);
        Tensor g = Tensor.vector(1, 1, 0, 0);
        line("bce()", "−g·ln p − (1−g)·ln(1−p)", Evaluation.of(bce(), p, g));
        line("dice()", "1 − (2Σpg + 1)/(Σp + Σg + 1)", Evaluation.of(dice(), p, g));
        line("dice().smooth(0)", "1 − 2Σpg/(Σp + Σg)", Evaluation.of(dice().smooth(0), p, g));
    }

    private static void distributions() {
        title("Distributions: H(P,Q) = H(P) + KL(P‖Q)");
        Tensor p = Tensor.of(new float[] {0.5f, 0.25f, 0.25f}, 1, 3);
        Tensor q = Tensor.of(new float[] {0.25f, 0.25f, 0.5f}, 1, 3);
        Loss divergence = (output, target) -> klDiv().reduction(BATCH_MEAN).apply(output.log(), target);
        line("entropy(p)", "−Σ p·ln p", Evaluation.of((Loss) (a, b) -> entropy(a), p, p));
        line("crossEntropy(p, q)", "−Σ p·ln q", Evaluation.of((Loss) Losses::crossEntropy, p, q));
        line("klDiv() of log q, p", "Σ p·(ln p − ln q)", Evaluation.of(divergence, q, p));
        line("klDiv() of log p, p", "Σ p·(ln p − ln p)", Evaluation.of(divergence, p, p));
    }

    private static void ranking() {
        title("Ranking: targets are 1 or −1");
        Tensor x = Tensor.vector(0.5f, -0.5f, 0.3f, 2);
        Tensor y = Tensor.vector(1, 1, -1, -1);
        line(
                "hingeEmbedding()",
                "x if y = 1, max(0, 1 − x) if −1",
                Evaluation.of(hingeEmbedding().reduction(NONE), x, y));
        Tensor a = Tensor.of(new float[] {0, 0, 1, 1}, 2, 2);
        Tensor b = Tensor.of(new float[] {0, 1, 1, 1}, 2, 2);
        Tensor c = Tensor.of(new float[] {0, 1.5f, 4, 5}, 2, 2);
        line(
                "tripletMargin()",
                "max(0, 1 + |a − b| − |a − c|)",
                Evaluation.of(tripletMargin().reduction(NONE), a, b, c));
    }

    /** Runs it. */
    public static void main(String... arguments) {
        Console.utf8();
        run();
    }

    static void run() {
        regression();
        classification();
        distributions();
        ranking();
    }
}
