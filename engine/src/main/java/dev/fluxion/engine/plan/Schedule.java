package dev.fluxion.engine.plan;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.IntStream;
import java.util.stream.Stream;

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
        for (int i = 0; i < levels.length; i++) {
            levels[i] = level(i);
        }
        postpone();
        TreeMap<Integer, List<Integer>> byLevel = new TreeMap<>();
        for (int i = 0; i < levels.length; i++) {
            byLevel.computeIfAbsent(levels[i], k -> new ArrayList<>()).add(i);
        }
        return byLevel.values().stream().map(level -> phase(level, lanes)).toList();
    }

    /** What could run at any time, as weights are prepared, runs shortly before it is read, so that it is still in the cache. */
    private void postpone() {
        Set<Integer> early = new HashSet<>();
        for (int i = 0; i < levels.length; i++) {
            if (steps.get(i).reads().stream().allMatch(b -> isEarly(b, early))) {
                early.add(i);
            }
        }
        for (int i = levels.length - 1; i >= 0; i--) {
            if (early.contains(i)) {
                levels[i] = latest(i);
            }
        }
    }

    /** Whether the content of a buffer is there from the beginning, or made by steps that could run then. */
    private boolean isEarly(Buffer buffer, Set<Integer> early) {
        List<Access> writes = accesses(buffer).writes;
        return buffer.isFixed() || !writes.isEmpty() && writes.stream().allMatch(w -> early.contains(w.step));
    }

    /** The last level at which a step can run before what it writes is read, or anything of it overwritten. */
    private int latest(int step) {
        Step s = steps.get(step);
        IntStream readers = s.writes().stream().flatMapToInt(b -> accesses(b).later(step, b, accesses(b).reads));
        IntStream writers = Stream.concat(s.writes().stream(), s.reads().stream())
                .flatMapToInt(b -> accesses(b).later(step, b, accesses(b).writes));
        return IntStream.concat(readers, writers)
                .map(later -> levels[later] + levels[step] - after(step, later))
                .min()
                .orElse(levels[step]);
    }

    private Phase phase(List<Integer> level, int lanes) {
        if (!turn(level.get(0)).isStrand()) {
            return Phase.serial(level.stream().map(steps::get).toList());
        }
        level.sort(Comparator.comparingInt((Integer i) -> turn(i).strand())
                .thenComparingInt(i -> turn(i).order())
                .thenComparingInt(i -> i));
        Map<Integer, Integer> laneOf = lanes(level, lanes);
        Map<Integer, List<Step>> byLane = new TreeMap<>();
        for (int i : level) {
            byLane.computeIfAbsent(laneOf.get(turn(i).strand()), k -> new ArrayList<>())
                    .add(steps.get(i));
        }
        return new Phase(List.copyOf(byLane.values()));
    }

    /** The lane of each strand, such that lanes have about the same work. */
    private Map<Integer, Integer> lanes(List<Integer> level, int lanes) {
        TreeMap<Integer, Double> work = new TreeMap<>();
        level.forEach(i -> work.merge(turn(i).strand(), steps.get(i).work(), Double::sum));
        double all = work.values().stream().mapToDouble(w -> w).sum();
        Map<Integer, Integer> laneOf = new HashMap<>();
        double before = 0;
        for (Map.Entry<Integer, Double> strand : work.entrySet()) {
            double middle = before + strand.getValue() / 2;
            laneOf.put(strand.getKey(), lanes < work.size() ? (int) (middle * lanes / all) : laneOf.size());
            before += strand.getValue();
        }
        return laneOf;
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

        /** The steps behind one that touch the same memory. */
        IntStream later(int step, Buffer buffer, List<Access> all) {
            return all.stream()
                    .filter(a -> a.step > step && a.buffer.overlaps(buffer))
                    .mapToInt(a -> a.step);
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
