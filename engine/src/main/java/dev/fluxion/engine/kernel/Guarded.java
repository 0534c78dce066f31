package dev.fluxion.engine.kernel;

import dev.fluxion.engine.plan.Buffer;
import dev.fluxion.engine.plan.Step;
import dev.fluxion.ir.Shape;
import java.nio.FloatBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.function.BooleanSupplier;
import java.util.stream.Stream;

/**
 * A native kernel that makes ordinary numbers of NaN or infinities, with a repair of its results: it runs after the kernel
 * where a number that is watched is not finite. Watched is what the kernel reads, or what it makes if that tells.
 */
public final class Guarded implements Step.Kernel {
    private final Step.Kernel kernel;
    private final BooleanSupplier trusted;
    private final Finite watched;
    private final Step.Kernel repair;

    private Guarded(Step.Kernel kernel, BooleanSupplier trusted, Finite watched, Step.Kernel repair) {
        this.kernel = kernel;
        this.trusted = trusted;
        this.watched = watched;
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
        Buffer sum = Buffer.room("sum of squares", () -> Float.BYTES);
        List<Buffer> scratch = new ArrayList<>(step.scratch());
        scratch.add(sum);
        int count = (int) (watched.bytes() / Float.BYTES);
        return new Step(
                step.operator(),
                step.origin(),
                Stream.concat(step.reads().stream(), facts.stream()).toList(),
                step.writes(),
                scratch,
                step.inPlace(),
                step.implementation(),
                step.flops(),
                step.turn(),
                places -> new Guarded(
                        step.binder().bind(places),
                        known.bind(places),
                        new Finite(places.of(watched), places.of(sum), count),
                        repair.bind(places)));
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
    public void run() {
        kernel.run();
        if (!trusted.getAsBoolean() && watched.firstOther() >= 0) {
            repair.run();
        }
    }

    @Override
    public void close() {
        kernel.close();
        watched.close();
        repair.close();
    }
}
