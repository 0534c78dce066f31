package dev.fluxion.dsl.loss;

import dev.fluxion.Loss;
import dev.fluxion.MultiLoss;
import dev.fluxion.dsl.CallSite;
import dev.fluxion.dsl.internal.Numbers;
import dev.fluxion.dsl.internal.Text;
import dev.fluxion.dsl.loss.ElementwiseLoss.Formula;
import dev.fluxion.ir.Expr;
import dev.fluxion.ir.Given;
import dev.fluxion.ir.Shape;
import java.util.List;

/**
 * The losses, with PyTorch's values; {@code LOSSES.md} tells where they differ. By default they are means. A target
 * whose shape does not fit is a {@link dev.fluxion.ir.ShapeException} when the model is built; it is never broadcast
 * silently. Logarithms are natural.
 *
 * <p>Use a loss, or a lambda, on numbers with {@link Evaluation}, as the objective of a
 * {@link dev.fluxion.dsl.train.Trainer} (with {@link #stacked} if it has more inputs than an output and a target), or
 * on expressions within a model.
 */
public final class Losses {
    private Losses() {}

    /** A loss of single elements by your own formula, with reductions, weights and broadcasting. */
    public static ElementwiseLoss elementwise(String text, ElementwiseLoss.Each each) {
        return elementwise(new Formula(text, each), CallSite.caller());
    }

    /** |output − target|, also called mean absolute error; its derivative at 0 is 0. With weights the mean is weighted. */
    public static ElementwiseLoss l1() {
        Formula formula = new Formula("l1()", (x, y) -> x.sub(y).abs());
        return elementwise(formula.withWeightedMean(), CallSite.caller());
    }

    /** (output − target)², the squared error. With weights the mean is weighted. */
    public static ElementwiseLoss mse() {
        Formula formula = new Formula("mse()", (x, y) -> x.sub(y).square());
        return elementwise(formula.withWeightedMean(), CallSite.caller());
    }

    /** {@link #smoothL1(double) smoothL1(1)}. */
    public static ElementwiseLoss smoothL1() {
        return smoothL1(1);
    }

    /** d²/(2β) where d = |output − target| is below β, d − β/2 beyond (Girshick, 2015); with β = 0, d. */
    public static ElementwiseLoss smoothL1(double beta) {
        Numbers.requireNotNegative("smoothL1(…)", "beta", beta);
        String text = Text.factory("smoothL1", beta, 1);
        return elementwise(new Formula(text, (x, y) -> ElementwiseFormulas.smoothL1(x, y, beta)), CallSite.caller());
    }

    /** {@link #huber(double) huber(1)}. */
    public static ElementwiseLoss huber() {
        return huber(1);
    }

    /** d²/2 where d = |output − target| is at most δ, δ(d − δ/2) beyond (Huber, 1964): δ times smoothL1(δ). */
    public static ElementwiseLoss huber(double delta) {
        Numbers.requirePositive("huber(…)", "delta", delta);
        String text = Text.factory("huber", delta, 1);
        return elementwise(new Formula(text, (x, y) -> ElementwiseFormulas.huber(x, y, delta)), CallSite.caller());
    }

    /** log cosh(output − target): like half the square near 0 and like the absolute value, less log 2, far from it. */
    public static ElementwiseLoss logCosh() {
        return elementwise(new Formula("logCosh()", (x, y) -> Formulas.logCosh(x.sub(y))), CallSite.caller());
    }

    /** log(1 + e^(−y·x)) for outputs x and targets y, −1 or 1; without overflow, where PyTorch's is infinite. */
    public static ElementwiseLoss softMargin() {
        Formula formula = new Formula("softMargin()", (x, y) -> x.mul(y).neg().softplus());
        return elementwise(formula.strict((x, y) -> Targets.signs(y)), CallSite.caller());
    }

    /** {@link #hingeEmbedding(double) hingeEmbedding(1)}. */
    public static ElementwiseLoss hingeEmbedding() {
        return hingeEmbedding(1);
    }

