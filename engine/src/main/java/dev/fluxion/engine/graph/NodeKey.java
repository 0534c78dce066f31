package dev.fluxion.engine.graph;

import dev.fluxion.ir.Op;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * What tells nodes apart.
 *
 * @param operands the operands, or their numbers
 * @param about what else does
 */
public record NodeKey(Op op, List<?> operands, Object about) {
    /** Of the operator, the text: what is generated for records takes a new JVM milliseconds an operator. */
    @Override
    public int hashCode() {
        return Objects.hash(op.toString(), operands, about);
    }

    @Override
    public boolean equals(@Nullable Object o) {
        return o instanceof NodeKey that
                && operands.equals(that.operands)
                && about.equals(that.about)
                && op.equals(that.op);
    }
}
