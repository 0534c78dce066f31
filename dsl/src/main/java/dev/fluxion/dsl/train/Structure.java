package dev.fluxion.dsl.train;

import dev.fluxion.Past;
import java.util.List;
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

    /**
     * The expressions for a batch whose sequences go on.
     *
     * @throws IllegalArgumentException if nothing tells; the message says why
     */
    Following follow(Network network, String extent, BatchShape batch, Past past);

    /** The fewest rows of a history: 0 where the first positions have none. */
    int leastRoom(int most);

    /** The expressions for any batch whose sequences go on, along each extent of which something tells. */
    List<OpenSession> sessions(Network network);

    /** The layer as the user wrote it. */
    @Override
    String toString();
}
