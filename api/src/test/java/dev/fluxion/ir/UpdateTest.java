package dev.fluxion.ir;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class UpdateTest {
    @ParameterizedTest
    @CsvSource({"0.weight, momentum_buffer", "w, m", "w, ''", "'', m"})
    void slotsTellTheirParameterAndTheirName(String parameter, String name) {
        String slot = Update.slot(parameter, name);
        assertThat(slot).isEqualTo(parameter + "#" + name);
        assertThat(Update.owner(slot)).isEqualTo(parameter);
        assertThat(Update.slotName(slot)).isEqualTo(name);
        assertThat(Update.owner(parameter)).isEqualTo(parameter);
        assertThat(Update.slotName(parameter)).isEmpty();
    }
}
