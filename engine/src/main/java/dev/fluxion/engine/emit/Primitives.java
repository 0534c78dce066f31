package dev.fluxion.engine.emit;

import dev.fluxion.engine.plan.Buffer;
import dev.fluxion.engine.plan.Step;
import dev.fluxion.ffi.Arg;
import dev.fluxion.ffi.NoImplementationException;
import dev.fluxion.ffi.Operation;
import dev.fluxion.ffi.Primitive;
import dev.fluxion.ir.Expr;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.UnaryOperator;

/** The native library's primitives for a program's operations: steps of the same operation share one. */
public final class Primitives {
    /** Work of which half takes longer than threads need to meet. */
    private static final double LONG = 4e6;

    private final Map<Operation, Primitive> first = new HashMap<>();
    /** Where another implementation than the first was preferred. */
    private final Map<Operation, Primitive> preferred = new HashMap<>();
    /** Operations that the library has no implementation for. */
    private final Set<Operation> missing = new HashSet<>();

    /** The library's primitive for an operation; empty if it has none that may be used. */
    public Optional<Primitive> offered(Operation operation) {
        return offered(first, operation, name -> name);
    }

    /** The same with another implementation in place of the first, if it is offered. */
    public Optional<Primitive> offered(Operation operation, UnaryOperator<String> implementation) {
        return offered(preferred, operation, implementation);
    }

    private Optional<Primitive> offered(
            Map<Operation, Primitive> known, Operation operation, UnaryOperator<String> implementation) {
        if (missing.contains(operation)) {
            return Optional.empty();
        }
        try {
            return Optional.of(of(known, operation, implementation));
        } catch (NoImplementationException e) {
            missing.add(operation);
            return Optional.empty();
        }
    }

    /** The library's primitive for an operation that it is known to have one for. */
    public Primitive required(Operation operation) {
        return of(first, operation, name -> name);
    }

    private static Primitive of(
            Map<Operation, Primitive> known, Operation operation, UnaryOperator<String> implementation) {
        return known.computeIfAbsent(operation, o -> Primitive.of(o, implementation));
    }

    /** The step of a primitive. The first of {@code writes} is its result. */
    public static Step step(
            String operator,
            String origin,
            Primitive primitive,
            Map<Arg, Buffer> reads,
            Map<Arg, Buffer> writes,
            double flops) {
        return new PrimitiveStep(operator, origin, reads, writes, Optional.empty(), Optional.empty())
                .of(primitive, flops, (operation, preferred) -> Optional.empty());
    }

    /** The same for an expression, whose operator it computes. */
    public static Step step(
            Expr e, Primitive primitive, Map<Arg, Buffer> reads, Map<Arg, Buffer> writes, double flops) {
        return step(e.op().toString(), e.origin(), primitive, reads, writes, flops);
    }

    /** The step of a primitive that does this. */
    public Step step(PrimitiveStep wanted, Primitive primitive, double flops) {
        return wanted.of(primitive, flops, this::offered);
    }

    /** The same; of a long sequence, in halves for two threads, if a convolution of it cannot be shared otherwise. */
    public List<Step> steps(PrimitiveStep wanted, Primitive primitive, double flops) {
        List<Step> halves =
                flops < LONG ? List.of() : new PrimitiveParts(wanted, primitive, flops).stretches(2, this::offered);
        return halves.isEmpty() ? List.of(step(wanted, primitive, flops)) : halves;
    }

    /** How many there are. */
    int count() {
        return first.size() + preferred.size();
    }

    /** Frees them all. */
    public void close() {
        first.values().forEach(Primitive::close);
        preferred.values().forEach(Primitive::close);
    }
}
