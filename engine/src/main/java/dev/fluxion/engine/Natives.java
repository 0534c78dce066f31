package dev.fluxion.engine;

import dev.fluxion.engine.plan.Step;
import dev.fluxion.ffi.Memory;
import java.util.ArrayList;
import java.util.List;

/** The native memory and the bound kernels of one program, to be freed together. It refers to nothing else of the program. */
final class Natives implements AutoCloseable {
    private final Memory arena;
    private final List<Step.Kernel> kernels = new ArrayList<>();

    Natives(long arenaBytes) {
        this.arena = Memory.allocate(arenaBytes);
    }

    Memory arena() {
        return arena;
    }

    List<Step.Kernel> kernels() {
        return kernels;
    }

    Step.Kernel add(Step.Kernel kernel) {
        kernels.add(kernel);
        return kernel;
    }

    @Override
    public void close() {
        kernels.forEach(Step.Kernel::close);
        arena.close();
    }
}
