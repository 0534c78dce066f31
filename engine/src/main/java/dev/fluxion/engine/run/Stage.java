package dev.fluxion.engine.run;

import dev.fluxion.engine.store.ParameterStore;
import dev.fluxion.engine.store.Scalars;
import dev.fluxion.engine.store.StateStore;
import dev.fluxion.engine.update.Guard;
import dev.fluxion.engine.update.GuardSpec;
import dev.fluxion.engine.update.Spoilt;
import dev.fluxion.ir.ValueException;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/** A stage of a program. */
public final class Stage {
    private final String name;
    private final boolean first;
    private final int from;
    private final int to;
    private final boolean trains;
    private final Scalars[] scalars;
    private final Guard[] guards;

    private Stage(String name, boolean first, int from, int to, boolean trains, Scalars[] scalars, Guard[] guards) {
        this.name = name;
        this.first = first;
        this.from = from;
        this.to = to;
        this.trains = trains;
        this.scalars = scalars;
        this.guards = guards;
    }

    /** A stage of a plan. */
    public static Stage of(Plan.Stage planned, boolean first, Binding binding) {
        Set<Scalars> scalars = new LinkedHashSet<>();
        for (int update : planned.updates()) {
            scalars.add(binding.scalars(update));
        }
        List<Guard> guards = new ArrayList<>();
        for (GuardSpec spec : planned.guards()) {
            guards.add(spec.of(binding));
        }
        return new Stage(
                planned.name(),
                first,
                planned.from(),
                planned.to(),
                planned.trains(),
                scalars.toArray(new Scalars[0]),
                guards.toArray(new Guard[0]));
    }

    String name() {
        return name;
    }

    /** Whether a run begins with it. */
    boolean first() {
        return first;
    }

    /** Its first phase. */
    int from() {
        return from;
    }

    /** The phase behind its last. */
    int to() {
        return to;
    }

    /** Whether it changes parameters, and not only what is kept beside them. */
    boolean trains() {
        return trains;
    }

    /** What its updates evaluate beforehand. */
    Scalars[] scalars() {
        return scalars;
    }

    /** Whether it changes parameters or what is kept beside them. */
    boolean updates() {
        return guards.length > 0;
    }

    /** Runs it, while nobody else changes the parameters. */
    void run(Executable executable, ParameterStore parameters, StateStore state) {
        prepare();
        try {
            executable.run(from, to);
            advance();
        } catch (RuntimeException | Error e) {
            forget();
            throw failed(e, parameters, state);
        } finally {
            if (updates()) {
                parameters.versions().changed(trains);
            }
        }
    }

    void prepare() {
        for (Guard guard : guards) {
            guard.prepare();
        }
    }

    void advance() {
        for (Guard guard : guards) {
            guard.advance();
        }
    }

    /** Nobody knows how far the updates came. */
    void forget() {
        for (Guard guard : guards) {
            guard.forget();
        }
    }

    /** What becomes of the model when a run fails. */
    static RuntimeException failed(Throwable failure, ParameterStore parameters, StateStore state) {
        if (failure instanceof Spoilt spoilt) {
            String message = String.valueOf(spoilt.getMessage());
            parameters.spoil(message);
            state.doubt();
            return new ValueException(message);
        }
        if (failure instanceof RuntimeException e) {
            return e;
        }
        throw (Error) failure;
    }
}
