package dev.fluxion.examples;

import dev.fluxion.Loss;
import dev.fluxion.check.GradCheck;
import dev.fluxion.testing.LossCase;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;

class CharbonnierTest {
    private final Loss charbonnier =
            (output, target) -> output.sub(target).square().add(0.01).sqrt().mean();

    @Property
    void theGradientIsRight(@ForAll LossCase c) {
        GradCheck.of(charbonnier, c.output(), c.target()).run().orThrow();
    }
}
