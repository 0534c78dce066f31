package dev.fluxion.data;

import dev.fluxion.Tensor;
import dev.fluxion.Tensors;
import dev.fluxion.ir.DType;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;

/** Batches as one, and their labels. */
final class Stacked {
    private Stacked() {}

    /** The samples of batches one after the other. */
    static Batch of(String call, List<Batch> parts) {
        if (parts.isEmpty()) {
            throw new IllegalArgumentException(Errors.emptyBatch());
        }
        return parts.size() == 1
                ? parts.get(0)
                : new Batch(all(call, parts, "input", Batch::allInputs), all(call, parts, "target", Batch::allTargets));
    }

    private static Tensors all(String call, List<Batch> parts, String kind, Function<Batch, Tensors> of) {
        Tensors first = of.apply(parts.get(0));
        Map<String, Tensor> stacked = new LinkedHashMap<>();
        for (Batch part : parts) {
            if (!of.apply(part).names().equals(first.names())) {
                throw new IllegalArgumentException(Errors.otherNames(
                        call, kind, first.names(), of.apply(part).names()));
            }
        }
        for (String name : first.names()) {
            stacked.put(name, stack(call, kind, name, parts, of));
        }
        return new Tensors(stacked);
    }

    @SuppressWarnings("SuspiciousSystemArraycopy")
    private static Tensor stack(String call, String kind, String name, List<Batch> parts, Function<Batch, Tensors> of) {
        Tensor first = of.apply(parts.get(0)).get(name);
        int rows = 0;
        for (Batch part : parts) {
            Tensor own = of.apply(part).get(name);
            rows += own.shape().dim(0);
            if (own.dtype() != first.dtype()
                    || !own.shape().without(0).equals(first.shape().without(0))) {
                throw new IllegalArgumentException(Errors.otherSample(call, kind, name, first, own));
            }
        }
        boolean floats = first.dtype() == DType.FLOAT;
        int size = rows * first.shape().without(0).size();
        Object to = floats ? new float[size] : new int[size];
        int at = 0;
        for (Batch part : parts) {
            Tensor own = of.apply(part).get(name);
            System.arraycopy(floats ? own.floats() : own.ints(), 0, to, at, own.size());
            at += own.size();
        }
        return to instanceof float[] data
                ? Tensor.of(data, first.shape().with(0, rows))
                : Tensor.of((int[]) to, first.shape().with(0, rows));
    }

    /** The label of a sample. */
    static int label(Tensor target) {
        if (target.dtype() != DType.INT || target.size() != 1) {
            throw new IllegalArgumentException(Errors.noLabels("labels", target));
        }
        return target.ints()[0];
    }
}
