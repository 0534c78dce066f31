package dev.fluxion.ffi;

import java.util.List;
import org.bytedeco.dnnl.global.dnnl;

/**
 * A weighted sum of tensors of the same shape.
 *
 * <p>Arguments: {@code Arg.source(0), Arg.source(1), …, DESTINATION}.
 *
 * @param scales the weights
 * @param sources the tensors, as many as weights and at least one
 * @param destination the result
 */
public record Sum(List<Float> scales, List<Layout> sources, Layout destination) implements Operation {
    /** Checks the lists. */
    public Sum {
        scales = List.copyOf(scales);
        sources = List.copyOf(sources);
        if (sources.isEmpty() || scales.size() != sources.size()) {
            throw new IllegalArgumentException(Errors.noSources());
        }
    }

    @Override
    public PostOps postOps() {
        return PostOps.NONE;
    }

    @Override
    public Recipe recipe() {
        float[] factors = new float[scales.size()];
        for (int i = 0; i < factors.length; i++) {
            factors[i] = scales.get(i);
        }
        Recipe recipe = new Recipe(
                "sum",
                (pd, with) -> dnnl.dnnl_sum_primitive_desc_create(
                        pd,
                        NativeLibrary.engine(),
                        with.descriptor(destination),
                        factors.length,
                        factors,
                        with.descriptors(sources),
                        with.attributes()));
        for (int i = 0; i < sources.size(); i++) {
            recipe.arg(Arg.source(i), sources.get(i));
        }
        return recipe.arg(Arg.DESTINATION, destination);
    }
}
