package dev.fluxion.ir.open;

import dev.fluxion.Tensor;
import dev.fluxion.ir.DType;
import dev.fluxion.ir.Shape;
import dev.fluxion.ir.Size;
import java.util.List;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.function.ToDoubleFunction;
import java.util.function.ToIntFunction;
import java.util.function.ToLongFunction;

/**
 * The attributes of an operator, one after the other: one list of them serves for writing and for reading.
 *
 * @param <T> the operator
 */
interface Fields<T> {
    String text(String name, Function<T, String> of);

    long number(String name, ToLongFunction<T> of);

    double real(String name, ToDoubleFunction<T> of);

    /** One that is written only where it is another than usual, as it was not yet in older files. */
    double real(String name, double usual, ToDoubleFunction<T> of);

    List<Integer> list(String name, Function<T, List<Integer>> of);

    /** Elements of a shape. */
    Tensor elements(String name, Function<T, Tensor> of);

    /** Axes, which must be ascending and those of the first operand. */
    List<Integer> axes(String name, Function<T, List<Integer>> of);

    /** The same, at least one. */
    default List<Integer> someAxes(String name, Function<T, List<Integer>> of) {
        List<Integer> axes = axes(name, of);
        if (axes.isEmpty()) {
            throw new IllegalArgumentException(Errors.noAxes(name));
        }
        return axes;
    }

    default int whole(String name, ToIntFunction<T> of) {
        long number = number(name, of::applyAsInt);
        if (number != (int) number) {
            throw new IllegalArgumentException(Errors.notInt(name, number));
        }
        return (int) number;
    }

    default int axis(String name, ToIntFunction<T> of) {
        List<Integer> axes = someAxes(name, op -> List.of(of.applyAsInt(op)));
        if (axes.size() > 1) {
            throw new IllegalArgumentException(Errors.notOneAxis(name, axes));
        }
        return axes.get(0);
    }

    default Shape shape(String name, Function<T, Shape> of) {
        List<Integer> dims = list(name, op -> Forms.dims(of.apply(op)));
        return Shape.of(dims.stream().mapToInt(d -> d).toArray());
    }

    default Size size(String name, Function<T, Size> of) {
        List<Integer> both =
                list(name, op -> List.of(of.apply(op).h(), of.apply(op).w()));
        if (both.size() != 2) {
            throw new IllegalArgumentException(Errors.notSize(name, both.size()));
        }
        return Size.of(both.get(0), both.get(1));
    }

    default boolean flag(String name, Predicate<T> of) {
        return one(name, op -> of.test(op) ? "yes" : "no", List.of("no", "yes")).equals("yes");
    }

    default DType type(Function<T, DType> of) {
        return constant("type", of, List.of(DType.values()));
    }

    /** One of some constants, by its name. */
    default <E extends Enum<E>> E constant(String name, Function<T, E> of, List<E> all) {
        String found = one(
                name, op -> of.apply(op).name(), all.stream().map(Enum::name).toList());
        return all.stream().filter(e -> e.name().equals(found)).findFirst().orElseThrow();
    }

    private String one(String name, Function<T, String> of, List<String> all) {
        String found = text(name, of);
        if (!all.contains(found)) {
            throw new IllegalArgumentException(Errors.notOneOf(name, found, all));
        }
        return found;
    }
}
