package dev.fluxion.engine.run;

import dev.fluxion.engine.plan.Buffer;
import dev.fluxion.engine.plan.Step;
import dev.fluxion.engine.plan.Symbol;
import dev.fluxion.ffi.Slice;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import java.util.function.IntFunction;

/** Where the buffers of a loop's step lie for each tile. */
final class TilePlaces implements Step.Places {
    private final Binding program;
    private final int times;
    private int tile;
    /** Whether memory that moves was asked for. */
    private boolean moves;

    TilePlaces(Binding program, int times) {
        this.program = program;
        this.times = times;
    }

    @Override
    public Slice of(Buffer buffer) {
        Slice first = first(buffer);
        long motion = motion(buffer);
        moves |= motion != 0;
        return motion == 0 ? first : first.memory().slice(first.offset() + tile * motion, first.bytes());
    }

    @Override
    public <T> T of(Symbol<T> symbol) {
        return program.of(symbol);
    }

    @Override
    public int times() {
        return times;
    }

    @Override
    public Slice first(Buffer buffer) {
        return program.of(buffer);
    }

    @Override
    public long motion(Buffer buffer) {
        return buffer.motion() != 0 ? buffer.motion() : program.stride(buffer);
    }

    @Override
    public <T> IntFunction<T> each(Function<Step.Places, T> make) {
        List<T> all = all(make);
        return all.size() == 1 ? at -> all.get(0) : all::get;
    }

    @Override
    public Step.Kernel kernel(Step.Binder binder) {
        List<Step.Kernel> all = all(places -> program.freed(binder.bind(places)));
        return all.size() == 1 ? all.get(0) : new OnePerTile(all.toArray(Step.Kernel[]::new));
    }

    /** What is made for each tile, or once for all if none of its memory moves. */
    private <T> List<T> all(Function<Step.Places, T> make) {
        int outerTile = tile;
        boolean outerMoves = moves;
        tile = 0;
        moves = false;
        List<T> all = new ArrayList<>();
        do {
            all.add(make.apply(this));
            tile++;
        } while (moves && tile < times);
        tile = outerTile;
        moves = outerMoves;
        return all;
    }

    /** A kernel for each tile. */
    private static final class OnePerTile implements Step.Kernel {
        private final Step.Kernel[] kernels;
        private int tile;

        OnePerTile(Step.Kernel[] kernels) {
            this.kernels = kernels;
        }

        @Override
        public void at(int next) {
            tile = next;
            kernels[tile].at(next);
        }

        @Override
        public void run() {
            kernels[tile].run();
        }
    }
}
