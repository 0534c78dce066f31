package dev.fluxion.engine.run;

import dev.fluxion.engine.plan.Step;
import dev.fluxion.engine.store.PackedWeights;
import dev.fluxion.ffi.Memory;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** The kernels of one program, bound to memory, and its shares in packed weights, to be freed together. It refers to nothing else of the program. */
public final class Natives implements AutoCloseable {
    private final List<Step.Kernel> kernels = new ArrayList<>();
    private final List<PackedWeights.Share> shares = new ArrayList<>();
    private @Nullable Memory arena;

    public Natives() {
        Worker.begin();
    }

    /** Frees what is bound; from now on kernels are bound to this memory. */
    public void bind(Memory memory) {
        unbind();
        arena = memory;
    }

    /** Frees what is bound. */
    public void unbind() {
        kernels.forEach(Step.Kernel::close);
        kernels.clear();
        shares.forEach(PackedWeights.Share::close);
        shares.clear();
        arena = null;
    }

    /** Whether kernels are bound to this memory. */
    public boolean isBoundTo(Memory memory) {
        return arena == memory;
    }

    Memory arena() {
        return Objects.requireNonNull(arena);
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
        unbind();
        Worker.end();
    }
}
