package dev.fluxion.engine;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * The forms in which contractions can be computed, in order: the first that holds is taken. {@code -Dfluxion.rules=-winograd}
 * leaves out rules by their names, separated by commas.
 */
final class RuleBook {
    /** The system property that leaves rules out. */
    static final String PROPERTY = "fluxion.rules";

    private static final List<Rule> ALL = List.of(
            new StripRule(40_000),
            new WinogradRule(1 << 17, 16, 64, 32, 1 << 25),
            new StreamedRule(1 << 19),
            new ChannelsLastRule(),
            new LibraryRule(),
            new ColumnRule(),
            new ProductRule(4096),
            new BlasRule());

    /** Rules that hold for whatever the others leave. */
    private static final List<String> LAST = List.of("columns", "blas");

    private final List<Rule> rules;

    private RuleBook(List<Rule> rules) {
        this.rules = rules;
    }

    /** The rules that the system property leaves. */
    static RuleBook current() {
        return of(System.getProperty(PROPERTY, ""));
    }

    /**
     * The rules without some.
     *
     * @param switches names, each behind a minus, separated by commas
     * @throws IllegalArgumentException if there is no such rule, or nothing would be left for some nodes
     */
    static RuleBook of(String switches) {
        List<Rule> rules = new ArrayList<>(ALL);
        for (String each : switches.split(",", -1)) {
            String text = each.strip();
            boolean known = ALL.stream().anyMatch(r -> text.equals("-" + r.name()) && !LAST.contains(r.name()));
            if (!text.isEmpty() && !known) {
                throw new IllegalArgumentException(Errors.unknownRule(PROPERTY, text, switchable()));
            }
            rules.removeIf(rule -> text.equals("-" + rule.name()));
        }
        return new RuleBook(List.copyOf(rules));
    }

    /** The rules that can be left out. */
    static List<String> switchable() {
        return ALL.stream().map(Rule::name).filter(n -> !LAST.contains(n)).toList();
    }

    /** The rules with another one in place of that of its name. */
    RuleBook with(Rule other) {
        return new RuleBook(rules.stream()
                .map(rule -> rule.name().equals(other.name()) ? other : rule)
                .toList());
    }

    /** The rules in their order. */
    List<Rule> rules() {
        return rules;
    }

    /** The first form that holds for the first of the candidates for which there is one. */
    Rule.Match first(List<Candidate> candidates, Facts facts) {
        for (Candidate candidate : candidates) {
            for (Rule rule : rules) {
                Optional<Rule.Match> match = rule.match(candidate, facts);
                if (match.isPresent()) {
                    return match.get();
                }
            }
        }
        throw new IllegalStateException("no rule for " + candidates);
    }
}
