package dev.fluxion.engine.plan;

import dev.fluxion.ffi.Layout;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Goes through the steps of a program without computing, and notes for everything that is read which steps have written it.
 * Once in the order in which steps were emitted, each buffer in a place of its own; then as they are scheduled; then in the
 * places that the plan gives them: what is read must have been written by the same steps. A loop is gone through once, for all of
 * its tiles together; what one tile overwrites the next does not find.
 */
public final class Replay {
    /** What an input's bytes have been written by. */
    private static final Writer OUTSIDE = new Writer("outside", 0);

    private final @Nullable MemoryPlan places;
    private final Map<Object, List<Write>> written = new HashMap<>();
    private final Map<Writer, List<Set<Writer>>> read = new LinkedHashMap<>();
    private final Map<Object, Integer> times = new HashMap<>();
    private final Map<Buffer, List<Buffer>> neighbours = new HashMap<>();
    private final Map<Object, String> names = new HashMap<>();
    private final Set<String> faults = new LinkedHashSet<>();

    /** A step, by its binder, or an output, by its name, and how often it came before. */
    private record Writer(Object what, int time) {}

    private record Write(Writer by, Buffer buffer) {}

    /**
     * A program: its phases before the first run, those of each stage, what is written from outside, and what each stage has
     * to leave.
     */
    public record Program(
            List<Phase> prologue, List<List<Phase>> stages, List<Buffer> inputs, List<Map<String, Buffer>> outputs) {}

    private Replay(@Nullable MemoryPlan places) {
        this.places = places;
    }

    /** What is wrong with steps in the order in which they were emitted. */
    public static List<String> faults(Program emitted) {
        Replay replay = new Replay(null);
        replay.run(emitted);
        return List.copyOf(replay.faults);
    }

    /**
     * What is wrong with a schedule.
     *
     * @param emitted the steps in the order in which they were emitted
     * @param places where buffers lie; null if each has a place of its own
     */
    public static List<String> faults(Program emitted, Program scheduled, @Nullable MemoryPlan places) {
        Replay expected = new Replay(null);
        expected.run(emitted);
        Replay replay = new Replay(places);
        replay.run(scheduled);
        replay.compare(expected);
        return List.copyOf(replay.faults);
    }

    private void compare(Replay expected) {
        names.putAll(expected.names);
        expected.read.forEach((reader, writers) -> {
            List<Set<Writer>> now = read.get(reader);
            if (now == null) {
                faults.add(name(reader.what) + " is missing");
            } else if (!now.equals(writers)) {
                faults.add(name(reader.what) + " reads what other steps have written than before: " + names(now)
                        + ", not " + names(writers));
            }
        });
        read.keySet().stream()
                .filter(reader -> !expected.read.containsKey(reader))
                .forEach(reader -> faults.add(name(reader.what) + " was not there before"));
    }

    private List<List<String>> names(List<Set<Writer>> writers) {
        return writers.stream()
                .map(all -> all.stream()
                        .map(w -> name(w.what) + " " + w.time)
                        .sorted()
                        .toList())
                .toList();
    }

    private String name(Object what) {
        return names.getOrDefault(what, what.toString());
    }

    /** Two runs, the prologue once, or before each stage, if there are several. */
    private void run(Program program) {
        if (places != null) {
            findNeighbours(program);
        }
        program.inputs.forEach(b -> write(OUTSIDE, b));
        for (int run = 0; run < 2; run++) {
            for (int stage = 0; stage < program.stages.size(); stage++) {
                if (run + stage == 0 || program.stages.size() > 1) {
                    program.prologue.forEach(this::phase);
                }
                program.stages.get(stage).forEach(this::phase);
                program.outputs.subList(0, stage + 1).forEach(all -> all.forEach(this::output));
            }
        }
    }

    private void output(String name, Buffer buffer) {
        Writer reader = next("output " + name);
        read.put(reader, List.of(writers(reader, buffer)));
    }

    private Writer next(Object what) {
        return new Writer(what, times.merge(what, 1, Integer::sum));
    }

    private void phase(Phase phase) {
        if (phase.lanes().size() > 1) {
            lanes(phase);
        }
        for (List<Step> lane : phase.lanes()) {
            for (Phase.Block block : Phase.blocks(lane)) {
                List<Step> steps = lane.subList(block.from(), block.to());
                if (block.times() > 1) {
                    steps.forEach(this::overwrite);
                }
                steps.forEach(this::step);
                if (block.times() > 1) {
                    steps.forEach(this::overwrite);
                }
            }
        }
    }

