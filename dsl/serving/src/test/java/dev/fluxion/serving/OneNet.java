package dev.fluxion.serving;

import static dev.fluxion.dsl.layer.Layers.linear;
import static dev.fluxion.dsl.layer.Layers.relu;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.fluxion.Tensor;
import dev.fluxion.dsl.layer.Seq;
import dev.fluxion.dsl.train.Model;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;

/** Tests of batchers for one small net. */
abstract class OneNet {
    static final Batching SMALL = Batching.defaults().maxBatch(8).workers(1);
    static Model net;

    @BeforeAll
    static void make() {
        net = Model.of(Seq.of(linear(16), relu(), linear(3)), 4);
    }

    @AfterAll
    static void close() {
        net.close();
    }

    static Tensor samples(int rows, int seed) {
        Random random = new Random(seed);
        float[] values = new float[rows * 4];
        for (int i = 0; i < values.length; i++) {
            values[i] = (float) random.nextGaussian();
        }
        return Tensor.of(values, rows, 4);
    }

    static void assertAnswers(Tensor answer, Tensor samples) {
        Tensor alone = net.predict(samples);
        assertThat(answer.shape()).isEqualTo(alone.shape());
        for (int i = 0; i < answer.size(); i++) {
            assertThat(answer.floats()[i]).isCloseTo(alone.floats()[i], within(1e-5f));
        }
    }

    static void assertRefused(CompletableFuture<?> answer, Refusal why) {
        assertThatThrownBy(answer::join)
                .isInstanceOf(CompletionException.class)
                .cause()
                .isInstanceOfSatisfying(
                        RefusedException.class, e -> assertThat(e.refusal()).isEqualTo(why));
    }
}
