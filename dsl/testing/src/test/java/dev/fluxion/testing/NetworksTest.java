package dev.fluxion.testing;

import dev.fluxion.check.GradCheck;
import dev.fluxion.dsl.loss.Losses;
import dev.fluxion.engine.check.NativeCheck;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;

/** Random networks: their gradients are right, and the engine computes what the interpreter computes. */
class NetworksTest {
    @Property(tries = 60)
    void gradientsAreRight(@ForAll Network net, @ForAll int seed) {
        GradCheck.of(net.layers(), net.input()).directions(2).seed(seed).run().orThrow();
    }

    @Property(tries = 60)
    void theEngineAgreesWithTheInterpreter(@ForAll Network net, @ForAll int seed) {
        NativeCheck.of(GradCheck.of(net.layers(), net.input()).seed(seed)).run().orThrow();
    }

    @Property(tries = 60)
    void crossEntropyOnTheEngine(@ForAll @Targets(Targets.Kind.LABELS) LossCase c) {
        GradCheck check = GradCheck.of(Losses.crossEntropy(), c.output(), c.target());
        check.run().orThrow();
        NativeCheck.of(check).run().orThrow();
    }
}
