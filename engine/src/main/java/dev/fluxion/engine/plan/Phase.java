package dev.fluxion.engine.plan;

import java.util.List;
import java.util.stream.Stream;

/**
 * Steps between two points at which all threads meet: lanes that run at the same time, each step by step.
 *
 * @param lanes the steps of each lane in their order
 */
public record Phase(List<List<Step>> lanes) {
    /** Copies the lists. */
    public Phase {
        lanes = lanes.stream().map(List::copyOf).toList();
    }

    /** Steps that run one after the other. */
    public static Phase serial(List<Step> steps) {
        return new Phase(List.of(steps));
    }

    /** The steps of all lanes. */
    public Stream<Step> steps() {
        return lanes.stream().flatMap(List::stream);
    }
}
