package dev.fluxion.engine.kernel;

import dev.fluxion.engine.plan.Step;
import java.util.List;

/** Kernels, one after the other. */
public final class InTurn implements Step.Kernel {
    private final Step.Kernel[] kernels;

    private InTurn(Step.Kernel[] kernels) {
        this.kernels = kernels;
    }

    /** A kernel that runs those of the given binders in this order. */
    public static Step.Binder of(List<Step.Binder> binders) {
        return places -> new InTurn(binders.stream().map(places::kernel).toArray(Step.Kernel[]::new));
    }

    @Override
    public void at(int next) {
        for (Step.Kernel kernel : kernels) {
            kernel.at(next);
        }
    }

    @Override
    public void run() {
        for (Step.Kernel kernel : kernels) {
            kernel.run();
        }
    }
}
