package dev.fluxion.examples;

import dev.fluxion.Tensor;
import dev.fluxion.data.SequenceDataset;
import dev.fluxion.dsl.train.Model;
import dev.fluxion.dsl.train.Vocabulary;
import dev.fluxion.files.Texts;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.stream.IntStream;

/**
 * What a model takes a text for, and what each word has to do with it.
 *
 * @param found the number of the class
 * @param probability how likely that is, in [0, 1]
 * @param words the words that were read
 */
record Evidence(int found, double probability, List<Word> words) {
    /**
     * A word.
     *
     * @param text the word
     * @param seen whether it was in a text that the model learned from
     * @param weight how much smaller the logarithm of the odds of the class is if this word is replaced by one that was never seen
     */
    record Word(String text, boolean seen, double weight) {}

    /** Predicts a text, and the same with each word in turn replaced. */
    static Evidence of(Model model, Vocabulary vocabulary, int longest, String text) {
        List<String> words = Texts.words(text).stream().limit(longest).toList();
        int unknown = vocabulary.id(Texts.UNKNOWN);
        int[] ids = words.isEmpty() ? new int[] {unknown} : vocabulary.ids(words, Texts.UNKNOWN);
        Tensor logits = model.predict(variants(ids, unknown));
        int found = logits.argmax()[0];
        double whole = odds(logits, 0, found);
        List<Word> weighed = new ArrayList<>();
        for (int i = 0; i < words.size(); i++) {
            double weight = whole - odds(logits, i + 1, found);
            weighed.add(new Word(words.get(i), ids[i] != unknown, ids[i] == unknown ? 0 : weight));
        }
        return new Evidence(found, 1 / (1 + Math.exp(-whole)), List.copyOf(weighed));
    }

    /** The ids, and then those with the first one replaced, with the second, and so on. */
    private static Tensor variants(int[] ids, int unknown) {
        List<int[]> all = new ArrayList<>(Collections.nCopies(1, ids));
        for (int i = 0; i < ids.length; i++) {
            int[] without = ids.clone();
            without[i] = unknown;
            all.add(without);
        }
        return SequenceDataset.of(all, Tensor.labels(new int[all.size()]))
                .first(all.size())
                .inputs();
    }

    /** The logarithm of the odds of a class. */
    private static double odds(Tensor logits, int row, int c) {
        return -Math.log(IntStream.range(0, logits.shape().dim(1))
                .filter(other -> other != c)
                .mapToDouble(other -> Math.exp(logits.at(row, other) - logits.at(row, c)))
                .sum());
    }

    /** The largest weight, whatever its sign, and at least 1. */
    double largest() {
        return words.stream().mapToDouble(word -> Math.abs(word.weight)).reduce(1, Math::max);
    }
}
