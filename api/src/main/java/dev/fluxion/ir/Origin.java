package dev.fluxion.ir;

import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The layer or loss, as the user wrote it, that is making expressions at present. Each expression records it and its
 * gradients inherit it, so that plans and run-time failures can name the layer.
 */
public final class Origin {
    private static final Origin NONE = new Origin("", "");
    /** Nothing where nobody makes expressions: a thread of an application server keeps none of our classes. */
    private static final ThreadLocal<@Nullable Origin> CURRENT = new ThreadLocal<>();

    final String label;
    final String place;

    private Origin(String label, String place) {
        this.label = label;
        this.place = place;
    }

    /** What {@code make} returns, its expressions marked as made by {@code label}. */
    public static <T> T of(String label, Supplier<T> make) {
        return of(label, "", make);
    }

    /**
     * The same with words that say where the label stands.
     *
     * @param place as {@code at Net.java:12 (layer 0 of the model)}
     */
    public static <T> T of(String label, String place, Supplier<T> make) {
        return of(new Origin(label, place), make);
    }

    private static <T> T of(Origin origin, Supplier<T> make) {
        Origin before = CURRENT.get();
        CURRENT.set(origin);
        try {
            return make.get();
        } finally {
            restore(before);
        }
    }

    private static void restore(@Nullable Origin before) {
        if (before == null) {
            CURRENT.remove();
        } else {
            CURRENT.set(before);
        }
    }

    /** Lets {@code make} make expressions of the same origin, and put them somewhere itself. */
    static void run(Origin origin, Runnable make) {
        of(origin, () -> {
            make.run();
            return origin;
        });
    }

    static Origin current() {
        Origin current = CURRENT.get();
        return current == null ? NONE : current;
    }
}
