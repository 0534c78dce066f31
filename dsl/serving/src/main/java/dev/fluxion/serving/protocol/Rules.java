package dev.fluxion.serving.protocol;

import dev.fluxion.Input;
import dev.fluxion.Tensor;
import dev.fluxion.Tensors;
import dev.fluxion.dsl.train.Signature;
import dev.fluxion.ir.Shape;
import dev.fluxion.serving.Batching;
import dev.fluxion.serving.Priority;
import dev.fluxion.serving.Terms;
import java.time.Duration;
import java.time.temporal.ChronoUnit;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** What is checked of a request, whatever it came by. Each throws a {@link Fault}. */
public final class Rules {
    /** So many inputs, outputs, parameters or extents a request has at most. */
    private static final int MOST = 1024;

    private static final String TIMEOUT = "timeout";
    private static final String PRIORITY = "priority";

    private Rules() {}

    /** The input of a name. */
    public static Input input(List<Input> known, String name) {
        return known.stream()
                .filter(one -> one.name().equals(name))
                .findFirst()
                .orElseThrow(() -> Faults.unknownInput(name, known));
    }

    /** The name of an output that is asked for, which must be there. */
    public static String output(Signature signature, @Nullable String name, Collection<String> parameters) {
        parameters.forEach(parameter -> {
            if (parameter.equals("classification") || parameter.startsWith("shared_memory")) {
                throw Faults.notSupported("'" + parameter + "' of an output");
            }
        });
        if (name == null
                || signature.outputs().stream().noneMatch(one -> one.name().equals(name))) {
            throw Faults.unknownOutput(name, signature);
        }
        return name;
    }

    /** Requires that a name is not among those seen, and adds it. */
    public static void once(Set<String> seen, String kind, String name) {
        if (!seen.add(name)) {
            throw Faults.twice(kind, name);
        }
    }

    /** Requires that parameters of an input ask for nothing that is not there. */
    public static void inputParameters(Collection<String> parameters) {
        if (parameters.stream().anyMatch(name -> name.startsWith("shared_memory"))) {
            throw Faults.notSupported("shared memory");
        }
    }

    /** Requires that a list of a request, which has so many, takes one more. */
    public static void requireMore(String what, int count) {
        if (count == MOST) {
            throw Faults.many(what, MOST);
        }
    }

    /** The extents of a tensor, whose product is an int, too. */
    public static int[] dims(List<Long> extents) {
        for (long extent : extents) {
            if (extent < 0 || extent > Integer.MAX_VALUE) {
                throw Faults.badExtent(extents);
            }
        }
        int[] dims = extents.stream().mapToInt(Long::intValue).toArray();
        Shape.of(dims);
        return dims;
    }

    /** Requires that not more samples come at one time than may wait. The model checks that all inputs have as many. */
    public static void room(Signature signature, Tensors inputs, Batching batching) {
        int samples = 0;
        for (Input input : signature.inputs()) {
            Tensor tensor = inputs.all().get(input.name());
            if (tensor != null && tensor.shape().rank() > 0) {
                samples = Math.max(samples, tensor.shape().dim(0));
            }
        }
        if (samples > batching.queue()) {
            throw Faults.manySamples(samples, batching.queue());
        }
    }

    /** Requires that something holds: {@code what} must be as expected. */
    public static void require(String what, String expected, boolean holds) {
        if (!holds) {
            throw Faults.wrong(what, expected);
        }
    }

    /** How a request is to be served, as its parameters say. */
    public static Terms terms(Map<String, Object> parameters) {
        for (String name : List.of("sequence_id", "sequence_start", "sequence_end")) {
            Object value = parameters.get(name);
            if (value != null && !value.equals(0L) && !value.equals(false) && !value.equals("")) {
                throw Faults.notSupported("'" + name + "'");
            }
        }
        long timeout = whole(parameters, TIMEOUT);
        long priority = whole(parameters, PRIORITY);
        Duration deadline = timeout == 0 ? Batching.FOREVER : Duration.of(timeout, ChronoUnit.MICROS);
        return Terms.of(priority == 0 ? Priority.NORMAL : priority == 1 ? Priority.HIGH : Priority.LOW)
                .deadline(deadline);
    }

    private static long whole(Map<String, Object> parameters, String name) {
        Object value = parameters.get(name);
        if (value == null) {
            return 0;
        }
        require(name, "an integer from 0 on", value instanceof Long number && number >= 0);
        return (Long) value;
    }
}
