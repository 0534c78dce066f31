package dev.fluxion.engine.plan;

import java.util.ArrayList;
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

    /**
     * Neighbouring steps of a lane that run together, once or for one tile after the other.
     *
     * @param from the first step
     * @param to the step behind the last
     * @param times how many tiles there are
     */
    public record Block(int from, int to, int times) {}

    /** The blocks of a lane: loops, and what lies between them. */
    public static List<Block> blocks(List<Step> lane) {
        List<Block> blocks = new ArrayList<>();
        for (int from = 0, to = 0; from < lane.size(); from = to) {
            ScheduleKey key = lane.get(from).key();
            while (to < lane.size() && continues(key, lane.get(to).key())) {
                to++;
            }
            blocks.add(new Block(from, to, key.times()));
        }
        return blocks;
    }

    private static boolean continues(ScheduleKey first, ScheduleKey next) {
        return first.isLoop() ? next.equals(first) : !next.isLoop();
    }
}
