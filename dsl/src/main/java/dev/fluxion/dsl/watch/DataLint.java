package dev.fluxion.dsl.watch;

import dev.fluxion.data.Batch;
import dev.fluxion.data.DataLoader;
import dev.fluxion.data.Sampler;
import dev.fluxion.dsl.lint.Check;
import dev.fluxion.dsl.lint.Finding;
import dev.fluxion.dsl.lint.Findings;
import dev.fluxion.ir.Expr;
import dev.fluxion.ir.Graph;
import dev.fluxion.ir.Moments;

/** Looks at how training data are read. */
final class DataLint {
    static final String TRAINING_DATA = "the training data";
    private static final int MANY = 1000;

    private DataLint() {}

    /** Whether several batches of several samples come in the order of the data set. */
    static boolean isInOrder(DataLoader data) {
        return data.order().equals(Sampler.inOrder()) && data.batch() > 1 && data.batches() > 1;
    }

    /** Many samples in the same order over several epochs. */
    static void order(Findings findings, DataLoader data, int epochs) {
        if (isInOrder(data) && epochs > 1 && data.samples() >= MANY) {
            findings.tell(new Finding(
                    Check.UNSHUFFLED, TRAINING_DATA, Errors.sameOrder(data.samples(), epochs), Errors.shuffle()));
        }
    }

    /** A last batch of a single sample, where a layer takes moments over samples. */
    static void lastBatch(Findings findings, DataLoader data, Batch first, Subject subject) {
        boolean one = data.batches() > 1 && data.samples() % data.batch() == 1;
        if (!one || data.batch() == 1 || !findings.asks(Check.BATCH_OF_ONE)) {
            return;
        }
        for (Expr e : Graph.topological(subject.computed(true, first))) {
            if (e.op() instanceof Moments moments && moments.axes().contains(0)) {
                String seen = Errors.lastOfOne(data.samples(), data.batch(), !isOfPlaces(e.input(0)));
                findings.tell(new Finding(Check.BATCH_OF_ONE, Exprs.place(e), seen, Errors.dropLast()));
            }
        }
    }

    /** Whether it is the mean of a sample over places, of which there are several. */
    private static boolean isOfPlaces(Expr e) {
        return e.op() instanceof Moments
                && e.input(0).shape().size() > e.shape().size();
    }
}