    /** Another tile of a loop writes over what lies in its places. */
    private void overwrite(Step step) {
        step.scratch().forEach(this::kill);
        step.writes().forEach(b -> kill(b.swept()));
    }

    private void step(Step step) {
        Object what = step.binder();
        names.put(what, "step '" + step.operator() + "'");
        Writer self = next(what);
        List<Set<Writer>> found = new ArrayList<>();
        step.reads().stream().filter(b -> !b.isAccumulating()).forEach(b -> found.add(writers(self, b.swept())));
        read.put(self, found);
        apart(step);
        step.scratch().forEach(this::kill);
        step.writes().forEach(b -> write(self, b.swept()));
    }

    /** Who has written what a buffer holds: the latest are seen first, and hide others where they fill their place. */
    private Set<Writer> writers(Writer reader, Buffer buffer) {
        Set<Writer> found = new HashSet<>();
        List<long[]> missing = List.of(interval(buffer));
        List<long[]> open = List.of(interval(buffer));
        List<Write> all = written.getOrDefault(buffer.memory(), List.of());
        for (int i = all.size() - 1; i >= 0; i--) {
            Write w = all.get(i);
            long[] its = interval(w.buffer);
            if (w.buffer.overlaps(buffer) && open.stream().anyMatch(o -> o[0] < its[1] && its[0] < o[1])) {
                found.add(w.by);
                open = fills(w.buffer) ? without(open, its) : open;
            }
            missing = without(missing, its);
        }
        if (!buffer.isGiven() && !missing.stream().allMatch(some -> isGap(buffer, some))) {
            faults.add(name(reader.what) + " reads " + buffer + ", which is not there");
        }
        return found;
    }

    private static long[] interval(Buffer buffer) {
        return new long[] {buffer.offset(), buffer.offset() + buffer.bytes()};
    }

    private static List<long[]> without(List<long[]> intervals, long[] gone) {
        return intervals.stream()
                .flatMap(i -> Stream.of(
                        new long[] {i[0], Math.min(i[1], gone[0])}, new long[] {Math.max(i[0], gone[1]), i[1]}))
                .filter(i -> i[0] < i[1])
                .toList();
    }

    /** Whether a buffer has no gaps that others could lie in. */
    private static boolean fills(Buffer buffer) {
        return buffer.root() == buffer || buffer.layout().isContiguous();
    }

    /** Whether an interval lies between what a buffer holds. */
    private static boolean isGap(Buffer buffer, long[] interval) {
        Layout run = Layout.plain(Math.max(1, (interval[1] - interval[0]) / Float.BYTES));
        return buffer.layout().alternates(run, interval[0] - buffer.offset());
    }

    private void write(Writer by, Buffer buffer) {
        kill(buffer);
        List<Write> all = written.computeIfAbsent(buffer.memory(), k -> new ArrayList<>());
        all.removeIf(w -> hides(buffer, w.buffer));
        all.add(new Write(by, buffer));
    }

    private static boolean hides(Buffer late, Buffer early) {
        boolean within =
                late.offset() <= early.offset() && early.offset() + early.bytes() <= late.offset() + late.bytes();
        return within && (fills(late) || late.layout().equals(early.layout()));
    }

    /** Whatever else lay in the place of a buffer is gone. */
    private void kill(Buffer buffer) {
        for (Buffer other : neighbours.getOrDefault(buffer.root(), List.of())) {
            written.getOrDefault(other, new ArrayList<>()).removeIf(w -> meet(w.buffer, buffer));
        }
    }

    private boolean meet(Buffer one, Buffer other) {
        long start = address(one);
        long otherStart = address(other);
        return start < otherStart + bytes(other) && otherStart < start + bytes(one);
    }

    private long address(Buffer buffer) {
        return (places == null ? 0 : places.offset(buffer.root())) + (isForEachTile(buffer) ? 0 : buffer.offset());
    }

    private long bytes(Buffer buffer) {
        return places != null && isForEachTile(buffer) ? places.room(buffer.root()) : buffer.bytes();
    }

