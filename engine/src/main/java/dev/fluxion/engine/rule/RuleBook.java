package dev.fluxion.engine.rule;

import dev.fluxion.engine.emit.Facts;
import dev.fluxion.engine.error.Errors;
import dev.fluxion.ir.Expr;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.NoSuchElementException;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;

/**
 * The forms in which nodes can be computed, in order: the first that holds is taken. {@code -Dfluxion.rules=-winograd}
 * leaves out rules by their names, separated by commas.
 */
public final class RuleBook {
    /** The system property that leaves rules out. */
    public static final String PROPERTY = "fluxion.rules";

    private static final List<Rule> OTHERS = List.of(
            new RowBlockedRule(40_000),
            new WinogradRule(1 << 17, 16, 64, 32, 1 << 25),
            new StreamedRule(1 << 19),
            new ChannelsLastRule(new SmallProducts(24, 16, 256, 128), new SmallProducts(64, 8, 0, 48), 8),
            new LibraryRule(),
            new DepthwiseGradientRule(),
            new ColumnRule(),
            new ProductRule(4096, 8, 1 << 16, 1 << 22),
            new BlasRule(),
            new ActivationGradientRule(256),
            new NativeFunctionRule(1024, 64),
            new NativeSumRule(1024),
            new ChannelProductRule(48, 96),
            new FusedRule(),
            new PoolingRule(),
            new SoftmaxRule(),
            new LayerNormRule(),
            new GroupNormRule(),
            new MomentsRule(),
            new LstmRule(4, 1 << 16, 16, 1 << 19),
            new StepwiseRule(16, 1 << 18, 1 << 18),
            new OneSequenceRule(),
            new RecurrentRule(),
            new AttentionRule(),
            new PartRule(),
            new PooledSumRule(1 << 13),
            new ReductionRule(),
            new SharedIndexRule(),
            new MovementRule());

    private static final List<Rule> ALL =
            Stream.concat(OTHERS.stream(), Stream.of(new JavaRule(OTHERS))).toList();

    /** Forms that are chosen elsewhere, and can be left out as well. */
    public enum Form {
        FOLD,
        CHANNEL_NORMS,
        SINGLE_CHANNEL,
        SUB_PIXELS,
        DEPTHWISE,
        RANK_ONE,
        ROWS,
        WEIGHTED_SUMS,
        ADDENDS,
        IN_PLACE_SUMS,
        CLIPS,
        SHORTCUTS,
        SPREAD_REORDERS;

        /** The name by which it is switched off. */
        public String label() {
            return name().toLowerCase(Locale.ROOT).replace('_', '-');
        }
    }

    /** Rules that hold for whatever the others leave. */
    private static final List<String> LAST = List.of("columns", "blas", "fused", "parts", "movement", "java");

    private final List<Rule> rules;
    private final Set<Form> forms;

    private RuleBook(List<Rule> rules, Set<Form> forms) {
        this.rules = List.copyOf(rules);
        this.forms = Set.copyOf(forms);
    }

    /** The rules that the system property leaves. */
    public static RuleBook current() {
        return of(System.getProperty(PROPERTY, ""));
    }

    /**
     * The rules without some.
     *
     * @param switches names, each behind a minus, separated by commas
     * @throws IllegalArgumentException if there is no such rule, or nothing would be left for some nodes
     */
    public static RuleBook of(String switches) {
        List<Rule> rules = new ArrayList<>(ALL);
        Set<Form> forms = EnumSet.allOf(Form.class);
        for (String each : switches.split(",", -1)) {
            String text = each.strip();
            if (text.isEmpty()) {
                continue;
            }
            if (!text.startsWith("-") || !switchable().contains(text.substring(1))) {
                throw new IllegalArgumentException(Errors.unknownRule(PROPERTY, text, switchable()));
            }
            rules.removeIf(rule -> text.equals("-" + rule.name()));
            forms.removeIf(form -> text.equals("-" + form.label()));
        }
        return new RuleBook(rules, forms);
    }

    /** The rules that can be left out. */
    static List<String> switchable() {
        return Stream.concat(
                        ALL.stream().map(Rule::name).filter(name -> !LAST.contains(name)),
                        Stream.of(Form.values()).map(Form::label))
                .toList();
    }

    /** The rules with another one in place of that of its name. */
    public RuleBook with(Rule other) {
        return new RuleBook(
                rules.stream()
                        .map(rule -> rule.name().equals(other.name()) ? other : rule)
                        .toList(),
                forms);
    }

    /** The rules in their order. */
    public List<Rule> rules() {
        return rules;
    }

    /** The names of all that was not left out. */
    public List<String> names() {
        return Stream.concat(
                        rules.stream().map(Rule::name),
                        Stream.of(Form.values()).filter(this::has).map(Form::label))
                .toList();
    }

    /** Whether a form that is chosen elsewhere may be. */
    public boolean has(Form form) {
        return forms.contains(form);
    }

    /** What the first rule to want something for itself wants of a node that is no contraction. */
    Optional<Candidate> cover(Expr e, Facts facts) {
        for (Rule rule : rules) {
            Optional<Candidate> candidate = rule.cover(e, facts);
            if (candidate.isPresent()) {
                return candidate;
            }
        }
        return Optional.empty();
    }

    /** The rule of a name. */
    Rule rule(String name) {
        for (Rule rule : rules) {
            if (rule.name().equals(name)) {
                return rule;
            }
        }
        throw new NoSuchElementException(name);
    }

    /** The same form of a match, now that more is known. */
    Rule.Match again(Rule.Match match, Facts facts) {
        return rule(match.rule()).match(match.candidate(), facts).orElseThrow();
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
