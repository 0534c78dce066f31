package dev.fluxion.io;

import dev.fluxion.Tensor;
import dev.fluxion.ir.Shape;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;

/** Tensors beside the parameters that they are for. */
final class Match<E extends Exception> {
    private final Loading how;
    private final String subject;
    private final Map<String, Shape> parameters;
    private final Map<String, Offer<E>> taken = new LinkedHashMap<>();
    private final Map<String, Offer<E>> unexpected = new LinkedHashMap<>();
    private final List<String> missing;

    /**
     * Finds a tensor for each parameter.
     *
     * @param subject what messages begin with
     */
    Match(Loading how, String subject, Map<String, Shape> parameters, List<Offer<E>> offers) {
        this.how = how;
        this.subject = subject;
        this.parameters = parameters;
        for (Offer<E> offer : offers) {
            String name = how.name(offer.name());
            boolean wanted = parameters.containsKey(name);
            Offer<E> before = (wanted ? taken : unexpected).put(name, offer);
            if (wanted && before != null) {
                throw refused(Errors.renamedAlike(before.name(), offer.name(), name));
            }
        }
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
                    finite(match.getKey(), match.getValue().source().read()));
            if (match.getValue().cast()) {
                cast.put(match.getKey(), match.getValue().type());
            }
        }
        to.accept(values);
        return new LoadReport(List.copyOf(taken.keySet()), missing, List.copyOf(unexpected.keySet()), cast, near());
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
            Offer<E> offer = taken.get(name);
            if (offer != null) {
                problems.addAll(problems(name, shape, offer));
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
        return offer.floating() ? List.of() : List.of(Errors.type(name, offer.type()));
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
        unexpected.forEach((name, offer) -> offered.put(name, offer.shape()));
        return Near.names(wanted, offered);
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
