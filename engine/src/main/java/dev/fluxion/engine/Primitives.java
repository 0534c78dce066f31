package dev.fluxion.engine;

import dev.fluxion.ffi.NoImplementationException;
import dev.fluxion.ffi.Operation;
import dev.fluxion.ffi.Primitive;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.UnaryOperator;

/** The native library's primitives for a program's operations: steps of the same operation share one. */
final class Primitives {
    private final Map<Operation, Primitive> known = new HashMap<>();
    /** Operations that the library has no implementation for. */
    private final Set<Operation> missing = new HashSet<>();

    /** The library's primitive for an operation; empty if it has none that may be used. */
    Optional<Primitive> offered(Operation operation) {
        return offered(operation, name -> name);
    }

    /** The same with another implementation in place of the first, if it is offered. */
    Optional<Primitive> offered(Operation operation, UnaryOperator<String> rival) {
        if (missing.contains(operation)) {
            return Optional.empty();
        }
        try {
            return Optional.of(of(operation, rival));
        } catch (NoImplementationException e) {
            missing.add(operation);
            return Optional.empty();
        }
    }

    /** The library's primitive for an operation that it is known to have one for. */
    Primitive required(Operation operation) {
        return of(operation, name -> name);
    }

    private Primitive of(Operation operation, UnaryOperator<String> rival) {
        return known.computeIfAbsent(operation, o -> Primitive.of(o, rival));
    }

    /** Frees them all. */
    void close() {
        known.values().forEach(Primitive::close);
    }
}
