package dev.fluxion.examples;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.Locale;
import java.util.stream.Collectors;

/**
 * A page of texts whose words are coloured by what they had to do with the decision.
 *
 * @param decisions the texts
 */
record DecisionsPage(Decisions decisions) {
    private static final String STYLE = """
            :root { color-scheme: light dark; }
            body { font: 16px/1.6 system-ui, sans-serif; max-width: 50em; margin: 2em auto; padding: 0 1em; }
            p { margin: .2em 0 1em; }
            h3 { margin: 1em 0 0; font-size: 1em; }
            .wrong { color: light-dark(#b00020, #ff8080); }
            span { border-radius: .2em; padding: .1em .15em; }
            .unseen { text-decoration: underline dotted; }
            """;

    /** Writes it. */
    void write(Path file) throws IOException {
        Files.writeString(file, html());
    }

    private String html() {
        String words = decisions.classes().stream()
                .map(name -> "<li><b>" + escaped(name) + "</b>: " + escaped(String.join(", ", decisions.telling(name)))
                        + "</li>\n")
                .collect(Collectors.joining());
        String texts = decisions.decided().stream()
                .sorted(Comparator.comparing(
                                (Decisions.Decision d) -> !d.expected().isEmpty())
                        .thenComparing(decisions::isRight))
                .map(this::text)
                .collect(Collectors.joining());
        return "<!doctype html>\n<html lang=\"en\"><meta charset=\"utf-8\"><title>What decided</title>\n<style>\n"
                + STYLE
                + "</style>\n<h1>Which words decided</h1>\n"
                + "<p>Green words speak for the decision, red ones against it: without them it would be less or more likely."
                + " Dotted ones are not in the texts that were learned from.</p>\n<h2>Words that decide most, on average</h2>\n<ul>\n"
                + words + "</ul>\n<h2>Texts</h2>\n" + texts + "</html>\n";
    }

    private String text(Decisions.Decision decision) {
        String words = decision.evidence().words().stream()
                .map(word -> word(word, decision.evidence().largest()))
                .collect(Collectors.joining(" "));
        return "<h3" + (decisions.isRight(decision) ? "" : " class=\"wrong\"") + ">"
                + escaped(decisions.verdict(decision)) + "</h3>\n<p>" + words + "</p>\n";
    }

    private static String word(Evidence.Word word, double largest) {
        if (!word.seen()) {
            return "<span class=\"unseen\">" + escaped(word.text()) + "</span>";
        }
        return String.format(
                Locale.ROOT,
                "<span style=\"background: rgb(%s / %.2f)\" title=\"%+.2f\">%s</span>",
                word.weight() < 0 ? "220 60 60" : "40 170 90",
                0.7 * Math.abs(word.weight()) / largest,
                word.weight(),
                escaped(word.text()));
    }

    private static String escaped(String text) {
        return text.replace("&", "&amp;")
                .replace("<", "&lt;")
                .replace(">", "&gt;")
                .replace("\"", "&quot;");
    }
}
