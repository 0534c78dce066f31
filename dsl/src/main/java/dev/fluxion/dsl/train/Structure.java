package dev.fluxion.dsl.train;

import org.jspecify.annotations.Nullable;

/** What a network computes of its inputs. */
interface Structure {
    /**
     * The expressions for a batch.
     *
     * @param network what has the inputs
     * @param training whether the network is trained, where for instance dropout is active
     * @throws dev.fluxion.ir.ShapeException if the batch does not fit
     */
    Applied apply(Network network, boolean training, BatchShape batch);

    /**
     * The expressions for any batch in prediction.
     *
     * @throws IllegalStateException if nothing tells; the message says which layer is the reason
     */
    OpenApplied prediction(Network network);

    /** The expressions for any batch in training; null if nothing tells. */
    @Nullable
    OpenApplied training(Network network);

    /** The layer as the user wrote it. */
    @Override
    String toString();
}
