package dev.fluxion.engine.rule;

import dev.fluxion.engine.emit.Facts;
import dev.fluxion.engine.kernel.Recurrent;
import dev.fluxion.ffi.Lstm;
import dev.fluxion.ffi.Primitive;
import dev.fluxion.ir.Contraction;
import dev.fluxion.ir.Expr;
import dev.fluxion.ir.Recurrence;
import dev.fluxion.ir.RecurrentCell;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * The library's own recurrence of a prediction, with the products of its inputs: all steps in one call. Its products take as long as those
 * of matrices where vectors are wide, and longer where they are not; what it saves are the beginnings of several kernels in each step.
 *
 * @param sequences of fewer, it reads the weights of the inputs so often that it pays only for few weights
 * @param weights so many, of input and state together
 * @param lanes of vectors of fewer numbers, it pays only for few products
 * @param products so many in a step
 */
public record LstmRule(int sequences, int weights, int lanes, int products) implements Rule {
    @Override
    public String name() {
        return "lstm";
    }

    @Override
    public Optional<Match> match(Candidate c, Facts facts) {
        Expr e = c.core();
        if (!(e.op() instanceof Recurrence op) || c.covers().size() == 1 || !isOffered(e, op, facts)) {
            return Optional.empty();
        }
        Expr product = c.covers().stream()
                .filter(covered -> covered.op() instanceof Contraction.MatMul)
                .findFirst()
                .orElseThrow();
        if (!pays(e, product, facts) || !facts.isStable(product.input(1)) || !facts.isStable(e.input(1))) {
            return Optional.empty();
        }
        Recurrent sizes = RecurrentLowering.sizes(op, e);
        return facts.offered(
                        LstmLowering.operation(sizes, product.input(1).shape().dim(0)))
                .map(p -> LstmLowering.match(this, c, reads(c, product, p), facts, p));
    }

    private boolean pays(Expr e, Expr product, Facts facts) {
        int rows = facts.whole(e).shape().dim(0);
        long read = (long) product.input(1).shape().size() + e.input(1).shape().size();
        boolean isRead = rows >= sequences || rows > 1 && read <= weights;
        return isRead && (facts.lanes() >= lanes || rows * read <= products);
    }

    /** Whether it is a cell that the library has, over sequences of one length, of which nobody asks for what gradients are made of. */
    private static boolean isOffered(Expr e, Recurrence op, Facts facts) {
        int operands = 3 + op.cell().states();
        int results = 1 + op.cell().states();
        return op.cell() == RecurrentCell.LSTM
                && e.inputs().size() == operands
                && !Results.isRead(e, results, facts)
                && !Results.isRead(e, results + 1, facts);
    }

    /** The operands of the recurrence with the inputs in place of their products, then the weights of the inputs and their bias. */
    private static List<Laid> reads(Candidate c, Expr product, Primitive p) {
        List<Laid> reads = RecurrentLowering.reads(
                c.core(), 1, p.layout(Lstm.STATE_WEIGHTS).permute(0, 1, 4, 2, 3));
        reads.set(0, Laid.plain(product.input(0)));
        reads.add(new Laid(product.input(1), p.layout(Lstm.INPUT_WEIGHTS)));
        c.bias().map(Laid::plain).ifPresent(reads::add);
        return new ArrayList<>(reads);
    }
}
