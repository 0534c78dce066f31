package dev.fluxion.engine.plan;

import java.util.ArrayList;
import java.util.Comparator;
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

    /** The plan for steps in the order in which they run. */
    public static MemoryPlan of(List<Step> steps) {
        MemoryPlan plan = new MemoryPlan();
        for (int i = 0; i < steps.size(); i++) {
            Step step = steps.get(i);
            for (List<Buffer> used : List.of(step.reads(), step.writes(), step.scratch())) {
                for (Buffer b : used) {
                    plan.use(b, i, steps.size());
                }
            }
        }
        for (int i = 0; i < steps.size(); i++) {
            plan.share(steps.get(i), i);
        }
        plan.bound(steps.size());
        plan.place();
        return plan;
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

    private void use(Buffer buffer, int step, int steps) {
        Buffer root = buffer.root();
        if (!root.isFixed()) {
            Life life = lives.computeIfAbsent(root, b -> new Life(b, step));
            life.last = Math.max(life.last, step);
            if (root.isPermanent()) {
                life.first = 0;
                life.last = steps;
            }
        }
    }

    private void share(Step step, int index) {
        if (!step.inPlace() || step.reads().isEmpty()) {
            return;
        }
        Life from = lives.get(step.reads().get(0).root());
        Life to = lives.get(step.writes().get(0).root());
        if (from != null && to != null && from != to && from.owner() != to.owner()) {
            Life owner = from.owner();
            boolean dies = owner.last == index && to.first == index;
            if (dies && to.size == owner.size && !step.scratch().contains(to.buffer)) {
                owner.last = Math.max(owner.last, to.last);
                to.owner = owner;
            }
        }
    }

    private void bound(int steps) {
        long[] live = new long[steps + 1];
        for (Life life : lives.values()) {
            if (life.owner == null) {
                for (int i = life.first; i <= Math.min(life.last, steps); i++) {
                    live[i] += life.size;
                }
            }
        }
        for (long l : live) {
            lowerBound = Math.max(lowerBound, l);
        }
    }

    private void place() {
        List<Life> owners = new ArrayList<>(
                lives.values().stream().filter(l -> l.owner == null).toList());
        owners.sort(Comparator.comparingLong((Life l) -> -l.size).thenComparingInt(l -> l.first));
        List<Life> placed = new ArrayList<>();
        for (Life life : owners) {
            life.offset = lowest(life, placed);
            bytes = Math.max(bytes, life.offset + life.size);
            placed.add(life);
            placed.sort(Comparator.comparingLong(l -> l.offset));
        }
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

    private static final class Life {
        private final Buffer buffer;
        private final long size;
        private int first;
        private int last;
        private long offset;
        private @Nullable Life owner;

        Life(Buffer buffer, int first) {
            this.buffer = buffer;
            this.first = first;
            this.last = first;
            this.size = (Math.max(buffer.bytes(), 1) + ALIGNMENT - 1) & -ALIGNMENT;
        }

        Life owner() {
            return owner == null ? this : owner.owner();
        }

        boolean overlaps(Life other) {
            return first <= other.last && other.first <= last;
        }
    }
}
