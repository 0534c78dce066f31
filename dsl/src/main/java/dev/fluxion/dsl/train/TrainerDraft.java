package dev.fluxion.dsl.train;

import dev.fluxion.MultiLoss;
import dev.fluxion.Optimizer;
import dev.fluxion.Schedule;
import dev.fluxion.dsl.lint.Lint;
import java.util.List;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/** The components of a trainer while a method changes some of them. */
final class TrainerDraft {
    final MultiLoss loss;
    final Optimizer optimizer;
    Trainer.Limits limits;
    Schedule schedule;
    Evaluations evaluations;
    List<TrainingListener> listeners;
    Lint lint;
    UnaryOperator<Training> trained;
    TrainingStep step;

    @Nullable
    Checkpoint start;

    int from;

    @Nullable
    Checkpoints checkpoints;

    @Nullable
    EarlyStopping stopping;

    TrainerDraft(Trainer from) {
        this.loss = from.loss();
        this.optimizer = from.optimizer();
        this.limits = from.limits();
        this.schedule = from.schedule();
        this.evaluations = from.evaluations();
        this.listeners = from.listeners();
        this.lint = from.lint();
        this.trained = from.trained();
        this.step = from.step();
        this.start = from.start();
        this.from = from.from();
        this.checkpoints = from.checkpoints();
        this.stopping = from.stopping();
    }

    Trainer made() {
        return new Trainer(
                loss,
                optimizer,
                limits,
                schedule,
                evaluations,
                listeners,
                lint,
                trained,
                step,
                start,
                from,
                checkpoints,
                stopping);
    }
}
