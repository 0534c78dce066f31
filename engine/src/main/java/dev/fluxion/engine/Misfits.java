package dev.fluxion.engine;

import dev.fluxion.Tensor;
import dev.fluxion.ir.DType;
import dev.fluxion.ir.Shape;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** Says what does not fit between parameters and the values that they are to have. */
final class Misfits {
    private Misfits() {}

    /** Requires a value of its shape for each parameter, and no others; null is no value. */
    static void refuse(Map<String, Shape> parameters, Map<String, Tensor> values) {
        List<String> problems = new ArrayList<>();
        List<String> missing = without(parameters, values);
        if (!missing.isEmpty()) {
            problems.add(Errors.missing(missing));
        }
        List<String> unexpected = without(values, parameters);
        if (!unexpected.isEmpty()) {
            problems.add(Errors.unexpected(unexpected));
        }
        parameters.forEach((name, shape) -> {
            Tensor value = values.get(name);
            if (value != null && !value.shape().equals(shape)) {
                problems.add(Errors.shape(name, shape, value.shape()));
            } else if (value != null && value.dtype() != DType.FLOAT) {
                problems.add(Errors.type(name, DType.FLOAT, value.dtype()));
            }
        });
        if (!problems.isEmpty()) {
            throw new IllegalArgumentException(String.join("; ", problems));
        }
    }

    private static List<String> without(Map<String, ?> these, Map<String, ?> those) {
        return these.keySet().stream().filter(name -> those.get(name) == null).toList();
    }
}
