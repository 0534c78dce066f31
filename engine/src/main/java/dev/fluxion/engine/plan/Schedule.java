package dev.fluxion.engine.plan;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * Which steps run at the same time. Steps of one strand keep to one lane; where a step needs what another strand, or no
 * strand, computes, all lanes meet before it. Neighbouring strands share a lane, so that of several failures that of the first
 * strand is told, whatever the number of lanes.
 */
public final class Schedule {
    private final List<Step> steps;
    private final int[] levels;
    private final Map<Buffer, Accesses> accesses = new HashMap<>();
    /** Memory of somebody else may be seen through several roots. */
    private final Accesses fixed = new Accesses();

    private Schedule(List<Step> steps) {
        this.steps = steps;
        this.levels = new int[steps.size()];
    }

    /**
     * The phases of steps that are given in an order in which they could run one after the other.
     *
     * @param lanes how many lanes there are at most
     */
    public static List<Phase> of(List<Step> steps, int lanes) {
        return new Schedule(steps).phases(lanes);
    }

    private List<Phase> phases(int lanes) {
        TreeMap<Integer, List<Integer>> byLevel = new TreeMap<>();
        for (int i = 0; i < levels.length; i++) {
            levels[i] = level(i);
            byLevel.computeIfAbsent(levels[i], k -> new ArrayList<>()).add(i);
        }
        return byLevel.values().stream().map(level -> phase(level, lanes)).toList();
    }

    private Phase phase(List<Integer> level, int lanes) {
        if (!turn(level.get(0)).isStrand()) {
            return Phase.serial(level.stream().map(steps::get).toList());
        }
        level.sort(Comparator.comparingInt((Integer i) -> turn(i).strand())
                .thenComparingInt(i -> turn(i).order())
                .thenComparingInt(i -> i));
        List<Integer> strands =
                level.stream().map(i -> turn(i).strand()).distinct().toList();
        Map<Integer, List<Step>> byLane = new TreeMap<>();
        for (int i : level) {
            int position = strands.indexOf(turn(i).strand());
            int lane = lanes < strands.size() ? position * lanes / strands.size() : position;
            byLane.computeIfAbsent(lane, k -> new ArrayList<>()).add(steps.get(i));
        }
        return new Phase(List.copyOf(byLane.values()));
    }

    private Turn turn(int step) {
        return steps.get(step).turn();
    }

    /** Strands are on odd levels, the others on even ones. */
    private int level(int step) {
        int level = turn(step).isStrand() ? 1 : 0;
        Step s = steps.get(step);
        for (Buffer b : s.reads()) {
            level = Math.max(level, accesses(b).after(step, b, false));
        }
        for (Buffer b : s.writes()) {
            level = Math.max(level, accesses(b).after(step, b, true));
        }
        s.reads().forEach(b -> accesses(b).reads.add(new Access(step, b)));
        s.writes().forEach(b -> accesses(b).writes.add(new Access(step, b)));
        return level;
    }

    private Accesses accesses(Buffer buffer) {
        return buffer.isFixed() ? fixed : accesses.computeIfAbsent(buffer.root(), k -> new Accesses());
    }

    private int after(int earlier, int later) {
        Turn a = turn(earlier);
        Turn b = turn(later);
        if (a.strand() == b.strand()) {
            return levels[earlier] + (a.isStrand() && b.order() < a.order() ? 2 : 0);
        }
        return levels[earlier] + (a.isStrand() && b.isStrand() ? 2 : 1);
    }

    private record Access(int step, Buffer buffer) {}

    /** Who has read and written the memory of a root. */
    private final class Accesses {
        private final List<Access> reads = new ArrayList<>();
        private final List<Access> writes = new ArrayList<>();

        int after(int step, Buffer buffer, boolean write) {
            int level = latest(writes, step, buffer);
            return write ? Math.max(level, latest(reads, step, buffer)) : level;
        }

        private int latest(List<Access> earlier, int step, Buffer buffer) {
            return earlier.stream()
                    .filter(a -> a.buffer.overlaps(buffer))
                    .mapToInt(a -> Schedule.this.after(a.step, step))
                    .max()
                    .orElse(0);
        }
    }
}