    /**
     * The output x where the target is 1, max(0, m − x) where it is −1, for distances x; for any other target, unless
     * strict, the sum of both. The derivative at the kink is −1.
     */
    public static ElementwiseLoss hingeEmbedding(double margin) {
        Numbers.requireFinite("hingeEmbedding(…)", "margin", margin);
        Formula formula = new Formula(
                Text.factory("hingeEmbedding", margin, 1), (x, y) -> ElementwiseFormulas.hingeEmbedding(x, y, margin));
        return elementwise(formula.strict((x, y) -> Targets.signs(y)), CallSite.caller());
    }

    /**
     * −y·log x − (1−y)·log(1−x) for probabilities x and targets y; a value outside [0, 1] is an error at run time. As
     * in PyTorch logarithms are at least −100, and the derivative is (x−y)/max(x(1−x), 10⁻¹²). Prefer
     * {@link #bceWithLogits()}.
     */
    public static ElementwiseLoss bce() {
        return elementwise(ElementwiseFormulas.bce(), CallSite.caller());
    }

    /** Binary cross entropy of logits, stable. */
    public static BceWithLogits bceWithLogits() {
        return new BceWithLogits(List.of(), Shape.of(0), LossReduction.MEAN, false, CallSite.caller());
    }

    /** Binary cross entropy of logits that gives less weight to elements that are already right. */
    public static Focal focal() {
        return new Focal(2, 0.25, LossReduction.MEAN, false, CallSite.caller());
    }

    /** The Kullback–Leibler divergence of targets from logarithms of probabilities. */
    public static KlDivergence klDiv() {
        return new KlDivergence(false, LossReduction.MEAN, false, CallSite.caller());
    }

    /** Minus the logarithm of the Poisson probability of counts. */
    public static PoissonNll poissonNll() {
        return new PoissonNll(true, false, 1e-8, LossReduction.MEAN, CallSite.caller());
    }

    /** Minus the logarithm of the Gaussian density, of an output, a target and a variance. */
    public static GaussianNll gaussianNll() {
        return new GaussianNll(false, 1e-6, LossReduction.MEAN, CallSite.caller());
    }

    /** Minus the logarithm of the softmax of the target's class, for logits N×C or N×C×… and integer classes N or N×…. */
    public static CrossEntropy crossEntropy() {
        return new CrossEntropy(
                LossReduction.MEAN, List.of(), -100, 0, CrossEntropy.WhenAllIgnored.NAN, CallSite.caller());
    }

    /** Cross entropy against a probability for each class, for logits and targets N×C or N×C×…. */
    public static ProbabilityCrossEntropy crossEntropyWithProbabilities() {
        return new ProbabilityCrossEntropy(LossReduction.MEAN, List.of(), 0, false, CallSite.caller());
    }

    /** Minus the target's class of logarithms of probabilities: {@link #crossEntropy()} after logSoftmax. */
    public static Nll nll() {
        return new Nll(LossReduction.MEAN, List.of(), -100, CrossEntropy.WhenAllIgnored.NAN, CallSite.caller());
    }

    /** The hinge loss of several classes. */
    public static MultiMargin multiMargin() {
        return new MultiMargin(1, 1, List.of(), LossReduction.MEAN, CallSite.caller());
    }

    /** The hinge loss for samples with several classes, listed up to a −1. */
    public static MultiLabelMargin multiLabelMargin() {
        return new MultiLabelMargin(LossReduction.MEAN, CallSite.caller());
    }

    /** Binary cross entropy of logits, averaged over the classes of a sample. */
    public static MultiLabelSoftMargin multiLabelSoftMargin() {
        return new MultiLabelSoftMargin(List.of(), LossReduction.MEAN, false, CallSite.caller());
    }

    /** The Dice loss of probabilities, 1 minus twice the overlap over the sum of the sizes, with smoothing 1. */
    public static Dice dice() {
        return new Dice(1, List.of(), false, 0.5, 0.5, false, LossReduction.MEAN, CallSite.caller());
    }

    /** {@link #marginRanking(double) marginRanking(0)}. */
    public static PairLoss marginRanking() {
        return marginRanking(0);
    }

