package dev.fluxion.engine.kernel;

import dev.fluxion.engine.error.Errors;
import dev.fluxion.engine.plan.Buffer;
import dev.fluxion.engine.plan.Step;
import java.util.List;

/** The room for what is computed in Java, which sees memory through buffers that count their bytes in an int. */
public final class Room {
    private Room() {}

    /**
     * Requires that code in Java can see all that a step touches.
     *
     * @param kernel the name of that code
     * @throws IllegalArgumentException if a buffer is too long
     */
    public static void require(Step step, String kernel) {
        for (List<Buffer> buffers : List.of(step.reads(), step.writes(), step.scratch())) {
            for (Buffer buffer : buffers) {
                if (buffer.bytes() > Integer.MAX_VALUE) {
                    throw new IllegalArgumentException(Errors.tooLongForJava(step, kernel, buffer));
                }
            }
        }
    }
}
