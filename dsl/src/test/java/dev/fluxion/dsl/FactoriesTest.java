package dev.fluxion.dsl;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.fluxion.dsl.layer.Initializers;
import dev.fluxion.dsl.layer.Layers;
import dev.fluxion.dsl.loss.Losses;
import dev.fluxion.dsl.optim.Optimizers;
import dev.fluxion.dsl.optim.Schedules;
import dev.fluxion.dsl.train.Metrics;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A row that is missing is found, whichever it is, and one that nothing belongs to. */
class FactoriesTest {
    @ParameterizedTest
    @ValueSource(
            classes = {Layers.class, Initializers.class, Losses.class, Optimizers.class, Schedules.class, Metrics.class
            })
    void everyFactoryNeedsItsRow(Class<?> type) {
        Set<String> all = Factories.of(type);
        assertThat(all).isNotEmpty();
        assertThatCode(() -> Factories.requireRows(type, all)).doesNotThrowAnyException();
        for (String factory : all) {
            Set<String> some = new TreeSet<>(all);
            some.remove(factory);
            assertThatThrownBy(() -> Factories.requireRows(type, some))
                    .isInstanceOf(AssertionError.class)
                    .hasMessage(type.getSimpleName() + ": no rows for [" + factory + "], rows for nothing: []");
            some.addAll(all);
            some.add("none()");
            assertThatThrownBy(() -> Factories.requireRows(type, some)).hasMessageEndingWith("nothing: [none()]");
        }
    }
}
