package dev.fluxion.engine.plan;

import java.util.ArrayList;
import java.util.Arrays;
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
    /** Work that takes longer than another thread needs to come. */
    private static final double WORTH = 4e6;

    private final List<Step> steps;
    private final int[] levels;
    private final Map<Object, Accesses> reads = new HashMap<>();
    private final Map<Object, Accesses> writes = new HashMap<>();

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
        for (int from = 0, to = 0; from < levels.length; from = to) {
            int most = 0;
            do {
                levels[to] = level(to);
                most = Math.max(most, levels[to]);
                to++;
            } while (to < levels.length && key(to).isBeside(key(to - 1)));
            Arrays.fill(levels, from, to, most);
        }
        Set<Integer> early = early();
        for (int i = levels.length - 1; i >= 0; i--) {
            levels[i] = early.contains(i) ? latest(i) : levels[i];
        }
        for (int i = 0; i < levels.length; i++) {
            byLevel.computeIfAbsent(levels[i], k -> new ArrayList<>()).add(i);
        }
        return byLevel.values().stream()
                .flatMap(level -> phases(level, early, lanes))
                .toList();
    }

    private Stream<Phase> phases(List<Integer> level, Set<Integer> early, int lanes) {
        if (key(level.get(0)).isStrand()) {
            return Stream.of(parallel(steps(level), lanes));
        }
        List<Step> ready = steps(level.stream().filter(early::contains).toList());
        if (ready.stream().mapToDouble(Step::work).sum() < WORTH) {
            return Stream.of(Phase.serial(steps(level)));
        }
        List<Step> others = steps(level.stream().filter(i -> !early.contains(i)).toList());
        Stream<Phase> rest = others.isEmpty() ? Stream.of() : Stream.of(Phase.serial(others));
        return Stream.concat(Stream.of(parallel(apart(ready), lanes)), rest);
    }

    private List<Step> steps(List<Integer> level) {
        return level.stream().map(steps::get).toList();
    }

    /**
     * The steps that could run at any time, as weights are prepared. They run shortly before somebody reads what they make, so
     * that it is still in the cache.
     */
    private Set<Integer> early() {
        Set<Integer> early = new HashSet<>();
        for (int i = 0; i < levels.length; i++) {
            Step step = steps.get(i);
            boolean lasting = step.writes().stream().anyMatch(Buffer::isPersistent);
            int at = i;
            if (!lasting
                    && step.reads().stream().allMatch(b -> isEarly(at, b, early))
                    && step.writes().stream().allMatch(b -> isFree(at, b, early))) {
                early.add(i);
            }
        }
        return early;
    }

    /** Steps with a strand for each group that shares memory; all that write memory of somebody else are in one. */
    private static List<Step> apart(List<Step> ready) {
        Map<Buffer, Integer> users = new HashMap<>();
        int[] groups = IntStream.range(0, ready.size()).toArray();
        for (int i = 0; i < groups.length; i++) {
            Step step = ready.get(i);
            int user = i;
            Stream.concat(step.reads().stream(), step.writes().stream())
                    .filter(b -> !b.isFixed())
                    .forEach(b -> join(groups, user, users.computeIfAbsent(b.root(), k -> user)));
            if (step.writes().stream().anyMatch(Buffer::isFixed)) {
                join(groups, user, 0);
            }
        }
        return IntStream.range(0, groups.length)
                .mapToObj(i -> ready.get(i).at(new ScheduleKey(first(groups, i), 0)))
                .toList();
    }

    /** The first step of a group, to which steps lead. */
    private static int first(int[] groups, int step) {
        int first = step;
        while (groups[first] != first) {
            groups[first] = groups[groups[first]];
            first = groups[first];
        }
        return first;
    }

    private static void join(int[] groups, int step, int other) {
        int a = first(groups, step);
        int b = first(groups, other);
        groups[Math.max(a, b)] = Math.min(a, b);
    }

    /** Whether what a step reads is there from the beginning, or made by steps that could run then. */
    private boolean isEarly(int step, Buffer buffer, Set<Integer> early) {
        int[] makers = earlier(step, buffer, writes).toArray();
        return Arrays.stream(makers).allMatch(early::contains) && (buffer.isFixed() || makers.length > 0);
    }

    /** Whether nobody but steps that could run at the beginning touches what a step writes before it does. */
    private boolean isFree(int step, Buffer buffer, Set<Integer> early) {
        return IntStream.concat(earlier(step, buffer, reads), earlier(step, buffer, writes))
                .allMatch(early::contains);
    }

    /** The last level at which a step can run before what it writes is read, or anything of it overwritten. */
    private int latest(int step) {
        Step s = steps.get(step);
        IntStream readers = s.writes().stream().flatMapToInt(b -> later(step, b, reads));
        IntStream writers =
                Stream.concat(s.writes().stream(), s.reads().stream()).flatMapToInt(b -> later(step, b, writes));
        return IntStream.concat(readers, writers).min().orElse(levels[step]);
    }

    private static Phase parallel(List<Step> all, int lanes) {
        Comparator<Step> byStrand = Comparator.comparingInt(s -> s.key().strand());
        Map<Integer, Integer> laneOf = lanes(all, lanes);
        Map<Integer, List<Step>> byLane = new TreeMap<>();
        all.stream().sorted(byStrand.thenComparingInt(s -> s.key().order())).forEach(step -> byLane.computeIfAbsent(
                        laneOf.get(step.key().strand()), k -> new ArrayList<>())
                .add(step));
        return new Phase(List.copyOf(byLane.values()));
    }

    /** The lane of each strand, such that lanes have about the same work. */
    private static Map<Integer, Integer> lanes(List<Step> all, int lanes) {
        TreeMap<Integer, Double> work = new TreeMap<>();
        all.forEach(s -> work.merge(s.key().strand(), s.work(), Double::sum));
        double total = work.values().stream().mapToDouble(w -> w).sum();
        Map<Integer, Integer> laneOf = new HashMap<>();
        double before = 0;
        for (Map.Entry<Integer, Double> strand : work.entrySet()) {
            double middle = before + strand.getValue() / 2;
            laneOf.put(strand.getKey(), lanes < work.size() ? (int) (middle * lanes / total) : laneOf.size());
            before += strand.getValue();
        }
        return laneOf;
    }

    private ScheduleKey key(int step) {
        return steps.get(step).key();
    }

    /** Strands are on odd levels, the others on even ones. */
    private int level(int step) {
        int level = key(step).isStrand() ? 1 : 0;
        Step s = steps.get(step);
        for (Buffer b : s.reads()) {
            level = Math.max(level, after(step, b, writes));
        }
        for (Buffer b : s.writes()) {
            level = Math.max(level, Math.max(after(step, b, writes), after(step, b, reads)));
        }
        s.reads().forEach(b -> accesses(b, reads).add(step, b));
        s.writes().forEach(b -> accesses(b, writes).add(step, b));
        return level;
    }

    private static Accesses accesses(Buffer buffer, Map<Object, Accesses> all) {
        return all.computeIfAbsent(buffer.memory(), k -> new Accesses());
    }

    /** The first level at which a step can run behind those before it that touch the same memory. */
    private int after(int step, Buffer buffer, Map<Object, Accesses> all) {
        return accesses(buffer, all)
                .to(buffer)
                .mapToInt(a -> after(a.step(), step, a.buffer().keepsPaceWith(buffer)))
                .max()
                .orElse(0);
    }

    /** The steps before one that touch the same memory. */
    private static IntStream earlier(int step, Buffer buffer, Map<Object, Accesses> all) {
        return accesses(buffer, all).to(buffer).mapToInt(Accesses.Access::step).filter(i -> i < step);
    }

    /** The last levels at which a step can run before the steps behind it that touch the same memory. */
    private IntStream later(int step, Buffer buffer, Map<Object, Accesses> all) {
        return accesses(buffer, all)
                .to(buffer)
                .filter(a -> a.step() > step)
                .mapToInt(a -> levels[a.step()]
                        + levels[step]
                        - after(step, a.step(), a.buffer().keepsPaceWith(buffer)));
    }

    /** The first level at which a step can run behind an earlier one, which a loop must leave if tiles need those of others. */
    private int after(int earlier, int later, boolean keepsPace) {
        ScheduleKey a = key(earlier);
        ScheduleKey b = key(later);
        if (a.strand() == b.strand()) {
            boolean back = b.order() < a.order() || a.isLoop() && a.equals(b) && !keepsPace;
            return levels[earlier] + (a.isStrand() && back ? 2 : 0);
        }
        return levels[earlier] + (a.isStrand() && b.isStrand() ? 2 : 1);
    }
}
