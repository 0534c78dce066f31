package dev.fluxion.dsl.layer;

/** Which keys the queries of an attention see, whatever masks say. */
enum Sight {
    /** All keys. */
    ALL,
    /** Query i sees keys 0 to i. */
    EARLIER,
    /** Queries go on in a session, keys are whole: a query sees those up to its position. */
    UP_TO_POSITION,
    /** Keys go on as queries do: a query sees those that a session has kept, and of those of now the ones up to itself. */
    KEPT
}
