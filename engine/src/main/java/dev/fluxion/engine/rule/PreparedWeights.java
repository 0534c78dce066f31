package dev.fluxion.engine.rule;

import dev.fluxion.engine.emit.Lowering;
import dev.fluxion.engine.plan.Buffer;
import dev.fluxion.ffi.Layout;
import dev.fluxion.ir.Expr;
import java.util.HashMap;
import java.util.Map;
import java.util.function.Consumer;

/**
 * What convolutions make of their weights: once if nobody changes them, else once in a run for all tiles, until an update.
 *
 * @param <F> the forms that weights are brought into
 */
final class PreparedWeights<F> {
    private final Lowering lowering;
    private final Map<Key<F>, Buffer> known = new HashMap<>();

    PreparedWeights(Lowering lowering) {
        this.lowering = lowering;
    }

    private record Key<F>(Expr weights, F form, Layout layout, int version) {}

    /**
     * The weights in a form.
     *
     * @param form what is made of them, told from other forms by equality; its text is for explanations
     * @param make emits the steps that make it, in the given buffer
     */
    Buffer of(Expr weights, F form, Layout layout, Consumer<Buffer> make) {
        return known.computeIfAbsent(new Key<>(weights, form, layout, lowering.version(weights)), k -> {
            Buffer to = lowering.isStable(weights)
                    ? lowering.packed(weights, form, layout)
                    : Buffer.temporary(form.toString(), layout);
            make.accept(to);
            return to;
        });
    }
}
