package dev.fluxion.dsl;

import java.lang.StackWalker.StackFrame;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The file and line where the user wrote a layer or a loss, for messages. It is no part of the value of what was written
 * there: all sources are equal.
 */
public final class Source {
    private static final StackWalker WALKER = StackWalker.getInstance();
    private static final int DEEPEST_FACTORY = 8;

    private final String place;

    private Source(StackFrame frame) {
        String file = frame.getFileName();
        this.place = (file != null ? file : frame.getClassName()) + ":" + frame.getLineNumber();
    }

    /** The line that called into the class which calls this method. */
    static Source caller() {
        return WALKER.walk(frames -> {
            List<StackFrame> near = frames.skip(1).limit(DEEPEST_FACTORY).toList();
            String factory = near.get(0).getClassName();
            int caller = 1;
            while (caller < near.size() - 1 && near.get(caller).getClassName().equals(factory)) {
                caller++;
            }
            return new Source(near.get(Math.min(caller, near.size() - 1)));
        });
    }

    /** Whether the other is a source. */
    @Override
    public boolean equals(@Nullable Object o) {
        return o instanceof Source;
    }

    @Override
    public int hashCode() {
        return 0;
    }

    /** The file and the line, as {@code TutorialNets.java:31}. */
    @Override
    public String toString() {
        return place;
    }
}
