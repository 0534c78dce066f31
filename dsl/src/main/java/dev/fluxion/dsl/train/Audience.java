package dev.fluxion.dsl.train;

import dev.fluxion.dsl.train.TrainingListener.Begun;
import dev.fluxion.dsl.train.TrainingListener.Ended;
import java.io.IOException;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The listeners of one training.
 *
 * @param listeners the listeners in the order in which they hear of things
 */
record Audience(List<TrainingListener> listeners) {
    interface Work {
        Outcome run() throws IOException;
    }

    /** Lets the listeners hear of the start and of the end of some work, of the end whatever happens. */
    Outcome attend(Begun begun, Work work) throws IOException {
        Outcome outcome;
        try {
            tell(begun, listener -> listener.begun(begun));
            outcome = work.run();
        } catch (IOException | RuntimeException | Error e) {
            ListenerException thrown = tellEnd(new Ended(null, e));
            if (thrown != null) {
                e.addSuppressed(thrown);
            }
            throw e;
        }
        ListenerException thrown = tellEnd(new Ended(outcome, null));
        if (thrown != null) {
            throw thrown;
        }
        return outcome;
    }

    /** Tells the listeners something, up to one that throws. */
    void tell(Object what, Consumer<TrainingListener> event) {
        for (TrainingListener listener : listeners) {
            ListenerException thrown = tell(listener, what, event);
            if (thrown != null) {
                throw thrown;
            }
        }
    }

    /** Tells all listeners; gives what the first one threw, with what others threw. */
    private @Nullable ListenerException tellEnd(Ended ended) {
        ListenerException first = null;
        for (TrainingListener listener : listeners) {
            ListenerException thrown = tell(listener, ended, to -> to.ended(ended));
            if (first != null && thrown != null) {
                first.addSuppressed(thrown);
            }
            first = first == null ? thrown : first;
        }
        return first;
    }

    private static @Nullable ListenerException tell(
            TrainingListener listener, Object what, Consumer<TrainingListener> event) {
        try {
            event.accept(listener);
            return null;
        } catch (RuntimeException e) {
            return new ListenerException(Errors.listenerThrew(listener, what, e), e);
        }
    }
}
