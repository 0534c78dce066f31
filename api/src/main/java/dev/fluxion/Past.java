package dev.fluxion;

import dev.fluxion.ir.Given;
import java.util.Set;

/**
 * What layers know of sequences that go on from one prediction to the next: positions, along axis 1 of what follows from some
 * inputs, come behind those of the predictions before.
 *
 * @param inputs the names of the inputs that bring positions
 * @param steps how many they bring
 * @param room how many earlier positions a history holds, 0 if there are none yet
 * @param most how many positions a sequence has at most
 */
public record Past(Set<String> inputs, int steps, int room, int most) {
    /** The name of the input that tells the places of the positions that an input brings, counted from 0: so many integers. */
    public static final String POSITIONS = "session positions";

    /** Copies the names. */
    public Past {
        inputs = Set.copyOf(Given.require("Past", "the names of the inputs", inputs));
    }
}
