package dev.fluxion.dsl.train;

import dev.fluxion.Tensor;
import dev.fluxion.ir.Shape;
import dev.fluxion.ir.Slot;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Stream;

/** Checks whether the state of one training fits another. */
final class StateMismatch {
    private StateMismatch() {}

    /**
     * Refuses a state with other slots than those of a training, or with slots of another shape.
     *
     * @param expected the slots of the training
     * @param given those of the state
     * @param shapes the shapes of the parameters
     */
    static void refuse(Set<Slot> expected, Map<Slot, Tensor> given, Function<String, Shape> shapes) {
        List<Slot> missing =
                expected.stream().filter(slot -> !given.containsKey(slot)).toList();
        List<Slot> unexpected =
                given.keySet().stream().filter(slot -> !expected.contains(slot)).toList();
        if (!missing.isEmpty() || !unexpected.isEmpty()) {
            throw new IllegalArgumentException(
                    Errors.stateMismatch(names(expected), names(given.keySet()), missing, unexpected));
        }
        given.forEach((slot, value) -> {
            Shape shape = shapes.apply(slot.parameter());
            if (!shape.equals(value.shape())) {
                throw new IllegalArgumentException(Errors.stateShape(slot, shape, value.shape()));
            }
        });
    }

    private static Set<String> names(Set<Slot> slots) {
        Stream<String> names = slots.stream().map(Slot::name);
        return names.collect(LinkedHashSet::new, Set::add, Set::addAll);
    }
}
