package dev.fluxion.engine.store;

import dev.fluxion.engine.plan.Step;
import dev.fluxion.engine.plan.Symbol;
import java.util.function.Supplier;

/**
 * What a program has of its own.
 *
 * @param <T> what it is
 */
public interface Own<T> extends Symbol<T> {
    /** Where random numbers, steps and the learning rate are. */
    Own<Position> POSITION = program -> program.state().position();

    /** The scalars of an update of the graph, all of whose updates are counted from 0. */
    static Own<Scalars> scalars(int update) {
        return program -> program.scalars(update);
    }

    /** What it is for a program. */
    T of(Owner program);

    /** A program, with what it is bound to. */
    interface Owner extends Step.Places {
        /** The parameters. */
        ParameterStore parameters();

        /** What runs change beside them. */
        StateStore state();

        /** The scalars of an update of the graph, all of whose updates are counted from 0. */
        Scalars scalars(int update);

        /** The share in packed weights. */
        PackedWeights.Share packed(PackedForm form);

        /** What is made once for the program, whoever of its steps asks. */
        <T> T once(Own<T> own, Supplier<T> make);
    }
}
