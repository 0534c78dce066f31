package dev.fluxion.ir.open;

import dev.fluxion.Tensor;
import dev.fluxion.ir.Given;
import dev.fluxion.ir.Op;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * An operator as a name and attributes. An attribute is a text: a name, numbers joined by commas. In it, a formula in braces stands for
 * a number that follows from the extents: see {@link Formula}.
 *
 * @param operator the name of the operator
 * @param attributes its attributes by name
 * @param values the elements of a constant tensor, for samples of the largest extents; null for every other operator
 */
public record Written(
        String operator,
        Map<String, String> attributes,
        @Nullable Tensor values) {
    /** Copies the attributes. */
    public Written {
        Given.require("Written", "the operator", operator);
        attributes = Collections.unmodifiableMap(
                new LinkedHashMap<>(Given.require("Written", "the attributes", attributes)));
    }

    /** An operator that is known whole. */
    public static Written of(Op op) {
        return Forms.of(Given.require("Written", "the operator", op)).write(op);
    }

    /** The same with numbers in place of formulas. */
    Written at(Formula.Extents extents) {
        Map<String, String> closed = new LinkedHashMap<>(attributes);
        closed.replaceAll((name, text) -> Template.at(text, extents));
        return new Written(operator, closed, values);
    }
}
