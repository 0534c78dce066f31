package dev.fluxion.ir.open;

import dev.fluxion.ir.Expr;
import dev.fluxion.ir.Given;
import dev.fluxion.ir.Movement;
import dev.fluxion.ir.Op;
import dev.fluxion.ir.Origin;
import dev.fluxion.ir.Shape;
import dev.fluxion.ir.ShapeException;
import java.util.ArrayList;
import java.util.List;

/**
 * Expressions for any extents: a list of nodes, operands before those that use them, and which of these are wanted. {@link #bind}
 * makes the expressions for some extents without asking a layer. It is immutable.
 */
public final class OpenGraph {
    private final List<Node> nodes;
    private final List<Integer> roots;

    private OpenGraph(List<Node> nodes, List<Integer> roots) {
        this.nodes = List.copyOf(nodes);
        this.roots = List.copyOf(roots);
        this.roots.forEach(root -> {
            if (root < 0 || root >= nodes.size()) {
                throw new IllegalArgumentException(Errors.noRoot(root, nodes.size()));
            }
        });
    }

    /**
     * A graph of nodes.
     *
     * @param roots the numbers of the nodes that are wanted
     * @throws IllegalArgumentException if a node has an operand that does not stand before it, or there is no such root
     */
    public static OpenGraph of(List<Node> nodes, List<Integer> roots) {
        for (int i = 0; i < Given.require("OpenGraph", "the nodes", nodes).size(); i++) {
            int number = i;
            Node node = nodes.get(i);
            node.operands().stream()
                    .filter(in -> in < 0 || in >= number)
                    .findFirst()
                    .ifPresent(in -> {
                        throw new IllegalArgumentException(node.problem(number, Errors.notBefore(in)));
                    });
        }
        return new OpenGraph(nodes, Given.require("OpenGraph", "the roots", roots));
    }

    /**
     * The graph that samples are of.
     *
     * @param samples what layers make for some extents, the largest ones first
     * @throws IllegalArgumentException if no formulas tell how they differ; the message names the layer
     */
    public static OpenGraph fitted(List<Sample> samples) {
        return new Fit(Given.require("OpenGraph", "the samples", samples)).graph();
    }

    /**
     * What was made for some extents.
     *
     * @param extents the number of samples and the extents that have names
     * @param roots what is wanted, in the same order for all extents
     */
    public record Sample(List<Integer> extents, List<Expr> roots) {
        /** Copies the lists. */
        public Sample {
            extents = List.copyOf(Given.require("Sample", "the extents", extents));
            roots = List.copyOf(Given.require("Sample", "the roots", roots));
        }
    }

    /** The nodes, operands before those that use them. */
    public List<Node> nodes() {
        return nodes;
    }

    /** The numbers of the nodes that are wanted. */
    public List<Integer> roots() {
        return roots;
    }

    /**
     * What is wanted, for some extents.
     *
     * @param extents the number of samples and the extents that have names
     * @throws ShapeException if they do not fit; the message names the node and the layer
     */
    public List<Expr> bind(List<Integer> extents) {
        Given.require("bind", "the extents", extents);
        List<Expr> made = new ArrayList<>(nodes.size());
        for (int i = 0; i < nodes.size(); i++) {
            Node node = nodes.get(i);
            int before = i;
            try {
                made.add(bound(node, made, symbol -> extent(symbol, extents, made, before)));
            } catch (RuntimeException e) {
                throw new ShapeException(node.problem(i, String.valueOf(e.getMessage())), e);
            }
        }
        return roots.stream().map(made::get).toList();
    }

    private static long extent(Formula.Symbol symbol, List<Integer> extents, List<Expr> made, int before) {
        if (symbol.node() < 0 && symbol.index() < extents.size()) {
            return extents.get(symbol.index());
        }
        if (symbol.node() < 0
                || symbol.node() >= before
                || symbol.index() >= made.get(symbol.node()).shape().rank()) {
            throw new IllegalArgumentException(Errors.noExtent(symbol));
        }
        return made.get(symbol.node()).shape().dim(symbol.index());
    }

    private static Expr bound(Node node, List<Expr> made, Formula.Extents extents) {
        List<Expr> operands = node.operands().stream().map(made::get).toList();
        Op op = node.op(operands, extents);
        return changesNothing(op, operands)
                ? operands.get(0)
                : Origin.of(node.layer(), node.place(), () -> new Expr(op, operands));
    }

    /** Whether {@link Expr} gives the operand itself instead of a node. */
    private static boolean changesNothing(Op op, List<Expr> operands) {
        if (op instanceof Movement.Pad pad) {
            return pad.before() == 0 && pad.after() == 0;
        }
        if (op instanceof Movement.Reshape reshape) {
            return same(reshape.to(), operands);
        }
        return op instanceof Movement.Broadcast broadcast && same(broadcast.to(), operands);
    }

    private static boolean same(Shape to, List<Expr> operands) {
        return operands.size() == 1 && operands.get(0).shape().equals(to);
    }
}
