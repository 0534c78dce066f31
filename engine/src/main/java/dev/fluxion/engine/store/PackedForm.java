package dev.fluxion.engine.store;

import dev.fluxion.ffi.Layout;
import dev.fluxion.ffi.Memory;
import dev.fluxion.ir.Expr;
import dev.fluxion.ir.Leaf;
import dev.fluxion.ir.Op;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * What kernels make of a parameter that nobody changes while they run. Programs that make the same share it: equal forms hold
 * the same bits.
 *
 * @param path the operators that take the parameter apart, the last one first, and the parameter
 * @param form what is made of that
 * @param layout how it lies
 */
public record PackedForm(List<Op> path, Object form, Layout layout) implements Own<Memory> {
    /** A form of a parameter, or of a view of one. */
    public static PackedForm of(Expr weights, Object form, Layout layout) {
        List<Op> path = new ArrayList<>();
        for (Expr e = weights; ; e = e.input(0)) {
            path.add(e.op());
            if (e.inputs().isEmpty()) {
                return new PackedForm(List.copyOf(path), form, layout);
            }
        }
    }

    /** Whether what is made of weights depends on nothing but parameters. */
    public static boolean isSharable(Expr weights) {
        boolean valued = weights.op() instanceof Leaf.Parameter || weights.op() instanceof Leaf.Buffer;
        return weights.inputs().isEmpty() ? valued : isSharable(weights.input(0));
    }

    @Override
    public Memory of(Owner program) {
        return program.packed(this).memory();
    }

    /** Of the operators, the text: what is generated for records takes a new JVM milliseconds an operator. */
    @Override
    public int hashCode() {
        return Objects.hash(path.toString(), form, layout);
    }

    @Override
    public boolean equals(@Nullable Object o) {
        return o instanceof PackedForm that
                && layout.equals(that.layout)
                && form.equals(that.form)
                && path.equals(that.path);
    }
}
