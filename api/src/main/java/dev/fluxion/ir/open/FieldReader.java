package dev.fluxion.ir.open;

import dev.fluxion.Tensor;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Function;
import java.util.function.ToDoubleFunction;
import java.util.function.ToLongFunction;

/** Reads the attributes of an operator, none of which is open. */
final class FieldReader<T> implements Fields<T> {
    private final Written from;
    /** The rank of the first operand. */
    private final int rank;

    private final Set<String> seen = new HashSet<>();

    FieldReader(Written from, int rank) {
        this.from = from;
        this.rank = rank;
    }

    /** Requires that every attribute was read. */
    void end() {
        for (String name : from.attributes().keySet()) {
            if (!seen.contains(name)) {
                throw new IllegalArgumentException(Errors.unknownAttribute(name));
            }
        }
        if (from.values() != null && !seen.contains(Forms.VALUES)) {
            throw new IllegalArgumentException(Errors.unknownAttribute(Forms.VALUES));
        }
    }

    private String raw(String name) {
        String text = from.attributes().get(name);
        if (text == null) {
            throw new IllegalArgumentException(Errors.missingAttribute(name));
        }
        seen.add(name);
        return text;
    }

    @Override
    public String text(String name, Function<T, String> of) {
        return Template.unescaped(raw(name));
    }

    @Override
    public long number(String name, ToLongFunction<T> of) {
        return number(name, raw(name));
    }

    private static long number(String name, String text) {
        try {
            return Long.parseLong(text);
        } catch (NumberFormatException e) {
            throw new IllegalArgumentException(Errors.notNumber(name, text), e);
        }
    }

    @Override
    public double real(String name, ToDoubleFunction<T> of) {
        String text = raw(name);
        try {
            return Double.parseDouble(text);
        } catch (NumberFormatException e) {
            throw new IllegalArgumentException(Errors.notNumber(name, text), e);
        }
    }

    @Override
    public double real(String name, double usual, ToDoubleFunction<T> of) {
        return from.attributes().containsKey(name) ? real(name, of) : usual;
    }

    @Override
    public List<Integer> list(String name, Function<T, List<Integer>> of) {
        String text = raw(name);
        List<Integer> all = new ArrayList<>();
        for (String item : text.isEmpty() ? new String[0] : text.split(",", -1)) {
            long number = number(name, item);
            if (number != (int) number) {
                throw new IllegalArgumentException(Errors.notInt(name, number));
            }
            all.add((int) number);
        }
        return all;
    }

    @Override
    public List<Integer> axes(String name, Function<T, List<Integer>> of) {
        List<Integer> axes = list(name, of);
        for (int i = 0; i < axes.size(); i++) {
            if (axes.get(i) < (i == 0 ? 0 : axes.get(i - 1) + 1) || axes.get(i) >= rank) {
                throw new IllegalArgumentException(Errors.badAxes(name, axes, rank));
            }
        }
        return axes;
    }

    @Override
    public Tensor elements(String name, Function<T, Tensor> of) {
        seen.add(Forms.VALUES);
        if (from.values() == null) {
            throw new IllegalArgumentException(Errors.missingAttribute(Forms.VALUES));
        }
        return Leading.part(from.values(), shape(name, op -> of.apply(op).shape()));
    }
}
