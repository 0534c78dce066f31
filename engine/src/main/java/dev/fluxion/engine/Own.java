package dev.fluxion.engine;

import dev.fluxion.engine.plan.Symbol;

/**
 * What a program has of its own.
 *
 * @param <T> what it is
 */
interface Own<T> extends Symbol<T> {
    /** Where random numbers, steps and the learning rate are. */
    Own<Position> POSITION = program -> program.state().position();

    /** The scalars of an update of the graph, all of whose updates are counted from 0. */
    static Own<Scalars> scalars(int update) {
        return program -> program.scalars(update);
    }

    /** What it is for a program. */
    T of(Binding program);
}
