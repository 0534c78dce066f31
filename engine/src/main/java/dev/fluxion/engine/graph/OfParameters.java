package dev.fluxion.engine.graph;

import dev.fluxion.ir.Elementwise;
import dev.fluxion.ir.Expr;
import dev.fluxion.ir.Leaf;
import dev.fluxion.ir.Movement;
import java.util.Collection;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Which values follow from parameters, buffers and constants alone, by elementwise operators and movements: while nobody changes
 * parameters, they are the same in every run.
 */
public final class OfParameters {
    private final Map<Expr, Kind> kinds = new HashMap<>();

    private enum Kind {
        CONSTANT,
        OF_PARAMETERS,
        OTHER
    }

    /** Of nodes, operands before those that use them. */
    public OfParameters(Collection<Expr> order) {
        order.forEach(this::kind);
    }

    /** Whether a value is one of them, and no constant. */
    public boolean contains(Expr e) {
        return kind(e) == Kind.OF_PARAMETERS;
    }

    /** Whether a value is the same whatever parameters are. */
    public boolean isConstant(Expr e) {
        return kind(e) == Kind.CONSTANT;
    }

    private Kind kind(Expr e) {
        @Nullable Kind known = kinds.get(e);
        if (known == null) {
            known = find(e);
            kinds.put(e, known);
        }
        return known;
    }

    private Kind find(Expr e) {
        if (e.inputs().isEmpty()) {
            boolean constant = e.op() instanceof Leaf.Constant || e.op() instanceof Leaf.Literal;
            return e.op() instanceof Leaf.Variable ? Kind.OF_PARAMETERS : constant ? Kind.CONSTANT : Kind.OTHER;
        }
        if (!(e.op() instanceof Elementwise || e.op() instanceof Movement)) {
            return Kind.OTHER;
        }
        return e.inputs().stream().map(this::kind).max(Kind::compareTo).orElseThrow();
    }
}
