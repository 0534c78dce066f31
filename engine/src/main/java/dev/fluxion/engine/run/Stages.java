package dev.fluxion.engine.run;

import dev.fluxion.engine.store.ParameterStore;
import dev.fluxion.engine.store.Scalars;
import dev.fluxion.engine.store.StateStore;
import java.util.List;
import java.util.stream.Stream;

/** Stages of a program that run one after the other: one of them, or all. */
public final class Stages {
    private final List<String> names;
    private final Stage[] order;
    private final Scalars[] scalars;
    private final boolean updates;
    private final boolean trains;

    /** Stages in their order. */
    public Stages(List<Stage> stages) {
        this.names = stages.stream().map(Stage::name).toList();
        this.order = stages.toArray(Stage[]::new);
        this.scalars = Stream.of(order)
                .flatMap(stage -> Stream.of(stage.scalars()))
                .distinct()
                .toArray(Scalars[]::new);
        this.updates = Stream.of(order).anyMatch(Stage::updates);
        this.trains = Stream.of(order).anyMatch(Stage::trains);
    }

    /** Whether one of them has this name. */
    boolean contains(String name) {
        return names.contains(name);
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
                parameters.changed();
            }
        }
        for (Stage stage : order) {
            stage.advance();
        }
    }
}
