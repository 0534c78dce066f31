package dev.fluxion.io;

import dev.fluxion.Tensor;
import dev.fluxion.ir.DType;
import dev.fluxion.ir.Shape;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.function.Function;

/** Tensors beside the parameters that they are for; T is what stands for a tensor where it comes from. */
final class Match<T, E extends Exception> {
    private final Loading how;
    private final String subject;
    private final Map<String, Shape> parameters;
    private final Function<T, Offer<E>> offer;
    private final Map<String, Offer<E>> taken = new LinkedHashMap<>();
    private final Map<String, T> unexpected = new LinkedHashMap<>();
    private final List<String> missing;

    /**
     * Finds a tensor for each parameter.
     *
     * @param subject what messages begin with
     * @param offer makes an offer of what stands for a tensor
     */
    Match(
            Loading how,
            String subject,
            Map<String, Shape> parameters,
            Map<String, T> tensors,
            Function<T, Offer<E>> offer) {
        this.how = how;
        this.subject = subject;
        this.parameters = parameters;
        this.offer = offer;
        Map<String, String> before = new HashMap<>();
        tensors.forEach((tensor, source) -> {
            String name = how.name(tensor);
            if (!parameters.containsKey(name)) {
                unexpected.put(name, source);
            } else if (taken.put(name, offer.apply(source)) == null) {
                before.put(name, tensor);
            } else {
                throw refused(Errors.renamedAlike(String.valueOf(before.get(name)), tensor, name));
            }
        });
        this.missing = parameters.keySet().stream()
                .filter(name -> !taken.containsKey(name))
                .toList();
    }

    /** Reads what fits and hands it over, if all is well. */
    LoadReport take(Consumer<Map<String, Tensor>> to) throws E {
        requireFit();
        Map<String, Tensor> values = new LinkedHashMap<>();
        Map<String, String> cast = new LinkedHashMap<>();
        for (Map.Entry<String, Offer<E>> match : taken.entrySet()) {
            values.put(
                    match.getKey(),
                    finite(
                            match.getKey(),
                            floating(match.getKey(), match.getValue().source().read())));
            if (match.getValue().cast() || !match.getValue().floating()) {
                cast.put(match.getKey(), match.getValue().type());
            }
        }
        to.accept(values);
        return new LoadReport(
                List.copyOf(taken.keySet()),
                missing,
                List.copyOf(unexpected.keySet()),
                Collections.unmodifiableMap(cast),
                Collections.unmodifiableMap(near()));
    }

    private void requireFit() {
        List<String> problems = new ArrayList<>();
        if (!how.lenient() && !missing.isEmpty()) {
            problems.add(Errors.missingParameters(missing));
        }
        if (!how.lenient() && !unexpected.isEmpty()) {
            problems.add(Errors.unexpectedParameters(unexpected.keySet()));
        }
        if (how.lenient() && taken.isEmpty() && !parameters.isEmpty()) {
            problems.add(Errors.nothingFits(unexpected.keySet()));
        }
        parameters.forEach((name, shape) -> {
            Offer<E> found = taken.get(name);
            if (found != null) {
                problems.addAll(problems(name, shape, found));
            }
        });
        if (!problems.isEmpty()) {
            problems.addAll(hints());
            throw refused(String.join("; ", problems));
        }
    }

    private static List<String> problems(String name, Shape shape, Offer<?> offer) {
        if (!offer.shape().equals(shape.toString())) {
            return List.of(Errors.shape(name, shape, offer.shape()));
        }
        if (!offer.problem().isEmpty()) {
            return List.of(offer.problem());
        }
        return offer.floating() || shape.rank() == 0 ? List.of() : List.of(Errors.type(name, offer.type()));
    }

    private List<String> hints() {
        List<String> names = new ArrayList<>(taken.keySet());
        names.addAll(unexpected.keySet());
        String prefix = Prefix.hint(parameters.keySet(), names);
        if (!prefix.isEmpty()) {
            return List.of(prefix);
        }
        Map<String, String> near = near();
        return near.isEmpty() ? List.of() : List.of(Errors.near(near));
    }

    private Map<String, String> near() {
        Map<String, String> wanted = new LinkedHashMap<>();
        missing.forEach(name -> wanted.put(name, String.valueOf(parameters.get(name))));
        Map<String, String> offered = new LinkedHashMap<>();
        unexpected.entrySet().stream()
                .limit(Near.MOST_OFFERED)
                .forEach(e -> offered.put(e.getKey(), offer.apply(e.getValue()).shape()));
        return Near.names(wanted, offered);
    }

    /** A single integer, such as PyTorch's count of batches, is taken where float32 holds it. */
    private Tensor floating(String name, Tensor value) {
        if (value.dtype() == DType.FLOAT) {
            return value;
        }
        int number = value.ints()[0];
        if ((int) (float) number != number) {
            throw refused(Errors.inexact(name, number));
        }
        return Tensor.of(new float[] {number}, value.shape());
    }

    private Tensor finite(String name, Tensor value) {
        int bad = how.anyNumber() ? -1 : Finite.firstNotFinite(value.floats());
        if (bad >= 0) {
            throw refused(Errors.notFinite(name, value.shape(), bad, value.floats()[bad]));
        }
        return value;
    }

    private IllegalArgumentException refused(String problem) {
        return new IllegalArgumentException(subject + problem);
    }
}
