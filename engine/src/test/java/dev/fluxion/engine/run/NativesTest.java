package dev.fluxion.engine.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.fluxion.engine.plan.Step;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What a kernel was bound to is freed, also if its binding fails half-way. */
class NativesTest {
    private final List<String> freed = new ArrayList<>();

    private Step.Kernel kernel(String name) {
        return new Step.Kernel() {
            @Override
            public void run() {}

            @Override
            public void close() {
                freed.add(name);
            }
        };
    }

    private Step.Kernel failing(Step.Places places) {
        places.kernel(inner -> kernel("first"));
        places.kernel(inner -> {
            inner.kernel(innermost -> kernel("second"));
            throw new IllegalStateException("no memory");
        });
        return kernel("never made");
    }

    @Test
    void kernelsOfAKernelThatIsNeverMadeAreFreed() {
        Natives natives = new Natives();
        Binding binding = new Binding(null, natives, null, null, List.of());
        for (Step.Places places : List.of(binding, new TilePlaces(binding, 3))) {
            assertThatThrownBy(() -> places.kernel(this::failing)).hasMessage("no memory");
        }
        natives.close();
        assertThat(freed).containsExactly("first", "second", "first", "second");
    }

    @Test
    void aKernelAndThoseItIsMadeOfAreFreedOnce() {
        Natives natives = new Natives();
        Binding binding = new Binding(null, natives, null, null, List.of());
        new TilePlaces(binding, 3).kernel(places -> {
            places.kernel(inner -> kernel("inner"));
            return kernel("outer");
        });
        natives.close();
        assertThat(freed).containsExactly("inner", "outer");
    }
}
