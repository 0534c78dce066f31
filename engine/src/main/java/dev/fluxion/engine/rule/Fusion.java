package dev.fluxion.engine.rule;

import dev.fluxion.engine.emit.Facts;
import dev.fluxion.engine.kernel.FusedBuilder;
import dev.fluxion.engine.partition.BatchPartition;
import dev.fluxion.engine.partition.Readers;
import dev.fluxion.ir.Contraction;
import dev.fluxion.ir.Elementwise;
import dev.fluxion.ir.Expr;
import dev.fluxion.ir.Leaf;
import dev.fluxion.ir.Marker;
import dev.fluxion.ir.Movement;
import dev.fluxion.ir.Op;
import dev.fluxion.ir.Result;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Which nodes are computed together, chosen before any layout is known: contractions with what their forms take along, what
 * other rules want for themselves, and elementwise operators that are read once with their reader.
 */
public final class Fusion {
    /** Longer chains of elementwise operators are cut: building a kernel takes a stack as deep as the chain. */
    private static final int LONGEST = 100;

    private final Readers readers;
    private final Facts facts;
    private final Map<Expr, Expr> roots = new HashMap<>();
    /** The chosen forms of contractions, by the nodes whose values they make. */
    private final Map<Expr, Rule.Match> matches = new HashMap<>();
    /** What others are computed with, by the nodes whose values are made. */
    private final Map<Expr, Candidate> covers = new HashMap<>();
    /** For elementwise nodes, the length of the chain that ends there. */
    private final Map<Expr, Integer> lengths = new HashMap<>();

    public Fusion(BatchPartition.Tiled tiled, Readers readers, RuleBook rules, Facts facts) {
        this.readers = readers;
        this.facts = facts;
        for (Expr e : tiled.graph().order()) {
            if (isElementwise(e)) {
                int before = 0;
                for (Expr in : e.inputs()) {
                    before = Math.max(before, lengths.getOrDefault(in, 0) % LONGEST);
                }
                lengths.put(e, before + 1);
            }
            if (e.op() instanceof Result) {
                roots.put(e, e.node());
            } else if (e.op() instanceof Contraction) {
                List<Candidate> candidates = Candidate.of(e, readers, node -> !roots.containsKey(node));
                Rule.Match first = rules.first(candidates, facts);
                Rule.Match sum = withAddend(first, rules, facts).orElse(first);
                Rule.Match match = withClip(sum, rules, facts).orElse(sum);
                matches.put(match.candidate().root(), match);
                cover(match.candidate());
            } else if (root(e) == e && !matches.containsKey(e)) {
                rules.cover(e, facts).ifPresent(this::cover);
            }
        }
    }

    /** The same form with what is added to its result, if its kernels can do that. */
    private Optional<Rule.Match> withAddend(Rule.Match match, RuleBook rules, Facts facts) {
        Rule rule = rules.rule(match.rule());
        return rule.takesMore() && rules.has(RuleBook.Form.ADDENDS)
                ? match.candidate().withAddend(readers, this::isFree).flatMap(candidate -> rule.match(candidate, facts))
                : Optional.empty();
    }

    /** The same form of a prediction with its result brought between bounds, if its kernels can do that. */
    private Optional<Rule.Match> withClip(Rule.Match match, RuleBook rules, Facts facts) {
        Rule rule = rules.rule(match.rule());
        return rule.takesMore() && rules.has(RuleBook.Form.CLIPS)
                ? match.candidate().withClip(readers, this::isFree).flatMap(candidate -> rule.match(candidate, facts))
                : Optional.empty();
    }

    private boolean isFree(Expr node) {
        return !roots.containsKey(node) && !covers.containsKey(node);
    }

    private void cover(Candidate candidate) {
        Expr root = candidate.root();
        covers.put(root, candidate);
        for (Expr e : candidate.covers()) {
            if (e != root) {
                roots.put(e, root);
            }
        }
    }

    /** The node that computes {@code e}: itself unless another one takes it along. */
    public Expr root(Expr e) {
        return roots.getOrDefault(e, e);
    }

    /** The chosen form of a contraction that makes the value of {@code root}, if it is made by one. */
    Optional<Rule.Match> match(Expr root) {
        return Optional.ofNullable(matches.get(root));
    }

    /** What is computed with a node whose value is made. */
    Candidate candidate(Expr root) {
        Candidate known = covers.get(root);
        if (known != null || !isElementwise(root)) {
            return known == null ? Candidate.alone(root) : known;
        }
        Set<Expr> chain = new HashSet<>();
        chain(root, chain);
        return Candidate.alone(root).covering(chain);
    }

    private void chain(Expr e, Set<Expr> found) {
        if (found.add(e)) {
            for (Expr in : e.inputs()) {
                if (!(in.op() instanceof Movement.Broadcast) && isInside(in)) {
                    chain(in, found);
                }
            }
        }
    }

    /** Whether nobody computes {@code e} ahead: whoever reads it takes it along or asks for it. */
    public boolean isLazy(Expr e) {
        Op op = e.op();
        boolean view = op instanceof Leaf
                || op instanceof Movement.Reshape
                || op instanceof Movement.Broadcast
                || op instanceof Movement.Transpose;
        boolean part = op instanceof Movement.Slice && e.input(0).op() instanceof Leaf.Variable;
        return view || part || facts.isStable(e) || FusedBuilder.constant(e).isPresent() || root(e) != e || isInside(e);
    }

    /** Whether a fused elementwise kernel computes {@code e} on its way to the only result that reads it. */
    private boolean isInside(Expr e) {
        if (!isElementwise(e) || readers.isKept(e) || roots.containsKey(e) || covers.containsKey(e)) {
            return false;
        }
        List<Expr> all = readers.of(e);
        boolean ends = lengths.getOrDefault(e, 0) == LONGEST;
        return all.size() == 1
                && !ends
                && isElementwise(all.get(0))
                && !covers.containsKey(all.get(0))
                && readers.isAtOnce(e, all.get(0));
    }

    public static boolean isElementwise(Expr e) {
        return e.op() instanceof Elementwise || e.op() instanceof Marker.Require;
    }
}