    private boolean isForEachTile(Buffer buffer) {
        return isPlaced(buffer) && places != null && places.stride(buffer.root()) != 0;
    }

    private boolean isPlaced(Buffer buffer) {
        return places != null && !buffer.isFixed();
    }

    /** What a step reads, writes and needs lies apart, but for a result that takes the place of the first operand. */
    private void apart(Step step) {
        List<Buffer> reads = step.reads().stream().map(Buffer::swept).toList();
        List<Buffer> writes = step.writes().stream().map(Buffer::swept).toList();
        List<Buffer> all = new ArrayList<>(reads);
        all.addAll(writes);
        for (Buffer a : step.scratch()) {
            all.forEach(b -> requireApart(step, a, b));
        }
        for (Buffer to : writes) {
            for (Buffer from : reads) {
                boolean allowed = step.inPlace()
                        && from == reads.get(0)
                        && isPlaced(from)
                        && isPlaced(to)
                        && address(from) == address(to)
                        && from.bytes() == to.bytes();
                if (!allowed) {
                    requireApart(step, from, to);
                }
            }
        }
    }

    private void requireApart(Step step, Buffer a, Buffer b) {
        if (a.root() != b.root() && isPlaced(a) && isPlaced(b) && meet(a, b)) {
            faults.add("step '" + step.operator() + "' has " + a + " and " + b + " in one place");
        }
    }

    private record Access(int lane, Step step, Buffer buffer, boolean writes) {}

    /** Lanes run beside each other: what one writes no other touches. */
    private void lanes(Phase phase) {
        Map<Object, List<Access>> accesses = new HashMap<>();
        Map<Buffer, Set<Integer>> roots = new HashMap<>();
        for (int lane = 0; lane < phase.lanes().size(); lane++) {
            for (Step step : phase.lanes().get(lane)) {
                for (List<Buffer> some : List.of(step.reads(), step.writes(), step.scratch())) {
                    for (Buffer b : some) {
                        accesses.computeIfAbsent(b.memory(), k -> new ArrayList<>())
                                .add(new Access(lane, step, b, some != step.reads()));
                        if (isPlaced(b)) {
                            roots.computeIfAbsent(b.root(), k -> new HashSet<>())
                                    .add(lane);
                        }
                    }
                }
            }
        }
        accesses.values().forEach(this::conflicts);
        roots.forEach((root, lanes) -> {
            for (Buffer other : neighbours.getOrDefault(root, List.of())) {
                Set<Integer> both = new HashSet<>(lanes);
                both.addAll(roots.getOrDefault(other, Set.of()));
                if (both.size() > 1 && roots.containsKey(other)) {
                    faults.add("lanes have " + root + " and " + other + " in one place");
                }
            }
        });
    }

    private void conflicts(List<Access> all) {
        List<Access> writes = all.stream().filter(Access::writes).toList();
        for (Access w : writes) {
            for (Access other : all) {
                if (w.lane != other.lane && w.buffer.overlaps(other.buffer)) {
                    faults.add("step '" + w.step.operator() + "' writes " + w.buffer + " beside step '"
                            + other.step.operator() + "' of another lane");
                }
            }
        }
    }

    /** For each root, the others that share bytes of the arena with it. */
    private void findNeighbours(Program program) {
        Set<Buffer> roots = new HashSet<>();
        List<Phase> all = new ArrayList<>(program.prologue);
        program.stages.forEach(all::addAll);
        all.stream().flatMap(Phase::steps).forEach(s -> {
            for (List<Buffer> some : List.of(s.reads(), s.writes(), s.scratch())) {
                some.stream().filter(this::isPlaced).forEach(b -> roots.add(b.root()));
            }
        });
        Buffer[] sorted =
                roots.stream().sorted(Comparator.comparingLong(this::address)).toArray(Buffer[]::new);
        for (int i = 0; i < sorted.length; i++) {
            for (int j = i + 1; j < sorted.length && address(sorted[j]) < address(sorted[i]) + bytes(sorted[i]); j++) {
                for (Buffer[] pair :
                        Arrays.asList(new Buffer[] {sorted[i], sorted[j]}, new Buffer[] {sorted[j], sorted[i]})) {
                    neighbours.computeIfAbsent(pair[0], k -> new ArrayList<>()).add(pair[1]);
                }
            }
        }
    }
}
