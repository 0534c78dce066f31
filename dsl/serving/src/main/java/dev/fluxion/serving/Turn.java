package dev.fluxion.serving;

import java.util.ArrayList;
import java.util.List;

/** What a worker does next. It is used again and again. */
final class Turn {
    /** The requests that are computed as one batch. */
    final List<Request> batch = new ArrayList<>();
    /** The requests that are not to be computed any more. */
    final List<Request> over = new ArrayList<>();
    /** How many slots compute the batch. */
    int slots;
}
