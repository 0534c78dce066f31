package dev.fluxion.dsl.watch;

import dev.fluxion.Tensor;
import dev.fluxion.data.Batch;
import dev.fluxion.data.DataLoader;
import dev.fluxion.dsl.lint.Check;
import dev.fluxion.dsl.lint.Finding;
import dev.fluxion.dsl.lint.Findings;
import dev.fluxion.ir.DType;
import java.util.Arrays;

/** Counts the labels of an epoch as they come: labels of one class only, and samples that come class by class. */
final class LabelLint {
    private static final int FEW = 32;
    private static final int SEVERAL = 64;
    private static final int MOST_CLASSES = 1 << 16;

    private final Findings findings;
    private final DataLoader data;
    private final boolean whole;
    private int[] counts = new int[16];
    private int classes;
    private int samples;
    private int alike;
    private int last = -1;
    private boolean given = true;
    private boolean integers;

    /**
     * The labels of data.
     *
     * @param whole whether all of the model is trained; else labels of one class may be meant, as those of a generator
     */
    LabelLint(Findings findings, DataLoader data, boolean whole) {
        this.findings = findings;
        this.data = data;
        this.whole = whole;
    }

    /** Counts the labels of a batch, if it has one for each sample. */
    void batch(Batch batch) {
        if (!given || batch.allTargets().all().size() != 1) {
            given = false;
            return;
        }
        Tensor target = batch.targets();
        given = target.size() == batch.size();
        integers |= target.dtype() == DType.INT;
        for (int i = 0; given && i < target.size(); i++) {
            count(target.dtype() == DType.INT ? target.ints()[i] : label(target.floats()[i]));
        }
    }

    private static int label(float x) {
        return x == (int) x ? (int) x : MOST_CLASSES;
    }

    private void count(int label) {
        if (label < 0 || label >= MOST_CLASSES) {
            given = label < 0;
            return;
        }
        if (label >= counts.length) {
            counts = Arrays.copyOf(counts, Math.max(label + 1, 2 * counts.length));
        }
        classes += counts[label]++ == 0 ? 1 : 0;
        alike += label == last ? 1 : 0;
        last = label;
        samples++;
    }

    /**
     * Judges at the end of an epoch.
     *
     * @param floats whether targets that are no integers are labels, too
     */
    void epoch(boolean floats) {
        if (!given || !(integers || floats)) {
            return;
        }
        if (classes == 1 && samples >= FEW && whole) {
            findings.tell(new Finding(
                    Check.ONE_CLASS,
                    DataLint.TRAINING_DATA,
                    Errors.oneClass(Integer.toString(last), samples),
                    Errors.otherLabels()));
        }
        double chance = chance();
        if (DataLint.isInOrder(data)
                && classes > 1
                && samples >= SEVERAL
                && alike > (0.5 + 0.5 * chance) * (samples - 1)) {
            findings.tell(new Finding(
                    Check.UNSHUFFLED,
                    DataLint.TRAINING_DATA,
                    Errors.byClass(alike, samples - 1, chance),
                    Errors.shuffle()));
        }
    }

    /** The chance that two samples have the same label. */
    private double chance() {
        double sum = 0;
        for (int count : counts) {
            sum += Math.pow((double) count / Math.max(1, samples), 2);
        }
        return sum;
    }
}
