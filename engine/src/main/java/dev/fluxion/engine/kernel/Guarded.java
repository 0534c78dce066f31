package dev.fluxion.engine.kernel;

import dev.fluxion.engine.plan.Buffer;
import dev.fluxion.engine.plan.Step;
import dev.fluxion.ir.Shape;
import java.nio.FloatBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.function.BooleanSupplier;
import java.util.function.IntFunction;
import java.util.stream.Stream;

/**
 * A native kernel that makes ordinary numbers of NaN or infinities, with a repair of its results: it runs after the kernel
 * where a number that is watched is not finite. Watched is what the kernel reads, or what it makes if that tells.
 */
public final class Guarded implements Step.Kernel {
    private static final String REPAIR = "java:repair";

    private final Step.Kernel kernel;
    private final IntFunction<BooleanSupplier> trusted;
    private final IntFunction<Finite> watched;
    private final int times;
    private final Step.Kernel repair;
    private int tile;

    private Guarded(
            Step.Kernel kernel,
            IntFunction<BooleanSupplier> trusted,
            IntFunction<Finite> watched,
            int times,
            Step.Kernel repair) {
        this.kernel = kernel;
        this.trusted = trusted;
        this.watched = watched;
        this.times = times;
        this.repair = repair;
    }

    /** What is known without looking at the numbers. */
    public interface Knowledge {
        /** Says before each run whether all numbers are known to be finite. */
        BooleanSupplier bind(Step.Places places);
    }

    /**
     * A step with a repair.
     *
     * @param watched what is looked at
     * @param known says what need not be looked at, by what {@code facts} hold
     */
    public static Step step(Step step, Buffer watched, List<Buffer> facts, Knowledge known, Step.Binder repair) {
        Buffer sum = Buffer.scratch("sum of squares", Float.BYTES);
        List<Buffer> scratch = new ArrayList<>(step.scratch());
        scratch.add(sum);
        List<Buffer> reads =
                Stream.concat(step.reads().stream(), facts.stream()).toList();
        Step guarded = step.touching(reads, step.writes())
                .needing(scratch)
                .by(places -> new Guarded(
                        places.kernel(step.binder()),
                        places.each(known::bind),
                        places.each(at -> new Finite(at.of(watched), at.of(sum), count(watched))),
                        places.times(),
                        places.kernel(repair)));
        Room.require(guarded, REPAIR);
        Step repaired = Step.of("repair", step.origin(), step.reads(), step.writes(), REPAIR, places -> () -> {});
        return guarded.shared((parts, library) -> {
            List<Step> steps = new ArrayList<>(step.division().into(parts, library));
            if (!steps.isEmpty()) {
                steps.add(step(repaired, watched, facts, known, repair));
            }
            return steps;
        });
    }

    private static int count(Buffer watched) {
        return Math.toIntExact(watched.bytes() / Float.BYTES);
    }

    /** A step with a repair, of which nothing is known. */
    public static Step step(Step step, Buffer watched, Step.Binder repair) {
        return step(step, watched, List.of(), places -> () -> false, repair);
    }

    /** A repair that makes an element NaN where another one is. */
    public static Step.Binder elements(Buffer operand, Buffer result) {
        return places -> {
            FloatBuffer from = places.of(operand).floats();
            FloatBuffer to = places.of(result).floats();
            return () -> {
                for (int i = 0; i < to.limit(); i++) {
                    if (Float.isNaN(from.get(i))) {
                        to.put(i, Float.NaN);
                    }
                }
            };
        };
    }

    /** A repair that makes all elements of a line NaN where one of them is. */
    public static Step.Binder lines(Shape shape, int axis, Buffer result) {
        return places -> {
            FloatBuffer to = places.of(result).floats();
            int step = shape.strides()[axis];
            int length = shape.dim(axis);
            return () -> {
                for (int line = 0; line < shape.size() / length; line++) {
                    int start = line / step * step * length + line % step;
                    boolean nan = false;
                    for (int i = 0; i < length; i++) {
                        nan |= Float.isNaN(to.get(start + i * step));
                    }
                    for (int i = 0; nan && i < length; i++) {
                        to.put(start + i * step, Float.NaN);
                    }
                }
            };
        };
    }

    @Override
    public void at(int next) {
        tile = next;
        kernel.at(next);
        repair.at(next);
    }

    @Override
    public void run() {
        kernel.run();
        if (!trusted.apply(tile).getAsBoolean() && watched.apply(tile).firstOther() >= 0) {
            repair.run();
        }
    }

    @Override
    public void close() {
        for (int i = 0; i < times; i++) {
            watched.apply(i).close();
        }
    }
}
