package dev.fluxion.dsl.train;

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

    /** The layer as the user wrote it. */
    @Override
    String toString();
}
