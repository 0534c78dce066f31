package dev.fluxion.ffi;

import java.util.List;
import org.bytedeco.dnnl.global.dnnl;

/**
 * Puts tensors one behind the other.
 *
 * <p>Arguments: {@code Arg.source(0), Arg.source(1), …, DESTINATION}.
 *
 * @param axis the dimension that grows
 * @param sources the tensors, at least one
 * @param destination the result
 */
public record Concat(int axis, List<Layout> sources, Layout destination) implements Operation {
    /** Checks the list and the axis. */
    public Concat {
        sources = List.copyOf(sources);
        if (sources.isEmpty()) {
            throw new IllegalArgumentException(Errors.noSources());
        }
        if (axis < 0 || axis >= destination.rank()) {
            throw new IllegalArgumentException(Errors.axis(axis, destination.rank()));
        }
    }

    @Override
    public PostOps postOps() {
        return PostOps.NONE;
    }

    @Override
    public Recipe recipe() {
        Recipe recipe = new Recipe(
                "concat axis " + axis,
                (pd, with) -> dnnl.dnnl_concat_primitive_desc_create(
                        pd,
                        NativeLibrary.engine(),
                        with.descriptor(destination),
                        sources.size(),
                        axis,
                        with.descriptors(sources),
                        with.attributes()));
        for (int i = 0; i < sources.size(); i++) {
            recipe.arg(Arg.source(i), sources.get(i));
        }
        return recipe.arg(Arg.DESTINATION, destination);
    }
}
