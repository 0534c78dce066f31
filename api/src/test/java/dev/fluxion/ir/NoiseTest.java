package dev.fluxion.ir;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fluxion.check.GradCheck;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

class NoiseTest {
    /** Names whose hash codes are equal. */
    private static final List<String> ALIKE = List.of("Aa", "BB");

    @Test
    void everyCharacterOfANameCounts() {
        assertThat(ALIKE.get(0).hashCode()).isEqualTo(ALIKE.get(1).hashCode());
        Set<Long> streams = new HashSet<>();
        int names = 0;
        for (String layer : List.of("Aa", "BB", "q1", "pP", "AaAa", "AaBB", "BBAa", "BBBB", "", "0", "\0", "\0\0")) {
            for (int i = 0; i < 1000; i++) {
                for (String parameter : List.of("weight", "bias")) {
                    streams.add(Noise.stream(layer + "." + i + "." + parameter));
                    names++;
                }
            }
        }
        assertThat(streams).hasSize(names);
    }

    @Test
    void keysDifferBySeedStepAndName() {
        Set<Long> keys = new HashSet<>();
        for (long seed = -5; seed < 5; seed++) {
            for (long step = 0; step < 10; step++) {
                for (String name : ALIKE) {
                    keys.add(Noise.key(seed, step, name));
                }
            }
        }
        assertThat(keys).hasSize(200);
        assertThat(Noise.key(1, 2, "a")).isEqualTo(Noise.key(1, 2, Noise.stream("a")));
    }

    @Test
    void gradCheckDrawsByWholeNames() {
        Shape shape = Shape.of(4);
        GradCheck check = GradCheck.of(Expr.parameter("Aa", shape).mul(Expr.parameter("BB", shape)));
        for (String name : ALIKE) {
            check = check.draw(name, (values, s, random) -> {
                for (int i = 0; i < values.length; i++) {
                    values[i] = random.nextFloat();
                }
            });
        }
        assertThat(check.bindings().get("Aa")).isNotEqualTo(check.bindings().get("BB"));
    }
}
