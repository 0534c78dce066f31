package dev.fluxion.engine.rule;

import dev.fluxion.ir.UnaryFn;
import java.util.List;

/** The functions whose gradients the library computes, for tests. */
public final class NativeGradients {
    private NativeGradients() {}

    public static List<UnaryFn> all() {
        return NativeFunctions.all().stream()
                .filter(kernels -> kernels.gradient().isPresent())
                .map(NativeFunctions.Kernels::fn)
                .toList();
    }
}
