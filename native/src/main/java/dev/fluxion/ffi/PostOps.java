package dev.fluxion.ffi;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * What a primitive does to each element of its result before it stores it, in order. Without post-ops the list is empty.
 *
 * @param steps the post-ops in the order in which they are applied
 */
public record PostOps(List<Step> steps) {
    /** One post-op. */
    public sealed interface Step {}

    /** {@code x = function(x)}; alpha and beta as in {@link Eltwise}. */
    public record Apply(Eltwise.Function function, float alpha, float beta) implements Step {
        @Override
        public String toString() {
            return Text.lower(function) + "(" + alpha + ", " + beta + ")";
        }
    }

    /** {@code x = function(x, operand)}; dimensions of size 1 in the operand are broadcast. See {@link Arg#postOp}. */
    public record Combine(Binary.Function function, Layout operand) implements Step {
        @Override
        public String toString() {
            return Text.lower(function) + "(" + operand + ")";
        }
    }

    /** {@code x = x + scale * destination}, with what the destination held before the run. */
    public record Accumulate(float scale) implements Step {
        @Override
        public String toString() {
            return "sum(" + scale + ")";
        }
    }

    /** No post-op. */
    public static final PostOps NONE = new PostOps(List.of());

    /** Copies the list. */
    public PostOps {
        steps = List.copyOf(steps);
    }

    /** These and then a function of the result. */
    public PostOps eltwise(Eltwise.Function function, float alpha, float beta) {
        return and(new Apply(function, alpha, beta));
    }

    /** These and then a binary function of the result and one more tensor, bound as {@link Arg#postOp}. */
    public PostOps binary(Binary.Function function, Layout operand) {
        return and(new Combine(function, operand));
    }

    /** These and then the old content of the destination, scaled, added. */
    public PostOps sum(float scale) {
        return and(new Accumulate(scale));
    }

    private PostOps and(Step step) {
        List<Step> more = new ArrayList<>(steps);
        more.add(step);
        return new PostOps(more);
    }

    @Override
    public boolean equals(@Nullable Object o) {
        return o instanceof PostOps that && steps.equals(that.steps);
    }

    @Override
    public int hashCode() {
        return steps.hashCode();
    }

    @Override
    public String toString() {
        return steps.stream().map(Step::toString).collect(Collectors.joining(" then "));
    }
}
