package dev.fluxion.engine.plan;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

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
        List<Phase> phases = new ArrayList<>();
        for (List<Integer> level : byLevel.values()) {
            phases.addAll(phases(level, early, lanes));
        }
        return phases;
    }

    private List<Phase> phases(List<Integer> level, Set<Integer> early, int lanes) {
        List<Step> all = new ArrayList<>();
        List<Step> ready = new ArrayList<>();
        List<Step> others = new ArrayList<>();
        for (int i : level) {
            all.add(steps.get(i));
            (early.contains(i) ? ready : others).add(steps.get(i));
        }
        if (key(level.get(0)).isStrand()) {
            return List.of(parallel(all, lanes));
        }
        if (work(ready) < WORTH) {
            return List.of(Phase.serial(all));
        }
        Phase first = parallel(apart(ready), lanes);
        return others.isEmpty() ? List.of(first) : List.of(first, Phase.serial(others));
    }

    private static double work(List<Step> steps) {
        double work = 0;
        for (Step step : steps) {
            work += step.work();
        }
        return work;
    }

    /**
     * The steps that could run at any time, as weights are prepared. They run shortly before somebody reads what they make, so
     * that it is still in the cache.
     */
    private Set<Integer> early() {
        Set<Integer> early = new HashSet<>();
        for (int i = 0; i < levels.length; i++) {
            if (isEarly(i, early)) {
                early.add(i);
            }
        }
        return early;
    }

    private boolean isEarly(int step, Set<Integer> early) {
        for (Buffer b : steps.get(step).writes()) {
            if (b.isPersistent() || !isFree(step, b, early)) {
                return false;
            }
        }
        for (Buffer b : steps.get(step).reads()) {
            if (!isEarly(step, b, early)) {
                return false;
            }
        }
        return true;
    }

    /** Steps with a strand for each group that shares memory; all that write memory of somebody else are in one. */
    private static List<Step> apart(List<Step> ready) {
        Map<Buffer, Integer> users = new HashMap<>();
        int[] groups = new int[ready.size()];
        for (int i = 0; i < groups.length; i++) {
            groups[i] = i;
            for (Buffer b : ready.get(i).reads()) {
                share(groups, i, b, users);
            }
            for (Buffer b : ready.get(i).writes()) {
                share(groups, i, b, users);
                if (b.isFixed()) {
                    join(groups, i, 0);
                }
            }
        }
        List<Step> apart = new ArrayList<>();
        for (int i = 0; i < groups.length; i++) {
            apart.add(ready.get(i).at(new ScheduleKey(first(groups, i), 0)));
        }
        return apart;
    }

    private static void share(int[] groups, int step, Buffer buffer, Map<Buffer, Integer> users) {
        Integer other = buffer.isFixed() ? null : users.putIfAbsent(buffer.root(), step);
        if (other != null) {
            join(groups, step, other);
        }
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
        List<Integer> makers = earlier(step, buffer, writes);
        return early.containsAll(makers) && (buffer.isFixed() || !makers.isEmpty());
    }

    /** Whether nobody but steps that could run at the beginning touches what a step writes before it does. */
    private boolean isFree(int step, Buffer buffer, Set<Integer> early) {
        return early.containsAll(earlier(step, buffer, reads)) && early.containsAll(earlier(step, buffer, writes));
    }

    /** The last level at which a step can run before what it writes is read, or anything of it overwritten. */
    private int latest(int step) {
        int latest = Integer.MAX_VALUE;
        for (Buffer b : steps.get(step).writes()) {
            latest = Math.min(latest, Math.min(before(step, b, reads), before(step, b, writes)));
        }
        for (Buffer b : steps.get(step).reads()) {
            latest = Math.min(latest, before(step, b, writes));
        }
        return latest == Integer.MAX_VALUE ? levels[step] : latest;
    }

    private static Phase parallel(List<Step> all, int lanes) {
        List<Step> sorted = new ArrayList<>(all);
        sorted.sort(Schedule::byStrand);
        Map<Integer, Integer> laneOf = lanes(all, lanes);
        Map<Integer, List<Step>> byLane = new TreeMap<>();
        for (Step step : sorted) {
            byLane.computeIfAbsent(laneOf.get(step.key().strand()), k -> new ArrayList<>())
                    .add(step);
        }
        return new Phase(List.copyOf(byLane.values()));
    }

    private static int byStrand(Step a, Step b) {
        return a.key().strand() != b.key().strand()
                ? Integer.compare(a.key().strand(), b.key().strand())
                : Integer.compare(a.key().order(), b.key().order());
    }

    /** The lane of each strand, such that lanes have about the same work. */
    private static Map<Integer, Integer> lanes(List<Step> all, int lanes) {
        TreeMap<Integer, Double> work = new TreeMap<>();
        for (Step s : all) {
            work.merge(s.key().strand(), s.work(), Double::sum);
        }
        double total = 0;
        for (double some : work.values()) {
            total += some;
        }
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
        for (Buffer b : s.reads()) {
            accesses(b, reads).add(step, b);
        }
        for (Buffer b : s.writes()) {
            accesses(b, writes).add(step, b);
        }
        return level;
    }

    private static Accesses accesses(Buffer buffer, Map<Object, Accesses> all) {
        return all.computeIfAbsent(buffer.memory(), k -> new Accesses());
    }

    /** The first level at which a step can run behind those before it that touch the same memory. */
    private int after(int step, Buffer buffer, Map<Object, Accesses> all) {
        int first = 0;
        for (Accesses.Access a : accesses(buffer, all).to(buffer)) {
            first = Math.max(first, after(a.step(), step, a.buffer().keepsPaceWith(buffer)));
        }
        return first;
    }

    /** The steps before one that touch the same memory. */
    private static List<Integer> earlier(int step, Buffer buffer, Map<Object, Accesses> all) {
        List<Integer> earlier = new ArrayList<>();
        for (Accesses.Access a : accesses(buffer, all).to(buffer)) {
            if (a.step() < step) {
                earlier.add(a.step());
            }
        }
        return earlier;
    }

    /** The last level at which a step can run before those behind it that touch the same memory; any if there are none. */
    private int before(int step, Buffer buffer, Map<Object, Accesses> all) {
        int last = Integer.MAX_VALUE;
        for (Accesses.Access a : accesses(buffer, all).to(buffer)) {
            if (a.step() > step) {
                boolean keepsPace = a.buffer().keepsPaceWith(buffer);
                last = Math.min(last, levels[a.step()] + levels[step] - after(step, a.step(), keepsPace));
            }
        }
        return last;
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
