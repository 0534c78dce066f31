package dev.fluxion.ir;

import java.util.function.Supplier;

/**
 * Who makes the expressions that are being made: the layer or loss as the user wrote it. Each expression remembers it, and
 * its gradients inherit it, so that a plan and a failure at run time can name the layer.
 */
public final class Origin {
    private static final ThreadLocal<String> CURRENT = ThreadLocal.withInitial(() -> "");

    private Origin() {}

    /** What {@code make} returns, its expressions marked as made by {@code label}. */
    public static <T> T of(String label, Supplier<T> make) {
        String before = CURRENT.get();
        CURRENT.set(label);
        try {
            return make.get();
        } finally {
            CURRENT.set(before);
        }
    }

    /** The same for expressions that {@code make} puts somewhere itself. */
    static void run(String label, Runnable make) {
        of(label, () -> {
            make.run();
            return label;
        });
    }

    static String current() {
        return CURRENT.get();
    }
}
