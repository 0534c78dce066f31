package dev.fluxion.engine.kernel;

import dev.fluxion.engine.plan.Buffer;
import dev.fluxion.engine.plan.Step;
import dev.fluxion.ffi.Blas;
import dev.fluxion.ffi.Call;
import java.util.List;
import java.util.stream.Stream;

/** A kernel of a loop with a sum of what it makes tile by tile: the first tile's value begins it, the others are added. */
public final class Accumulated implements Step.Kernel {
    private final Step.Kernel kernel;
    private final Call begin;
    private final Call add;
    private int tile;

    private Accumulated(Step.Kernel kernel, Call begin, Call add) {
        this.kernel = kernel;
        this.begin = begin;
        this.add = add;
    }

    /** A step that sums up what it makes in {@code value}, which has the layout of the sum. */
    public static Step step(Step step, Buffer value, Buffer sum) {
        Buffer all = sum.accumulating();
        int count = Math.toIntExact(value.bytes() / Float.BYTES);
        return step.touching(with(step.reads(), all), with(step.writes(), all))
                .flops(step.flops() + count)
                .by(places -> new Accumulated(
                        places.kernel(step.binder()),
                        Blas.copy(count, places.of(value), places.of(sum)),
                        Blas.axpy(count, () -> 1, places.of(value), places.of(sum))));
    }

    private static List<Buffer> with(List<Buffer> buffers, Buffer more) {
        return Stream.concat(buffers.stream(), Stream.of(more)).toList();
    }

    @Override
    public void at(int next) {
        tile = next;
        kernel.at(next);
    }

    @Override
    public void run() {
        kernel.run();
        (tile == 0 ? begin : add).run();
    }

    @Override
    public void close() {
        begin.close();
        add.close();
    }
}
