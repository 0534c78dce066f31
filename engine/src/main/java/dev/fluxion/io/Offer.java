package dev.fluxion.io;

import dev.fluxion.Tensor;
import dev.fluxion.ir.DType;
import java.io.IOException;
import java.util.Arrays;
import java.util.stream.Collectors;

/**
 * A tensor that a parameter may take its value from.
 *
 * @param shape its shape, as shapes are written
 * @param type its element type, as it is written where it comes from
 * @param floating whether it is, or becomes, float32
 * @param cast whether it has to become that
 * @param problem why it cannot be read, or empty
 * @param source reads it
 */
record Offer<E extends Exception>(
        String shape, String type, boolean floating, boolean cast, String problem, Source<E> source) {
    interface Source<E extends Exception> {
        Tensor read() throws E;
    }

    static Offer<IOException> of(Description what, Source<IOException> source) {
        String shape = Arrays.stream(what.shape()).mapToObj(Long::toString).collect(Collectors.joining("×"));
        boolean floating = Type.of(what.type()).filter(Type::floating).isPresent();
        boolean cast = floating && !what.type().equals(Type.F32.name());
        return new Offer<>(
                shape.isEmpty() ? "scalar" : shape,
                what.type(),
                floating,
                cast,
                what.problem().orElse(""),
                source);
    }

    static Offer<RuntimeException> of(Tensor tensor) {
        boolean floating = tensor.dtype() == DType.FLOAT;
        return new Offer<>(tensor.shape().toString(), tensor.dtype().toString(), floating, false, "", () -> tensor);
    }
}
