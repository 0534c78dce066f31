package dev.fluxion.engine.run;

import dev.fluxion.engine.store.ParameterStore;
import dev.fluxion.engine.store.Scalars;
import dev.fluxion.engine.store.StateStore;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/** Stages of a program that run one after the other: one of them, or all. */
public final class Stages {
    private final Stage[] order;
    private final Scalars[] scalars;
    private final boolean updates;
    private final boolean trains;

    /** Stages in their order. */
    public Stages(List<Stage> stages) {
        this.order = stages.toArray(new Stage[0]);
        Set<Scalars> all = new LinkedHashSet<>();
        boolean some = false;
        boolean training = false;
        for (Stage stage : order) {
            all.addAll(List.of(stage.scalars()));
            some |= stage.updates();
            training |= stage.trains();
        }
        this.scalars = all.toArray(new Scalars[0]);
        this.updates = some;
        this.trains = training;
    }

    /** Whether one of them has this name. */
    boolean contains(String name) {
        for (Stage stage : order) {
            if (stage.name().equals(name)) {
                return true;
            }
        }
        return false;
    }

    /** Whether a run begins with them. */
    public boolean first() {
        return order.length == 0 || order[0].first();
    }

    /** What their updates evaluate beforehand. */
    public Scalars[] scalars() {
        return scalars;
    }

    /** Whether they change parameters or what is kept beside them. */
    public boolean updates() {
        return updates;
    }

    /** Whether they change parameters, and not only what is kept beside them. */
    public boolean trains() {
        return trains;
    }

    /** Runs them, while nobody else changes the parameters. */
    public void run(Executable executable, ParameterStore parameters, StateStore state) {
        for (Stage stage : order) {
            executable.renew(parameters);
            stage.run(executable, parameters, state);
        }
    }

    /** Runs and measures them, while nobody else changes the parameters. */
    public void run(Executable.Profile profile, int run, ParameterStore parameters, StateStore state) {
        profile.renew(parameters);
        for (Stage stage : order) {
            stage.prepare();
        }
        try {
            profile.run(run);
        } catch (RuntimeException | Error e) {
            for (Stage stage : order) {
                stage.forget();
            }
            throw Stage.failed(e, parameters, state);
        } finally {
            if (updates) {
                parameters.versions().changed(trains);
            }
        }
        for (Stage stage : order) {
            stage.advance();
        }
    }
}
