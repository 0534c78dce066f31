package dev.fluxion.ir.open;

import dev.fluxion.ir.Expr;
import dev.fluxion.ir.Op;
import java.util.List;
import java.util.function.Function;

/**
 * How an operator is written.
 *
 * @param name its name
 * @param least the least number of its operands
 * @param most the largest
 * @param type the operator
 * @param make lists the attributes, each with what it is of an operator, and makes an operator of them
 */
record Form<T extends Op>(String name, int least, int most, Class<T> type, Function<Fields<T>, T> make) {
    Written write(Op op) {
        FieldWriter<T> fields = new FieldWriter<>(type.cast(op));
        if (!make.apply(fields).equals(op)) {
            throw new IllegalStateException(Errors.noForm(op));
        }
        return fields.written(name);
    }

    /**
     * The operator, to be applied to operands.
     *
     * @throws IllegalArgumentException if attributes are missing, unknown or wrong, or there are too few or many operands
     */
    T read(Written from, List<Expr> operands) {
        if (operands.size() < least || operands.size() > most) {
            throw new IllegalArgumentException(Errors.operands(least, most, operands.size()));
        }
        FieldReader<T> fields = new FieldReader<>(
                from, operands.isEmpty() ? 0 : operands.get(0).shape().rank());
        T op = make.apply(fields);
        fields.end();
        return op;
    }
}
