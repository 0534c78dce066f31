package dev.fluxion.engine;

import dev.fluxion.engine.plan.Buffer;
import dev.fluxion.engine.plan.Step;
import dev.fluxion.ffi.Blas;
import dev.fluxion.ffi.Call;
import dev.fluxion.ffi.Slice;
import dev.fluxion.ir.Elementwise;
import dev.fluxion.ir.Expr;
import dev.fluxion.ir.UnaryFn;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.function.DoubleSupplier;
import java.util.function.Function;

/**
 * A rule that adds multiples of tensors to others, as gradient descent does with and without momentum: each target is scaled
 * and added to in place by BLAS, one after the other, several times as fast as by a fused kernel.
 */
final class WeightedSums {
    private static final DoubleSupplier ONE = WeightedSums::one;

    private final WrittenRule rule;
    /** What an expression is when a target's turn comes: a leaf that has not changed yet, or the next value of one that has. */
    private final Map<Expr, Expr> standing = new HashMap<>();

    private final Map<Expr, Map<Expr, DoubleSupplier>> changes = new LinkedHashMap<>();

    private WeightedSums(WrittenRule rule) {
        this.rule = rule;
    }

    private static double one() {
        return 1;
    }

    /** The rule's sums; empty if it does anything else, or needs a value that it has overwritten. */
    static Optional<WeightedSums> of(WrittenRule rule) {
        WeightedSums sums = new WeightedSums(rule);
        return sums.expand() ? Optional.of(sums) : Optional.empty();
    }

    private boolean expand() {
        standing.put(rule.gradient(), rule.gradient());
        rule.next().keySet().forEach(leaf -> standing.put(leaf, leaf));
        for (Map.Entry<Expr, Expr> change : rule.next().entrySet()) {
            Map<Expr, DoubleSupplier> sum = new LinkedHashMap<>();
            if (!add(change.getValue(), ONE, sum) || !sum.containsKey(change.getKey())) {
                return false;
            }
            changes.put(change.getKey(), sum);
            standing.remove(change.getKey());
            standing.put(change.getValue(), change.getKey());
        }
        return true;
    }

    /** Adds a multiple of an expression to a sum; false if it is no weighted sum itself. */
    private boolean add(Expr e, DoubleSupplier factor, Map<Expr, DoubleSupplier> sum) {
        Expr term = standing.get(e);
        if (term != null) {
            sum.merge(term, factor, (a, b) -> () -> a.getAsDouble() + b.getAsDouble());
            return true;
        }
        if (e.op() instanceof Elementwise.Unary unary) {
            return unary.fn() == UnaryFn.NEG && add(e.input(0), times(factor, () -> -1), sum);
        }
        if (!(e.op() instanceof Elementwise.Binary binary)) {
            return false;
        }
        Expr a = e.input(0);
        Expr b = e.input(1);
        return switch (binary.fn()) {
            case ADD -> add(a, factor, sum) && add(b, factor, sum);
            case SUB -> add(a, factor, sum) && add(b, times(factor, () -> -1), sum);
            case MUL -> rule.number(b).isPresent() ? scaled(a, b, factor, sum) : scaled(b, a, factor, sum);
            default -> false;
        };
    }

    private boolean scaled(Expr e, Expr by, DoubleSupplier factor, Map<Expr, DoubleSupplier> sum) {
        return rule.number(by).map(n -> add(e, times(factor, n), sum)).orElse(false);
    }

    private static DoubleSupplier times(DoubleSupplier a, DoubleSupplier b) {
        return a == ONE ? b : () -> a.getAsDouble() * b.getAsDouble();
    }

    /** The step that changes memory of equal size: the targets are written, the gradient is read. */
    Step step(Map<Expr, Buffer> places, List<Buffer> writes) {
        Buffer gradient = Objects.requireNonNull(places.get(rule.gradient()));
        int count = rule.shape().size();
        Step.Binder binder = bound -> bind(
                count,
                e -> bound.of(Objects.requireNonNull(places.get(e))),
                (factor, to) -> Blas.axpy(count, factor, bound.of(gradient), to));
        return Step.of("weighted sums", "", List.copyOf(places.values()), writes, "openblas", binder)
                .flops(flops());
    }

    double flops() {
        return 2.0
                * rule.shape().size()
                * changes.values().stream().mapToInt(Map::size).sum();
    }

    /** Adds multiples of itself to memory. */
    interface Addend {
        /** {@code to += factor · this}. */
        Call add(DoubleSupplier factor, Slice to);
    }

    /** The kernel for vectors of so many floats, given where the targets lie and what the gradient is. */
    Step.Kernel bind(int count, Function<Expr, Slice> place, Addend gradient) {
        List<Call> calls = new ArrayList<>();
        changes.forEach((target, sum) -> {
            Slice to = place.apply(target);
            DoubleSupplier own = Objects.requireNonNull(sum.get(target));
            if (own != ONE) {
                calls.add(Blas.scal(count, own, to));
            }
            sum.forEach((term, factor) -> {
                if (term == rule.gradient()) {
                    calls.add(gradient.add(factor, to));
                } else if (term != target) {
                    calls.add(Blas.axpy(count, factor, place.apply(term), to));
                }
            });
        });
        return new Calls(calls);
    }

    private static final class Calls implements Step.Kernel {
        private final Call[] calls;

        Calls(List<Call> calls) {
            this.calls = calls.toArray(Call[]::new);
        }

        @Override
        public void run() {
            for (Call call : calls) {
                call.run();
            }
        }

        @Override
        public void close() {
            for (Call call : calls) {
                call.close();
            }
        }
    }
}
