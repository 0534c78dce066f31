package dev.fluxion.serving;

/** Why a request was not answered. */
public enum Refusal {
    /** The queue has no room for its samples. */
    FULL,
    /** Its computation had not begun at its deadline. */
    EXPIRED,
    /** The batcher is closed, or was before the request's turn came. */
    CLOSED,
    /** The caller cancelled it, or its thread was interrupted while it waited. */
    CANCELLED,
    /** Its samples do not fit the model: shapes, element types, numbers that are not finite. */
    INVALID,
    /** The model failed to compute it. */
    FAILED
}
