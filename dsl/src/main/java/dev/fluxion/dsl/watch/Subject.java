package dev.fluxion.dsl.watch;

import dev.fluxion.Tensors;
import dev.fluxion.data.Batch;
import dev.fluxion.ir.Expr;
import java.util.List;
import java.util.Map;
import java.util.function.Function;

/** The training that is looked through. */
public interface Subject {
    /** All that the network computes of a batch like this one, in training or else in prediction. */
    List<Expr> computed(boolean training, Batch batch);

    /** What computes some of these for prediction, by name, for batches of this size. */
    Probe probe(Map<String, Expr> values, Batch batch);

    /** The loss, with the line that made it if that is known. */
    String loss(Batch batch);

    /** The loss of a model that has learnt nothing, or NaN. */
    double guess();

    /** Whether all parameters are trained. */
    boolean isWhole();

    /** Computes values of batches until it is closed. */
    interface Probe extends Function<Batch, Tensors>, AutoCloseable {
        @Override
        void close();
    }
}
