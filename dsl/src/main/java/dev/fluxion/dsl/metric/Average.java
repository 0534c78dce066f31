package dev.fluxion.dsl.metric;

/**
 * How the values of classes become one. A class is absent if neither a target nor a prediction names it; it has no value
 * and is in no average.
 */
public enum Average {
    /** No classes, but a yes or no for each element: outputs are logits, targets of their shape are 1 or 0. */
    BINARY,
    /** The counts of all classes are added up first: each sample weighs the same. */
    MICRO,
    /** The plain mean over classes: each class weighs the same. */
    MACRO,
    /** The mean over classes, weighted by how many targets are of each. */
    WEIGHTED,
    /** One value for each class, named as {@code recall[3]}. */
    PER_CLASS;

    /** The name of a metric with this average, as {@code macroRecall}. */
    String name(String of) {
        return switch (this) {
            case BINARY -> prefixed("binary", of);
            case MICRO -> prefixed("micro", of);
            case MACRO -> prefixed("macro", of);
            case WEIGHTED -> prefixed("weighted", of);
            case PER_CLASS -> of;
        };
    }

    private static String prefixed(String prefix, String name) {
        return prefix + Character.toUpperCase(name.charAt(0)) + name.substring(1);
    }
}
