package dev.fluxion.serving.spring;

import org.jspecify.annotations.Nullable;

/** A property with which no model can be served. */
public final class PropertyException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final String property;

    private PropertyException(String property, String what, @Nullable Throwable cause) {
        super(property + ": " + what, cause);
        this.property = property;
    }

    /** A property of all models, and why it is refused. */
    static PropertyException of(String property, Throwable why) {
        return new PropertyException("fluxion." + property, String.valueOf(why.getMessage()), why);
    }

    /** A property of a model, and what is wrong with it. */
    static PropertyException of(String model, String property, String what) {
        return new PropertyException(property(model, property), what, null);
    }

    /** A property of a model, and why it is refused. */
    static PropertyException of(String model, String property, Throwable why) {
        return new PropertyException(property(model, property), String.valueOf(why.getMessage()), why);
    }

    private static String property(String model, String property) {
        return "fluxion.models." + model + (property.isEmpty() ? "" : "." + property);
    }

    /** The name of the property. */
    public String property() {
        return property;
    }
}
