package dev.fluxion;

import dev.fluxion.ir.Given;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * Tensors by name, such as the inputs of a model or its outputs: {@code Tensors.of("ids", ids).with("mask", mask)}. It is
 * immutable.
 *
 * @param all the tensors; a single one may have the empty name, as where a model has one input
 */
public record Tensors(Map<String, Tensor> all) {
    private static final String TENSORS = "Tensors";

    /**
     * Copies the map.
     *
     * @throws IllegalArgumentException if a name or tensor is null, or a name is blank where there are others
     */
    public Tensors {
        Given.require(TENSORS, "the tensors", all);
        boolean one = all.size() == 1;
        all = one ? all : Collections.unmodifiableMap(new LinkedHashMap<>(all));
        for (Map.Entry<String, Tensor> entry : all.entrySet()) {
            Given.require(TENSORS, "the name", entry.getKey());
            require(entry.getKey(), entry.getValue());
            if (entry.getKey().isBlank() && (all.size() > 1 || !entry.getKey().isEmpty())) {
                throw new IllegalArgumentException(Errors.blankName("one of several tensors"));
            }
        }
        // One has no order to keep, and needs no copy if nobody can change it.
        all = one ? Map.copyOf(all) : all;
    }

    /** Requires a tensor; its name is written down only where there is none. */
    private static void require(String name, @Nullable Tensor tensor) {
        if (tensor == null) {
            Given.require(TENSORS, "'" + name + "'", tensor);
        }
    }

    /** No tensors, as the targets of a loss that takes none. */
    public static Tensors none() {
        return new Tensors(Map.of());
    }

    /** A single tensor without a name, for what is not one of several. */
    public static Tensors of(Tensor only) {
        return new Tensors(Map.of("", Given.require(TENSORS, "the tensor", only)));
    }

    /** A tensor by name. */
    public static Tensors of(String name, Tensor tensor) {
        require(name, tensor);
        return new Tensors(Map.of(Given.require(TENSORS, "the name", name), tensor));
    }

    /**
     * These and one more.
     *
     * @throws IllegalArgumentException if there is one of this name
     */
    public Tensors with(String name, Tensor tensor) {
        Map<String, Tensor> more = new LinkedHashMap<>(all);
        require(name, tensor);
        if (more.put(Given.require(TENSORS, "the name", name), tensor) != null) {
            throw new IllegalArgumentException(Errors.sameTensor(name));
        }
        return new Tensors(more);
    }

    /**
     * A tensor.
     *
     * @throws IllegalArgumentException if there is none of this name; the message lists those that there are
     */
    public Tensor get(String name) {
        Tensor tensor = all.get(Given.require(TENSORS, "the name", name));
        if (tensor == null) {
            throw new IllegalArgumentException(Errors.noTensor(name, names()));
        }
        return tensor;
    }

    /**
     * The only tensor, whatever its name.
     *
     * @throws IllegalStateException if there are several, or none
     */
    public Tensor only() {
        if (all.size() != 1) {
            throw new IllegalStateException(Errors.notOneTensor(names()));
        }
        return all.values().iterator().next();
    }

    /** The names, in order. */
    public Set<String> names() {
        return all.keySet();
    }

    /** Whether the only tensor has no name. */
    public boolean isUnnamed() {
        return all.containsKey("");
    }

    /** A function applied to each tensor. */
    public Tensors map(UnaryOperator<Tensor> function) {
        Given.require("map", "the function", function);
        Map<String, Tensor> mapped = new LinkedHashMap<>(all);
        mapped.replaceAll((name, tensor) -> function.apply(tensor));
        return new Tensors(mapped);
    }
}
