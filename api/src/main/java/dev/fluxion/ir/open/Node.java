package dev.fluxion.ir.open;

import dev.fluxion.ir.Expr;
import dev.fluxion.ir.Given;
import dev.fluxion.ir.Op;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A node of an {@link OpenGraph}: an operator, what it is applied to, and which layer it is of. */
public final class Node {
    private final @Nullable Op fixed;
    private final @Nullable Written open;
    private final List<Integer> operands;
    private final String layer;
    private final String place;

    private Node(@Nullable Op fixed, @Nullable Written open, List<Integer> operands, String layer, String place) {
        this.fixed = fixed;
        this.open = open;
        this.operands = List.copyOf(operands);
        this.layer = layer;
        this.place = place;
    }

    /** A node whose operator is the same for all extents. */
    static Node of(Op op, List<Integer> operands, Expr like) {
        return new Node(op, null, operands, like.origin(), like.place());
    }

    static Node of(Written open, List<Integer> operands, Expr like) {
        return of(open, operands, like.origin(), like.place());
    }

    /**
     * A node.
     *
     * @param what its operator
     * @param operands the numbers of the nodes that it is applied to
     * @param layer the layer that made it, as the user wrote it; empty for none
     * @param place where that layer is, in words that may follow its name; empty if unknown
     */
    public static Node of(Written what, List<Integer> operands, String layer, String place) {
        return new Node(
                null,
                Given.require("Node", "the operator", what),
                Given.require("Node", "the operands", operands),
                Given.require("Node", "the layer", layer),
                Given.require("Node", "the place", place));
    }

    /** The operator, with formulas where it depends on the extents. */
    public Written what() {
        return open != null ? open : Written.of(Given.require("Node", "the operator", fixed));
    }

    /** The numbers of the nodes that it is applied to. */
    public List<Integer> operands() {
        return operands;
    }

    /** The layer that made it, as the user wrote it; empty for none. */
    public String layer() {
        return layer;
    }

    /** Where that layer is. */
    public String place() {
        return place;
    }

    /** The operator for some extents. */
    Op op(List<Expr> on, Formula.Extents extents) {
        if (fixed != null) {
            return fixed;
        }
        Written what = what();
        return Forms.of(what.operator()).read(what.at(extents), on);
    }

    String problem(int number, String what) {
        return Errors.node(number, what().operator(), layer, what);
    }
}
