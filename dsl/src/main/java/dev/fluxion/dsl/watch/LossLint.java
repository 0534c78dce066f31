package dev.fluxion.dsl.watch;

import dev.fluxion.data.Batch;
import dev.fluxion.dsl.lint.Check;
import dev.fluxion.dsl.lint.Finding;
import dev.fluxion.dsl.lint.Findings;
import org.jspecify.annotations.Nullable;

/**
 * Follows the loss over the first steps, by the means of windows of them. A loss whose value for guessing is known is compared with
 * that; of others only what grows tenfold is told. Where a part of the model is frozen, as when two networks train against each
 * other, the loss says little.
 */
final class LossLint {
    private static final int WINDOW = 20;
    private static final int MOST = 50;
    private static final int MANY = 15;
    private static final int BEGINNING = 5;
    private static final double TIMES = 10;

    private final Findings findings;
    private final Subject subject;
    private final double full;
    private double guess = Double.NaN;
    private @Nullable Batch batch;
    private long steps;
    private double first;
    private double high;
    private double last;
    private int rises;
    private double sum;
    private double slowest = Double.MAX_VALUE;
    private int windows;
    private double firstWindow;
    private double before;
    private double before2;
    private boolean grown;

    /**
     * The losses of a training.
     *
     * @param full the learning rate of the optimizer; steps at a tenth of it or less are a warm-up
     */
    LossLint(Findings findings, Subject subject, double full) {
        this.findings = findings;
        this.subject = subject;
        this.full = full;
    }

    /** Whether it has seen all that it looks at. */
    boolean isDone() {
        return windows >= MOST;
    }

    void step(Batch trained, double loss, double rate, boolean fresh) {
        batch = trained;
        steps++;
        if (steps == 1) {
            guess = subject.guess();
            first = loss;
            if (fresh && subject.isWhole() && loss > 3 * guess && loss > guess + 3) {
                tell(Check.FIRST_LOSS, Errors.firstLoss(loss, guess), Errors.smallerStart());
            }
        }
        if (subject.isWhole()) {
            follow(loss, rate);
        }
        last = loss;
        sum += loss;
        slowest = Math.min(slowest, rate);
        if (steps % WINDOW == 0) {
            window(sum / WINDOW, rate);
            sum = 0;
            slowest = Double.MAX_VALUE;
        }
    }

    /** A loss that multiplies from step to step does not wait for the end of a window. */
    private void follow(double loss, double rate) {
        rises = steps > 1 && loss > last ? rises + 1 : 0;
        if (steps <= BEGINNING) {
            high = Math.max(high, Math.abs(loss));
        } else if (rises >= 3 && loss > TIMES * TIMES * Math.max(high, 1e-6)) {
            grow(loss, rate);
        }
    }

    /** The step that failed because a number was not finite: had the loss grown until then? */
    void failed(double rate) {
        if (steps > 1 && subject.isWhole() && last > TIMES * Math.abs(first)) {
            grow(last, rate);
        }
    }

    private void window(double mean, double rate) {
        windows++;
        if (windows == 1) {
            firstWindow = mean;
        }
        if (subject.isWhole()) {
            compare(mean, rate);
        }
        before2 = before;
        before = mean;
        batch = isDone() ? null : batch;
    }

    private void compare(double mean, double rate) {
        boolean rising = windows > 3 && mean > before && before > before2 && firstWindow > 0;
        if (Double.isNaN(guess)) {
            if (rising && mean > TIMES * firstWindow || windows > 1 && mean > TIMES * high && high > 0) {
                grow(mean, rate);
            }
        } else if (mean > 3 * Math.max(first, guess) || rising && mean > 1.5 * Math.max(guess, firstWindow)) {
            grow(mean, rate);
        } else if (windows == MANY && slowest > full / TIMES && isGuess(mean)) {
            tell(Check.NOTHING_LEARNED, Errors.stuck(mean, guess, steps), Errors.learnSomething());
        }
    }

    /** Near the value of guessing, and either very near or where it began. */
    private boolean isGuess(double mean) {
        double off = Math.abs(mean - guess);
        return off < 0.01 * guess || off < 0.05 * guess && Math.abs(mean - firstWindow) < 0.005 * guess;
    }

    private void grow(double loss, double rate) {
        if (!grown) {
            grown = true;
            tell(Check.LOSS_GROWS, Errors.grows(first, loss, steps, rate), Errors.smallerRate());
        }
    }

    private void tell(Check check, String seen, String advice) {
        if (batch != null && findings.asks(check)) {
            findings.tell(new Finding(check, subject.loss(batch), seen, advice));
        }
    }
}
