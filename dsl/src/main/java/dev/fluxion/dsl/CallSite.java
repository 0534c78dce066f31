package dev.fluxion.dsl;

import java.lang.StackWalker.StackFrame;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The file and line where the user's program made a layer, a loss or a model, for messages. All call sites are equal, so
 * that two layers made at different lines can be equal.
 */
public final class CallSite {
    private static final StackWalker WALKER = StackWalker.getInstance();
    private static final int DEEPEST_FACTORY = 8;

    private final String place;

    private CallSite(StackFrame frame) {
        String file = frame.getFileName();
        this.place = (file != null ? file : frame.getClassName()) + ":" + frame.getLineNumber();
    }

    /** The line that called into the class which calls this method. */
    public static CallSite caller() {
        return WALKER.walk(frames -> {
            List<StackFrame> near = frames.skip(1).limit(DEEPEST_FACTORY).toList();
            String factory = near.get(0).getClassName();
            int caller = 1;
            while (caller < near.size() - 1 && near.get(caller).getClassName().equals(factory)) {
                caller++;
            }
            return new CallSite(near.get(Math.min(caller, near.size() - 1)));
        });
    }

    /** Whether the other object is a call site. */
    @Override
    public boolean equals(@Nullable Object o) {
        return o instanceof CallSite;
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
