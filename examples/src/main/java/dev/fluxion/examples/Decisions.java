package dev.fluxion.examples;

import dev.fluxion.dsl.train.Model;
import dev.fluxion.dsl.train.ModelCard;
import dev.fluxion.dsl.train.Vocabulary;
import dev.fluxion.files.Texts;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * What a model takes texts for, and the words that decided.
 *
 * @param classes the names of the classes
 * @param decided one for each text: first the user's own, then texts that the model has not learned from
 */
record Decisions(List<String> classes, List<Decision> decided) {
    private static final int MOST = 200;
    private static final int SHOWN = 1;
    private static final int MISTAKES = 2;
    private static final int TELLING = 8;
    private static final int COLUMNS = 30;

    /**
     * What a text was taken for.
     *
     * @param expected the name of its class, empty if nobody knows
     * @param evidence what it was taken for
     */
    record Decision(String expected, Evidence evidence) {}

    static Decisions of(Model model, ModelCard card, int longest, Texts unseen, List<String> own) {
        Vocabulary words = card.vocabulary(TextNet.IDS);
        List<Decision> all = new ArrayList<>();
        own.forEach(text -> all.add(new Decision("", Evidence.of(model, words, longest, text))));
        int[] labels = unseen.labels();
        for (int i = 0; i < Math.min(unseen.size(), MOST); i++) {
            String expected = unseen.classes().get(labels[i]);
            all.add(new Decision(expected, Evidence.of(model, words, longest, unseen.text(i))));
        }
        return new Decisions(unseen.classes(), List.copyOf(all));
    }

    /** Whether the model is right, as far as anybody knows. */
    boolean isRight(Decision decision) {
        return decision.expected.isEmpty() || decision.expected.equals(found(decision));
    }

    String found(Decision decision) {
        return classes.get(decision.evidence.found());
    }

    /** What a text was taken for, as {@code praise (98.2 %), but it is a complaint}. */
    String verdict(Decision decision) {
        return String.format(Locale.ROOT, "%s (%.1f %%)", found(decision), 100 * decision.evidence.probability())
                + (isRight(decision) ? "" : ", but it is: " + decision.expected);
    }

    /** The words that weigh most for a class, by their mean weights. */
    List<String> telling(String name) {
        Map<String, List<Double>> weights = new LinkedHashMap<>();
        decided.stream()
                .filter(decision -> found(decision).equals(name))
                .flatMap(decision -> decision.evidence.words().stream())
                .forEach(word -> weights.computeIfAbsent(word.text(), text -> new ArrayList<>())
                        .add(word.weight()));
        return weights.entrySet().stream()
                .sorted(Comparator.comparingDouble(entry -> -mean(entry.getValue())))
                .filter(entry -> mean(entry.getValue()) > 0)
                .limit(TELLING)
                .map(Map.Entry::getKey)
                .toList();
    }

    private static double mean(List<Double> some) {
        return some.stream().mapToDouble(x -> x).average().orElse(0);
    }

    /** The user's own texts, some of each class and some mistakes with a bar for each word, and the words that tell most. */
    String text() {
        List<Decision> shown = new ArrayList<>(
                decided.stream().filter(d -> d.expected.isEmpty()).toList());
        decided.stream().filter(d -> !isRight(d)).limit(MISTAKES).forEach(shown::add);
        for (String name : classes) {
            decided.stream()
                    .filter(d -> d.expected.equals(name) && isRight(d))
                    .limit(SHOWN)
                    .forEach(shown::add);
        }
        String texts = shown.stream().map(this::bars).collect(Collectors.joining("\n"));
        String words = classes.stream()
                .map(name -> "  " + name + ": " + String.join(", ", telling(name)) + "\n")
                .collect(Collectors.joining());
        return texts + "\nwords that decide most, on average\n" + words;
    }

    private String bars(Decision decision) {
        Evidence evidence = decision.evidence;
        StringBuilder out = new StringBuilder(verdict(decision) + "\n");
        if (evidence.words().stream().noneMatch(Evidence.Word::seen)) {
            out.append("  none of its words was in the texts that were learned from: this is a mere guess\n");
        }
        for (Evidence.Word word : evidence.words()) {
            int bar = (int) Math.round(COLUMNS * Math.abs(word.weight()) / evidence.largest());
            out.append(String.format(Locale.ROOT, "  %-16s ", word.text()))
                    .append(
                            word.seen()
                                    ? String.format(Locale.ROOT, "%+5.1f ", word.weight())
                                            + (word.weight() < 0 ? "-" : "█").repeat(bar)
                                    : "      never seen")
                    .append('\n');
        }
        return out.toString();
    }
}
