package dev.fluxion.examples.cli;

import dev.fluxion.dsl.train.Model;
import java.lang.reflect.InvocationTargetException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Locale;

/** Finds recipes by name: built-in nets, and classes of the user's. */
final class Recipes {
    private Recipes() {}

    /** What a user may say, besides classes. */
    static final class Names extends ArrayList<String> {
        private static final long serialVersionUID = 1L;

        Names() {
            super(Arrays.stream(Nets.values()).map(Recipes::name).toList());
        }
    }

    /**
     * A built-in net or an object of a class.
     *
     * @throws IllegalArgumentException if there is no such thing, or the class is no recipe
     */
    static Recipe of(String name) {
        for (Nets net : Nets.values()) {
            if (name(net).equals(name.toLowerCase(Locale.ROOT))) {
                return net;
            }
        }
        try {
            Class<?> found = Class.forName(name, true, Thread.currentThread().getContextClassLoader());
            if (!Recipe.class.isAssignableFrom(found)) {
                throw new IllegalArgumentException("class " + name + " must implement " + Recipe.class.getName());
            }
            return found.asSubclass(Recipe.class).getConstructor().newInstance();
        } catch (ClassNotFoundException e) {
            throw new IllegalArgumentException(
                    "no net and no class on the class path is called '" + name + "'; the nets are "
                            + String.join(", ", new Names()),
                    e);
        } catch (NoSuchMethodException | IllegalAccessException | InstantiationException e) {
            throw new IllegalArgumentException(
                    "class " + name + " must be public and have a public constructor without arguments", e);
        } catch (InvocationTargetException e) {
            throw new IllegalArgumentException("class " + name + ": its constructor failed: " + e.getCause(), e);
        } catch (LinkageError e) {
            throw new IllegalArgumentException(
                    "class " + name + " cannot be loaded: " + (e.getCause() == null ? e : e.getCause()), e);
        }
    }

    /** The model of a recipe, which the class of a user must make. */
    static Model model(Recipe recipe, TrainingData data) {
        Model model = recipe.model(data);
        if (model == null) {
            throw new IllegalArgumentException("class " + recipe.getClass().getName() + ": model(…) made no model");
        }
        return model;
    }

    /** Whether a built-in net is called so. */
    static boolean isNet(String name) {
        return new Names().contains(name.toLowerCase(Locale.ROOT));
    }

    private static String name(Nets net) {
        return net.name().toLowerCase(Locale.ROOT);
    }
}
