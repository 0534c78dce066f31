package dev.fluxion.dsl.watch;

import dev.fluxion.ir.Legible;
import java.util.List;
import java.util.Locale;

/** Every message of this package: what was seen, and what to do. */
final class Errors {
    private Errors() {}

    static String noGradient(List<String> names) {
        return "the loss does not depend on " + Legible.list(names) + ", which " + (names.size() == 1 ? "is" : "are")
                + " trained: no gradient comes there";
    }

    static String leaveFrozen(List<String> names) {
        return "use what it makes, take out a stopGradient(), or train without it with only(…), which does not name '"
                + names.get(0) + "'";
    }

    static String sameOrder(int samples, int epochs) {
        return samples + " samples come in the same order in each of " + epochs + " epochs";
    }

    static String byClass(int alike, int pairs, double expected) {
        return String.format(
                Locale.ROOT,
                "the samples come class by class: %d of %d have the label of the one before, and by chance about %d would",
                alike,
                pairs,
                Math.round(expected * pairs));
    }

    static String shuffle() {
        return "use DataLoader.of(…).shuffle(seed), or order(…) if the order is meant";
    }

    static String lastOfOne(int samples, int batch, boolean refused) {
        return samples + " samples in batches of " + batch
                + " leave a last batch of one, and this layer normalises by the batch"
                + (refused ? ", which a single value does not allow: the epoch would end with an error" : "");
    }

    static String dropLast() {
        return "use dropLast(true) or another batch size";
    }

    static String overlap(int hits, int looked, String sample) {
        return hits + " of " + looked + " samples that were looked at are training data, too, such as " + sample;
    }

    static String sameData() {
        return "it measures on the training data themselves";
    }

    static String apart() {
        return "take others, as with Split.random(…), or call it evaluate(\"train\", …) if that is meant";
    }

    static String large(double least, double most, double size) {
        return String.format(
                Locale.ROOT,
                "its input is not normalised: in the first batch it goes from %s to %s, and is typically %.1f",
                number(least),
                number(most),
                size);
    }

    static String normalise() {
        return "bring it near 0 and 1, as with map(Transforms.normalize(…)) or a layer Scaler.fit(…)";
    }

    static String oneClass(String label, int samples) {
        return "all labels of " + samples + " samples are " + label;
    }

    static String otherLabels() {
        return "look at how the labels are read or the samples are chosen";
    }

    static String firstLoss(double loss, double guess) {
        return String.format(Locale.ROOT, "the first loss is %.4g, and that of guessing %.4g", loss, guess);
    }

    static String smallerStart() {
        return "look at the scale of the inputs, and at the first values of the last layer";
    }

    static String grows(double from, double to, long steps, double rate) {
        return String.format(
                Locale.ROOT,
                "the loss has grown from %.4g to %.4g in %d steps at learning rate %s",
                from,
                to,
                steps,
                number(rate));
    }

    static String smallerRate() {
        return "use a smaller learning rate, a warm-up, or clip the gradients";
    }

    static String stuck(double loss, double guess, long steps) {
        return String.format(
                Locale.ROOT, "the loss is %.4g after %d steps, as that of guessing, %.4g", loss, steps, guess);
    }

    static String learnSomething() {
        return "look at the labels, at the learning rate, and whether one batch can be learnt by heart";
    }

    static String dead(int dead, int units, int samples) {
        return dead + " of its " + units + " units are 0 for all of " + samples + " samples: they learn nothing more";
    }

    static String revive() {
        return "use a smaller learning rate, other first values, or leakyRelu()";
    }

    private static String number(double x) {
        return x == (long) x ? Long.toString((long) x) : String.format(Locale.ROOT, "%.4g", x);
    }
}