    /**
     * max(0, −y·(a − b) + m) for outputs a and b that should be ranked, a first where the target y is 1 and b where
     * it is −1. The derivative at the kink is that of the inside.
     */
    public static PairLoss marginRanking(double margin) {
        Numbers.requireFinite("marginRanking(…)", "margin", margin);
        PairLoss.Formula formula = new PairLoss.Formula(
                Text.factory("marginRanking", margin, 0),
                false,
                (a, b, y) -> PairLoss.ranking(a, b, y, margin),
                Targets::signs);
        return new PairLoss(formula, LossReduction.MEAN, false, CallSite.caller());
    }

    /** {@link #cosineEmbedding(double) cosineEmbedding(0)}. */
    public static PairLoss cosineEmbedding() {
        return cosineEmbedding(0);
    }

    /**
     * 1 − cos(a, b) for rows that should be alike, target 1, and max(0, cos(a, b) − m) for rows that should not, target −1;
     * 0 for any other target, unless strict. The squared length of a row is at least 10⁻¹², added.
     */
    public static PairLoss cosineEmbedding(double margin) {
        Numbers.requireFinite("cosineEmbedding(…)", "margin", margin);
        PairLoss.Formula formula = new PairLoss.Formula(
                Text.factory("cosineEmbedding", margin, 0),
                true,
                (a, b, y) -> PairLoss.cosine(a, b, y, margin),
                Targets::signs);
        return new PairLoss(formula, LossReduction.MEAN, false, CallSite.caller());
    }

    /** {@link #contrastive(double) contrastive(1)}. */
    public static PairLoss contrastive() {
        return contrastive(1);
    }

    /**
     * ½·d² for rows that should be alike, target 1, and ½·max(0, m − d)² for rows that should not, target 0, where d is their
     * Euclidean distance (Hadsell et al., 2006, where the targets are the other way round). The gradient of d at 0 is 0.
     */
    public static PairLoss contrastive(double margin) {
        Numbers.requirePositive("contrastive(…)", "margin", margin);
        PairLoss.Formula formula = new PairLoss.Formula(
                Text.factory("contrastive", margin, 1),
                true,
                (a, b, y) -> PairLoss.contrastive(a, b, y, margin),
                Targets::bits);
        return new PairLoss(formula, LossReduction.MEAN, false, CallSite.caller());
    }

    /** The triplet loss of anchors, positives and negatives, with margin 1 and the Euclidean distance. */
    public static TripletMargin tripletMargin() {
        return new TripletMargin(1, new TripletMargin.Norm(2, 1e-6), false, LossReduction.MEAN, CallSite.caller());
    }

    /** Connectionist temporal classification: sequences of labels without their alignment. */
    public static Ctc ctc() {
        return new Ctc(0, false, LossReduction.MEAN, CallSite.caller());
    }

    /** A loss as an objective with a penalty for large parameters: {@code regularised(mse()).l2(1e-4)}. */
    public static Regularised regularised(Loss cost) {
        return new Regularised(cost, 0, 0, Regularised.ALL);
    }

    /**
     * A loss of several inputs where a loss of an output and a target is wanted, as by {@link #regularised}: the model's outputs
     * N×K×… hold the inputs along axis 1. A training takes losses of several inputs as they are, and finds these by name.
     */
    public static Stacked stacked(MultiLoss loss) {
        return new Stacked(loss);
    }

    /** The entropy −Σ p·log p of distributions along the last axis, 0·log 0 being 0. */
    public static Expr entropy(Expr p) {
        return Formulas.tLogT(Given.require("entropy", "p", p)).sum(-1).neg();
    }

    /** The cross entropy −Σ p·log q of distributions along the last axis, 0·log q being 0: H(p) plus the divergence. */
    public static Expr crossEntropy(Expr p, Expr q) {
        Given.require("crossEntropy", "q", q);
        Expr some = Given.require("crossEntropy", "p", p).ne(0);
        return p.mul(Formulas.only(some, Formulas.safe(some, q, 1).log()))
                .sum(-1)
                .neg();
    }

    private static ElementwiseLoss elementwise(Formula formula, CallSite callSite) {
        return new ElementwiseLoss(formula, LossReduction.MEAN, false, false, callSite);
    }
}
