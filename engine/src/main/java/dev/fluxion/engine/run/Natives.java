package dev.fluxion.engine.run;

import dev.fluxion.engine.plan.Step;
import dev.fluxion.engine.store.PackedWeights;
import dev.fluxion.ffi.Memory;
import java.util.ArrayList;
import java.util.List;

/** The native memory, the bound kernels and the shares in packed weights of one program, to be freed together. It refers to nothing else of the program. */
public final class Natives implements AutoCloseable {
    private final Memory arena;
    private final List<Step.Kernel> kernels = new ArrayList<>();
    private final List<PackedWeights.Share> shares = new ArrayList<>();

    public Natives(long arenaBytes) {
        this.arena = Memory.allocate(arenaBytes);
        Worker.begin();
    }

    Memory arena() {
        return arena;
    }

    Step.Kernel add(Step.Kernel kernel) {
        kernels.add(kernel);
        return kernel;
    }

    /** Takes a share in packed weights over. */
    PackedWeights.Share add(PackedWeights.Share share) {
        shares.add(share);
        return share;
    }

    @Override
    public void close() {
        kernels.forEach(Step.Kernel::close);
        arena.close();
        shares.forEach(PackedWeights.Share::close);
        Worker.end();
    }
}
