package dev.fluxion.engine.plan;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Where the buffers of a program lie in its arena. Buffers whose lives do not overlap share memory: the largest is placed
 * first, each at the lowest offset that is free during its life. A result that may overwrite an operand that dies takes
 * its place.
 */
public final class MemoryPlan {
    private static final long ALIGNMENT = 64;

    private final Map<Buffer, Life> lives = new LinkedHashMap<>();
    private long bytes;
    private long lowerBound;

    private MemoryPlan() {}

    /**
     * The plan for phases in the order in which they run.
     *
     * @param again whether the first phase may run again before any other one, and needs memory of its own for that
     */
    public static MemoryPlan of(List<Phase> phases, boolean again) {
        MemoryPlan plan = new MemoryPlan();
        plan.everywhere(plan::find, phases);
        plan.everywhere((step, at) -> plan.use(step, at, phases.size(), again && at.phase() == 0), phases);
        plan.everywhere(plan::share, phases);
        plan.bound(phases);
        plan.place();
        return plan;
    }

    private interface Visit {
        void step(Step step, Moment at);
    }

    private void everywhere(Visit visit, List<Phase> phases) {
        for (int p = 0; p < phases.size(); p++) {
            List<List<Step>> lanes = phases.get(p).lanes();
            for (int lane = 0; lane < lanes.size(); lane++) {
                List<Step> steps = lanes.get(lane);
                for (Phase.Block block : Phase.blocks(steps)) {
                    for (int i = block.from(); i < block.to(); i++) {
                        visit.step(steps.get(i), new Moment(p, lane, i, block));
                    }
                }
            }
        }
    }

    /** How far what a root buffer holds for one tile is from what it holds for the next; 0 if the next takes its place. */
    public long stride(Buffer root) {
        Life life = lives.get(root);
        return life == null ? 0 : life.stride();
    }

    /** The bytes that a root buffer takes. */
    long room(Buffer root) {
        return Objects.requireNonNull(lives.get(root), root::toString).size;
    }

    /** The size of the arena in bytes. */
    public long bytes() {
        return bytes;
    }

    /** The bytes of the buffers that live at once at the worst moment: no plan can be smaller. */
    public long lowerBound() {
        return lowerBound;
    }

    /** Where a root buffer starts, in bytes from the start of the arena. */
    public long offset(Buffer root) {
        return Objects.requireNonNull(lives.get(root), root::toString).owner().offset;
    }

    /** Whether a root buffer lies in the arena and is used. */
    public boolean contains(Buffer root) {
        return lives.containsKey(root);
    }

    /** Finds out which values do not outlive their tile. */
    private void find(Step step, Moment at) {
        for (Buffer buffer : step.reads()) {
            Life life = life(buffer);
            if (life != null) {
                life.read(at, buffer);
            }
        }
        for (List<Buffer> made : List.of(step.writes(), step.scratch())) {
            for (Buffer buffer : made) {
                Life life = life(buffer);
                if (life != null) {
                    life.write(at, buffer);
                }
            }
        }
    }

    /** Null if somebody else owns the memory. */
    private @Nullable Life life(Buffer buffer) {
        Buffer root = buffer.root();
        return root.isFixed() ? null : lives.computeIfAbsent(root, Life::new);
    }

    private void use(Step step, Moment at, int phases, boolean always) {
        for (List<Buffer> used : List.of(step.reads(), step.writes(), step.scratch())) {
            for (Buffer buffer : used) {
                Life life = life(buffer);
                if (life != null) {
                    life.use(at);
                    if (buffer.root().isPersistent() || always) {
                        life.first = Moment.somewhere(0);
                        life.last = Moment.somewhere(phases);
                    }
                }
            }
        }
    }

    private void share(Step step, Moment at) {
        if (!step.inPlace() || step.reads().isEmpty()) {
            return;
        }
        Life from = lives.get(step.reads().get(0).root());
        Life to = lives.get(step.writes().get(0).root());
        if (from != null && to != null && from != to && from.owner() != to.owner()) {
            Life owner = from.owner();
            boolean dies = owner.last.equals(at)
                    && to.first.equals(at)
                    && from.isOfOneTile()
                    && to.isOfOneTile()
                    && fills(step.reads().get(0))
                    && fills(step.writes().get(0));
            if (dies && to.size == owner.size && !step.scratch().contains(to.buffer)) {
                owner.last = to.last;
                to.owner = owner;
            }
        }
    }

    private static boolean fills(Buffer buffer) {
        return buffer.bytes() == buffer.root().bytes();
    }

    /** In each phase, what lives throughout and what each lane needs at its worst moment. */
    private void bound(List<Phase> phases) {
        for (int p = 0; p < phases.size(); p++) {
            List<List<Step>> lanes = phases.get(p).lanes();
            long[][] live = new long[lanes.size()][];
            for (int lane = 0; lane < live.length; lane++) {
                live[lane] = new long[lanes.get(lane).size()];
            }
            long sum = 0;
            for (Life life : lives.values()) {
                Stay stay = life.owner == null ? life.stay(p) : null;
                if (stay != null && stay.lane == Moment.MANY) {
                    sum += life.size;
                } else if (stay != null) {
                    for (int i = stay.from; i <= Math.min(stay.to, live[stay.lane].length - 1); i++) {
                        live[stay.lane][i] += life.size;
                    }
                }
            }
            for (long[] lane : live) {
                sum += Arrays.stream(lane).max().orElse(0);
            }
            lowerBound = Math.max(lowerBound, sum);
        }
    }

