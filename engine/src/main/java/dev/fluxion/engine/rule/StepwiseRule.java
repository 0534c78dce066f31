package dev.fluxion.engine.rule;

import dev.fluxion.engine.emit.Facts;
import dev.fluxion.engine.kernel.Recurrent;
import dev.fluxion.ffi.Layout;
import dev.fluxion.ffi.MatMul;
import dev.fluxion.ir.Contraction;
import dev.fluxion.ir.Expr;
import dev.fluxion.ir.Recurrence;
import java.util.List;
import java.util.Optional;

/**
 * Recurrences of a prediction with the products of their inputs, step by step: these stay in the cache, where those of all steps at once
 * are written to memory and read again.
 *
 * @param sequences of fewer, a step has too few rows for its products to run at full speed
 * @param products the products of all steps: fewer are still in a second-level cache when they are read
 * @param weights more of them, of input and state, are not in a second-level cache any more in the next step
 */
public record StepwiseRule(int sequences, int products, int weights) implements Rule {
    @Override
    public String name() {
        return "stepwise";
    }

    @Override
    public Optional<Match> match(Candidate c, Facts facts) {
        Expr e = c.core();
        if (!(e.op() instanceof Recurrence op) || c.covers().size() == 1 || facts.updates()) {
            return Optional.empty();
        }
        Expr product = c.covers().stream()
                .filter(covered -> covered.op() instanceof Contraction.MatMul)
                .findFirst()
                .orElseThrow();
        Expr whole = facts.whole(e);
        boolean pays = whole.shape().dim(0) >= sequences
                && whole.input(0).shape().size() >= products
                && product.input(1).shape().size() + e.input(1).shape().size() <= weights;
        if (!pays || !facts.isStable(product.input(1))) {
            return Optional.empty();
        }
        Recurrent sizes = RecurrentLowering.sizes(op, e);
        return RecurrentKernels.of(sizes, Optional.of(input(c, product, sizes)), facts::offered)
                .map(kernels -> RecurrentLowering.forward(
                        this, c, reads(c, product, kernels), facts, kernels.implementation(), kernels));
    }

    /** The product of the inputs in a step. */
    private static MatMul input(Candidate c, Expr product, Recurrent sizes) {
        long inner = product.input(1).shape().dim(0);
        return MatMul.of(
                        Layout.plain(sizes.sequences(), inner),
                        Layout.any(inner, product.input(1).shape().dim(1)),
                        sizes.products())
                .bias(c.bias().isPresent() ? RecurrentKernels.bias(sizes) : null);
    }

    private static List<Laid> reads(Candidate c, Expr product, RecurrentKernels kernels) {
        List<Laid> reads = RecurrentLowering.reads(c.core(), 1, kernels.stateWeights());
        reads.set(0, Laid.plain(product.input(0)));
        reads.add(new Laid(product.input(1), kernels.inputWeights()));
        c.bias().map(Laid::plain).ifPresent(reads::add);
        return reads;
    }
}
