package dev.fluxion.examples;

import dev.fluxion.dsl.train.TrainingListener;
import java.util.Locale;
import me.tongfei.progressbar.ConsoleProgressBarConsumer;
import me.tongfei.progressbar.ProgressBar;
import me.tongfei.progressbar.ProgressBarBuilder;
import me.tongfei.progressbar.ProgressBarStyle;
import org.jspecify.annotations.Nullable;

/**
 * Prints the progress of a training: a line every few iterations and for each epoch, and on a terminal a bar below
 * them.
 */
final class Progress implements TrainingListener {
    private static final int COLUMNS = 79;
    private static final String CLEAR_LINE = "\r\u001b[K";

    private final TrainingListener lines;
    private final boolean terminal;
    private @Nullable ProgressBar bar;

    Progress(int every, boolean terminal) {
        this.lines = TrainingListener.lines(every, this::println);
        this.terminal = terminal;
    }

    @Override
    public void iteration(Iteration iteration) {
        lines.iteration(iteration);
        if (terminal) {
            ProgressBar shown = bar == null ? open(iteration) : bar;
            shown.setExtraMessage(String.format(Locale.ROOT, " loss %.3f", iteration.loss()));
            shown.stepTo(iteration.iteration() + 1);
            bar = shown;
        }
    }

    @Override
    public void evaluated(Evaluated evaluated) {
        lines.evaluated(evaluated);
    }

    @Override
    public void epoch(Epoch epoch) {
        if (bar != null) {
            bar.close();
            bar = null;
        }
        lines.epoch(epoch);
    }

    private static ProgressBar open(Iteration first) {
        return new ProgressBarBuilder()
                .setTaskName("epoch " + (first.epoch() + 1))
                .setInitialMax(first.iterations())
                .setStyle(ProgressBarStyle.UNICODE_BLOCK)
                .setConsumer(new ConsoleProgressBarConsumer(System.out, COLUMNS))
                .clearDisplayOnFinish()
                .build();
    }

    private void println(String line) {
        System.out.println(terminal ? CLEAR_LINE + line : line);
    }
}
