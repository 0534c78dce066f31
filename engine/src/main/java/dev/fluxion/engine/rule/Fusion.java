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
import dev.fluxion.ir.UnaryFn;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Which nodes are computed together, chosen before anything is emitted: contractions with what their forms take along, and
 * elementwise operators that are read once with their reader.
 */
public final class Fusion {
    /** Longer chains of elementwise operators are cut: building a kernel takes a stack as deep as the chain. */
    private static final int LONGEST = 100;

    /** From this size on, passes over memory are worth a native kernel of their own. */
    public static final int NATIVE_SIZE = 1024;

    /** From this size on, gradients of activations are, whose comparisons Java makes one by one. */
    private static final int ACTIVATION_GRADIENT_SIZE = 256;

    /** From this size on, the hyperbolic tangent is, which takes tens of nanoseconds an element in Java. */
    public static final int TANH_SIZE = 64;

    private final BatchPartition.Tiled tiled;
    private final RuleBook rules;
    private final Readers readers;
    private final Map<Expr, Expr> roots = new HashMap<>();
    /** The chosen forms of contractions, by the nodes whose values they make. */
    private final Map<Expr, Rule.Match> matches = new LinkedHashMap<>();

    private final Map<Expr, ActivationGradient> activationGradients = new HashMap<>();
    /** For elementwise nodes, the length of the chain that ends there. */
    private final Map<Expr, Integer> lengths = new HashMap<>();

    public Fusion(BatchPartition.Tiled tiled, Readers readers, RuleBook rules, Facts facts) {
        this.tiled = tiled;
        this.rules = rules;
        this.readers = readers;
        for (Expr e : tiled.graph().order()) {
            if (isElementwise(e)) {
                int before = e.inputs().stream()
                        .mapToInt(in -> lengths.getOrDefault(in, 0) % LONGEST)
                        .max()
                        .orElse(0);
                lengths.put(e, before + 1);
            } else if (e.op() instanceof Contraction) {
                List<Candidate> candidates = Candidate.of(e, readers, node -> !roots.containsKey(node));
                choose(rules.first(candidates, facts));
            }
            if (e.op() instanceof Elementwise
                    && tiled.size(e) >= ACTIVATION_GRADIENT_SIZE
                    && rules.has(RuleBook.Form.ACTIVATION_GRADIENTS)) {
                ActivationGradient.of(e)
                        .filter(s -> s.inner().stream().allMatch(i -> readers.isOnlyFor(i, e, s.inner())))
                        .ifPresent(s -> slope(e, s));
            }
        }
    }

    private void choose(Rule.Match match) {
        Expr root = match.candidate().root();
        matches.put(root, match);
        match.candidate().covers().stream().filter(e -> e != root).forEach(e -> roots.put(e, root));
    }

    /** The node that computes {@code e}: itself unless another one takes it along. */
    public Expr root(Expr e) {
        return roots.getOrDefault(e, e);
    }

    /** The chosen form of a contraction that makes the value of {@code root}, if it is made by one. */
    Optional<Rule.Match> match(Expr root) {
        return Optional.ofNullable(matches.get(root));
    }

    /** The chosen forms, in the order of the graph. */
    public Collection<Rule.Match> matches() {
        return matches.values();
    }

    /** Whether nobody computes {@code e} ahead: whoever reads it takes it along or asks for it. */
    public boolean isLazy(Expr e) {
        Op op = e.op();
        boolean view = op instanceof Leaf
                || op instanceof Movement.Reshape
                || op instanceof Movement.Broadcast
                || op instanceof Movement.Transpose;
        boolean part = op instanceof Movement.Slice && e.input(0).op() instanceof Leaf.Variable;
        return view || part || FusedBuilder.constant(e).isPresent() || root(e) != e || isInside(e);
    }

    /** Whether a fused elementwise kernel computes {@code e} on its way to the only result that reads it. */
    boolean isInside(Expr e) {
        if (e.op() instanceof Movement.Broadcast) {
            return true;
        }
        if (!isElementwise(e) || readers.isKept(e) || roots.containsKey(e) || matches.containsKey(e)) {
            return false;
        }
        List<Expr> all = readers.of(e);
        boolean ends = lengths.getOrDefault(e, 0) == LONGEST;
        return all.size() == 1
                && !ends
                && isElementwise(all.get(0))
                && !isNative(e)
                && !isNative(all.get(0))
                && readers.isAtOnce(e, all.get(0));
    }

    public static boolean isElementwise(Expr e) {
        return e.op() instanceof Elementwise || e.op() instanceof Marker.Require;
    }

    private void slope(Expr product, ActivationGradient slope) {
        activationGradients.put(product, slope);
        slope.inner().forEach(e -> roots.put(e, product));
    }

    /** The gradient of an activation that a product of many elements is, for a native kernel. */
    Optional<ActivationGradient> activationGradient(Expr product) {
        return Optional.ofNullable(activationGradients.get(product));
    }

    /** Leaves the operators of an activation gradient to a fused kernel. */
    void separate(Expr product) {
        activationGradients.remove(product);
        roots.values().removeIf(r -> r == product);
    }

    /** Whether a function of many elements gets a native kernel. */
    boolean isNative(Expr e) {
        return activationGradients.containsKey(e)
                || e.op() instanceof Elementwise.Unary unary
                        && rules.has(RuleBook.Form.NATIVE_FUNCTIONS)
                        && tiled.size(e) >= (unary.fn() == UnaryFn.TANH ? TANH_SIZE : NATIVE_SIZE)
                        && EltwiseLowering.function(unary).isPresent();
    }
}
