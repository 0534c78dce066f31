package dev.fluxion.ir.open;

import dev.fluxion.Tensor;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.function.ToDoubleFunction;
import java.util.function.ToLongFunction;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Writes the attributes of an operator. */
final class FieldWriter<T> implements Fields<T> {
    private final T op;
    private final Map<String, String> attributes = new LinkedHashMap<>();
    private @Nullable Tensor values;

    FieldWriter(T op) {
        this.op = op;
    }

    Written written(String operator) {
        return new Written(operator, attributes, values);
    }

    private <V> V put(String name, V value, String text) {
        attributes.put(name, Template.escaped(text));
        return value;
    }

    @Override
    public String text(String name, Function<T, String> of) {
        return put(name, of.apply(op), of.apply(op));
    }

    @Override
    public long number(String name, ToLongFunction<T> of) {
        long number = of.applyAsLong(op);
        return put(name, number, Long.toString(number));
    }

    @Override
    public double real(String name, ToDoubleFunction<T> of) {
        double number = of.applyAsDouble(op);
        return put(name, number, Double.toString(number));
    }

    @Override
    public double real(String name, double usual, ToDoubleFunction<T> of) {
        return of.applyAsDouble(op) == usual ? usual : real(name, of);
    }

    @Override
    public List<Integer> list(String name, Function<T, List<Integer>> of) {
        List<Integer> all = of.apply(op);
        return put(name, all, all.stream().map(i -> Integer.toString(i)).collect(Collectors.joining(",")));
    }

    @Override
    public List<Integer> axes(String name, Function<T, List<Integer>> of) {
        return list(name, of);
    }

    @Override
    public Tensor elements(String name, Function<T, Tensor> of) {
        Tensor tensor = of.apply(op);
        values = tensor;
        list(name, any -> Forms.dims(tensor.shape()));
        return tensor;
    }
}
