package dev.fluxion.dsl.watch;

import dev.fluxion.data.Batch;
import dev.fluxion.data.DataLoader;
import dev.fluxion.data.Dataset;
import dev.fluxion.dsl.lint.Findings;
import java.util.Map;

/** Looks through one run of a trainer: at its data before it begins, at its batches and losses in the first steps, then no more. */
public final class RunLint implements AutoCloseable {
    private final Findings findings;
    private final DataLoader data;
    private final Subject subject;
    private final LossLint losses;
    private final LabelLint labels;
    private final UnitLint units;
    private boolean begun;
    private boolean firstEpoch = true;

    /**
     * A run.
     *
     * @param rate the learning rate of the optimizer
     */
    public RunLint(Findings findings, DataLoader data, Subject subject, double rate) {
        this.findings = findings;
        this.data = data;
        this.subject = subject;
        this.losses = new LossLint(findings, subject, rate);
        this.labels = new LabelLint(findings, data, subject.isWhole());
        this.units = new UnitLint(findings, subject);
    }

    /** Before a run of so many epochs, with the data of evaluations by name. */
    public void begin(int epochs, Map<String, Dataset> evaluations) {
        DataLint.order(findings, data, epochs);
        evaluations.forEach((name, other) -> OverlapLint.look(findings, data.dataset(), name, other));
    }

    /** Before a step. */
    public void before(Batch batch) {
        if (!begun) {
            begun = true;
            DataLint.lastBatch(findings, data, batch, subject);
            InputLint.look(findings, batch, subject);
        }
        if (firstEpoch) {
            labels.batch(batch);
        }
    }

    /**
     * After a step.
     *
     * @param fresh whether it was the first one of a training
     */
    public void after(Batch batch, double loss, double rate, boolean fresh) {
        if (!losses.isDone()) {
            losses.step(batch, loss, rate, fresh);
        }
        if (!units.isDone()) {
            units.step(batch);
        }
    }

    /** After a step that failed. */
    public void failed(double rate) {
        losses.failed(rate);
    }

    /** After an epoch. */
    public void epoch() {
        if (firstEpoch) {
            firstEpoch = false;
            labels.epoch(!Double.isNaN(subject.guess()));
        }
    }

    @Override
    public void close() {
        units.close();
    }
}