    private void place() {
        List<Life> owners = new ArrayList<>(lives.values());
        owners.removeIf(life -> life.owner != null);
        owners.sort(MemoryPlan::bySize);
        List<Life> placed = new ArrayList<>();
        for (Life life : owners) {
            life.offset = lowest(life, placed);
            bytes = Math.max(bytes, life.offset + life.size);
            int at = Collections.binarySearch(placed, life, (a, b) -> Long.compare(a.offset, b.offset));
            placed.add(at < 0 ? -at - 1 : at, life);
        }
    }

    /** The largest first, of those the one that lives first. */
    private static int bySize(Life a, Life b) {
        return a.size != b.size ? Long.compare(b.size, a.size) : Integer.compare(a.first.phase, b.first.phase);
    }

    private static long lowest(Life life, List<Life> placed) {
        long at = 0;
        for (Life other : placed) {
            if (life.overlaps(other)) {
                if (at + life.size <= other.offset) {
                    return at;
                }
                at = Math.max(at, other.offset + other.size);
            }
        }
        return at;
    }

    /** A step's place: the phase, the lane, or many, the place within it, and the block that it is in. */
    private record Moment(int phase, int lane, int index, Phase.Block block) {
        static final int MANY = -1;

        static Moment somewhere(int phase) {
            return new Moment(phase, MANY, 0, new Phase.Block(0, 1, 1));
        }

        boolean isLoop() {
            return block.times() > 1;
        }

        boolean isInLoopOf(Moment other) {
            return phase == other.phase && lane == other.lane && block.equals(other.block);
        }

        Moment start() {
            return new Moment(phase, lane, block.from(), block);
        }

        Moment end() {
            return new Moment(phase, lane, block.to() - 1, block);
        }

        @Override
        public boolean equals(@Nullable Object o) {
            return o instanceof Moment that && phase == that.phase && lane == that.lane && index == that.index;
        }

        @Override
        public int hashCode() {
            return Objects.hash(phase, lane, index);
        }
    }

    /** The part of a phase in which a buffer lives: steps of a lane, or all of the phase. */
    private record Stay(int lane, int from, int to) {
        /** Lanes run beside each other: only within one it is known what is over before something else begins. */
        boolean overlaps(Stay other) {
            return lane == Moment.MANY || lane != other.lane || from <= other.to && other.from <= to;
        }
    }

    private static final class Life {
        private final Buffer buffer;
        private long size;
        private Moment first = Moment.somewhere(0);
        private Moment last = first;
        private boolean used;
        /** The first step that uses the buffer. */
        private @Nullable Moment made;
        /** Whether all of it is used in a loop, and each tile begins anew. */
        private boolean perTile;
        /** How many tiles' values it holds, because other loops read them. */
        private int copies = 1;

        private long offset;
        private @Nullable Life owner;

        Life(Buffer buffer) {
            this.buffer = buffer;
            this.size = rounded(buffer.bytes());
        }

        private static long rounded(long bytes) {
            return (Math.max(bytes, 1) + ALIGNMENT - 1) & -ALIGNMENT;
        }

        Life owner() {
            return owner == null ? this : owner.owner();
        }

        void read(Moment at, Buffer view) {
            if (made == null) {
                made = at;
            }
            meet(made, at, view);
        }

        void write(Moment at, Buffer view) {
            if (made == null) {
                made = at;
                perTile = at.isLoop() && view.motion() == 0;
            }
            meet(made, at, view);
        }

        /** A value that is made tile by tile is kept for the tiles of other loops; there is no other reader. */
        private void meet(Moment maker, Moment at, Buffer view) {
            if (!perTile || at.isInLoopOf(maker)) {
                return;
            }
            if (at.block.times() != maker.block.times() || view.motion() != 0) {
                throw new IllegalStateException(buffer + " is read outside of the loop that makes it tile by tile");
            }
            copies = maker.block.times();
            size = rounded(Math.multiplyExact(rounded(buffer.bytes()), copies));
        }

        boolean isOfOneTile() {
            return copies == 1 && (perTile || !first.isLoop() && !last.isLoop());
        }

        long stride() {
            return copies == 1 ? 0 : rounded(buffer.bytes());
        }

        /** Steps are told phase by phase and lane by lane. What outlives a tile lives through all of its loops. */
        void use(Moment at) {
            boolean within = !at.isLoop() || perTile && copies == 1;
            begin(within ? at : at.start());
            end(within ? at : at.end());
        }

        private void begin(Moment at) {
            if (!used) {
                used = true;
                first = at;
                last = at;
            } else if (at.phase == first.phase && at.lane != first.lane) {
                first = Moment.somewhere(at.phase);
            }
        }

        private void end(Moment at) {
            last = at.phase == last.phase && at.lane != last.lane ? Moment.somewhere(at.phase) : at;
        }

        @Nullable
        Stay stay(int phase) {
            if (phase < first.phase || phase > last.phase) {
                return null;
            }
            boolean starts = phase == first.phase;
            boolean ends = phase == last.phase;
            if (!starts && !ends || starts && first.lane == Moment.MANY || ends && last.lane == Moment.MANY) {
                return new Stay(Moment.MANY, 0, Integer.MAX_VALUE);
            }
            return new Stay(
                    starts ? first.lane : last.lane, starts ? first.index : 0, ends ? last.index : Integer.MAX_VALUE);
        }

        boolean overlaps(Life other) {
            int from = Math.max(first.phase, other.first.phase);
            int to = Math.min(last.phase, other.last.phase);
            for (int phase = from; phase <= to; phase++) {
                if (Objects.requireNonNull(stay(phase)).overlaps(Objects.requireNonNull(other.stay(phase)))) {
                    return true;
                }
            }
            return false;
        }
    }
}
