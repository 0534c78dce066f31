package dev.fluxion.engine.update;

import dev.fluxion.engine.store.Magnitude;
import dev.fluxion.engine.store.Scalars;
import dev.fluxion.ffi.Memory;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Knows before each update of a rule up to which gradients no number of it can leave float32's range, from bounds of the
 * numbers before it. The bounds grow from step to step, by one multiplication each; when they have grown too far, the
 * numbers are measured. Where bounds grow too fast, the numbers are looked at behind each update. It is used while nobody
 * else changes the parameters.
 */
public final class Guard {
    private static final double[] GRADIENTS = {0x1p56, 0x1p40, 0x1p24, 0x1p8};
    private static final double[] ROOMS = {0x1p40, 0x1p20, 0x1p10, 0x1p3};
    /** Steps for which a bound should hold. */
    private static final int STEPS = 64;
    /** How much scalars may grow before the bounds are found anew. */
    private static final double MORE = 1.0625;
    /** The largest number is at most the root of a sum of squares, but for what float32 rounds, to 0, too. */
    private static final double ROUNDING = 1 + 0x1p-20;

    private static final double UNDERFLOW = 0x1p-60;

    private final TracedUpdate rule;
    private final Target[] targets;
    private final Scalars.Cell[] cells;
    private final Limit limit;
    private final double[] boxes;
    private final double[] scalars;
    private final boolean lasting;
    /** What was seen behind the update: for each target, no number is larger. */
    private final double[] seen;

    private @Nullable Growth growth;

    /** A block that the rule changes, and what is known of it. */
    record Target(Magnitude magnitude, Supplier<Memory> block) {
        void measure() {
            magnitude.measure(block.get().slice().floats());
        }
    }

    private Guard(TracedUpdate rule, List<Scalars.Cell> cells, List<Target> targets, Limit limit, boolean lasting) {
        this.rule = rule;
        this.targets = targets.toArray(Target[]::new);
        this.cells = cells.toArray(Scalars.Cell[]::new);
        this.limit = limit;
        this.boxes = new double[targets.size()];
        this.scalars = new double[cells.size()];
        this.lasting = lasting;
        this.seen = new double[targets.size()];
    }

    /** The guard of a rule that can be bounded, whose targets are those in the rule's order. */
    static Guard of(TracedUpdate rule, List<Scalars.Cell> cells, List<Target> targets) {
        return new Guard(rule, cells, targets, new Limit(-1), Growth.isLasting(rule));
    }

    /** A rule of which nothing is known: what it changed is looked at afterwards. */
    static Guard none(TracedUpdate rule, List<Scalars.Cell> cells, List<Target> targets) {
        return new Guard(rule, cells, targets, Limit.FINITE, false);
    }

    /** The sum of squares of what an update wrote for a target, or for a part of it. Threads tell it side by side. */
    synchronized void saw(int target, float squares) {
        seen[target] = Math.max(seen[target], Math.sqrt(squares) * ROUNDING + UNDERFLOW);
    }

    /** Whether nothing is known before an update. */
    boolean isBlind() {
        return limit == Limit.FINITE;
    }

    Limit limit() {
        return limit;
    }

    /** Before an update, with its scalars in their cells. */
    public void prepare() {
        if (isBlind() || holds()) {
            return;
        }
        Stream.of(targets).filter(t -> Double.isNaN(t.magnitude.most())).forEach(Target::measure);
        if (!renew()) {
            Stream.of(targets).forEach(Target::measure);
            if (!renew()) {
                growth = null;
                limit.squares(-1);
            }
        }
    }

    private boolean holds() {
        Growth known = growth;
        if (known == null) {
            return false;
        }
        for (int i = 0; i < boxes.length; i++) {
            Magnitude magnitude = targets[i].magnitude;
            if (!(magnitude.most() <= boxes[i]) || known.isPositive(i) && !magnitude.positive()) {
                return false;
            }
        }
        for (int i = 0; i < scalars.length; i++) {
            double x = cells[i].getAsDouble();
            if (!(x >= Math.min(0, scalars[i]) && x <= Math.max(0, scalars[i]))) {
                return false;
            }
        }
        return true;
    }

    /** Behind an update that was made. */
    public void advance() {
        Growth known = growth;
        if (known == null || limit.wasExceeded()) {
            forget();
            return;
        }
        for (int i = 0; i < boxes.length; i++) {
            Magnitude magnitude = targets[i].magnitude;
            double most = magnitude.most();
            magnitude.grow(lasting ? known.next(i, most) : seen(i), known.isPositive(i));
        }
    }

    private synchronized double seen(int target) {
        double most = seen[target];
        seen[target] = 0;
        return most;
    }

    /** Behind a run that failed: nobody knows how far it came. */
    public void forget() {
        for (Target target : targets) {
            target.magnitude.forget();
        }
    }

    /** Finds bounds for the steps to come: for the largest gradients, and for many steps, if possible. */
    private boolean renew() {
        for (int i = 0; i < scalars.length; i++) {
            scalars[i] = cells[i].getAsDouble() * MORE;
        }
        return renew(STEPS) || lasting && renew(1);
    }

    private boolean renew(int steps) {
        for (double gradient : GRADIENTS) {
            for (double room : ROOMS) {
                if (renew(gradient, room, steps)) {
                    limit.squares(gradient * gradient / 4);
                    return true;
                }
            }
        }
        return false;
    }

    private boolean renew(double gradient, double room, int steps) {
        boolean[] positive = new boolean[boxes.length];
        for (int i = 0; i < boxes.length; i++) {
            boxes[i] = targets[i].magnitude.most();
            positive[i] = targets[i].magnitude.positive();
        }
        Growth.Box box = new Growth.Box(gradient, boxes, positive, scalars);
        growth = widen(box, room)
                ? Growth.of(rule, box).filter(g -> !lasting || lasts(g, steps)).orElse(null)
                : null;
        return growth != null;
    }

    /**
     * Makes the boxes larger than the numbers are, and larger than what a step adds to them where that should last. What is added
     * to one target may follow the box of another one: it is looked at again behind that.
     */
    private boolean widen(Growth.Box box, double room) {
        double[] most = boxes.clone();
        boolean wider = true;
        for (int pass = 0; wider && pass <= boxes.length; pass++) {
            wider = false;
            for (int i = 0; i < boxes.length; i++) {
                double term = 1;
                if (lasting) {
                    Optional<Growth> once = Growth.of(rule, box);
                    if (once.isEmpty()) {
                        return false;
                    }
                    term = once.get().term(i);
                }
                double wanted = Math.max(most[i], term) * room;
                wider |= wanted > boxes[i];
                boxes[i] = Math.max(boxes[i], wanted);
            }
        }
        return true;
    }

    private boolean lasts(Growth found, int steps) {
        double[] most = Stream.of(targets).mapToDouble(t -> t.magnitude.most()).toArray();
        for (int step = 0; step < steps; step++) {
            for (int i = 0; i < most.length; i++) {
                most[i] = found.next(i, most[i]);
            }
        }
        for (int i = 0; i < most.length; i++) {
            if (!(most[i] <= boxes[i])) {
                return false;
            }
        }
        return true;
    }
}
