package dev.fluxion.dsl.train;

import static dev.fluxion.dsl.layer.Layers.conv;
import static dev.fluxion.dsl.layer.Layers.flatten;
import static dev.fluxion.dsl.layer.Layers.linear;
import static dev.fluxion.dsl.layer.Layers.maxPool;
import static dev.fluxion.dsl.layer.Layers.relu;
import static dev.fluxion.dsl.loss.Losses.crossEntropy;
import static dev.fluxion.dsl.optim.Optimizers.adamW;
import static dev.fluxion.dsl.optim.Optimizers.sgd;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.fluxion.Optimizer;
import dev.fluxion.Tensor;
import dev.fluxion.data.Batch;
import dev.fluxion.data.DataLoader;
import dev.fluxion.data.Dataset;
import dev.fluxion.data.SyntheticDigits;
import dev.fluxion.dsl.layer.Seq;
import dev.fluxion.dsl.optim.Schedules;
import dev.fluxion.engine.Explanation;
import dev.fluxion.engine.Program;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Training some parts of a model while the others stay as they are. */
class FreezingTest {
    private static final Dataset DIGITS = SyntheticDigits.of(48, 1);

    private static Model model() {
        Seq front = Seq.of(conv(4, 3), relu(), maxPool(2), conv(6, 3), maxPool(2), flatten());
        return Model.of(
                Seq.of(front.named("front"), linear(12), relu(), linear(10).named("1x"), linear(10)), 1, 28, 28);
    }

    /** Weight decay and momentum move parameters without a gradient, if they get at them. */
    static Stream<Optimizer> optimizers() {
        return Stream.of(
                sgd(0.1), sgd(0.1).momentum(0.9).weightDecay(0.1), adamW(0.01).weightDecay(0.5));
    }

    @ParameterizedTest
    @MethodSource("optimizers")
    void frozenPartsStayToTheBit(Optimizer optimizer) {
        Trainer trainer = Trainer.of(crossEntropy(), optimizer).epochs(2);
        List<String> front = List.of("front.0.weight", "front.0.bias", "front.3.weight", "front.3.bias");

        assertThat(changed(trainer)).hasSize(10).containsAll(front);
        assertThat(changed(trainer.only("1", "4.bias"))).containsExactly("1.bias", "1.weight", "4.bias");
        assertThat(changed(trainer.only("front"))).containsExactlyInAnyOrderElementsOf(front);
        assertThat(changed(trainer.only(name -> name.endsWith("bias"))))
                .containsExactly("1.bias", "1x.bias", "4.bias", "front.0.bias", "front.3.bias");
    }

    /** The parameters that a training changes. */
    private static Collection<String> changed(Trainer trainer) {
        try (Model model = model()) {
            Map<String, Tensor> before = model.parameters().values();
            trainer.fit(model, DataLoader.of(DIGITS).batch(16));
            Collection<String> changed = new TreeSet<>();
            model.parameters().values().forEach((name, value) -> {
                if (!value.equals(before.get(name))) {
                    changed.add(name);
                }
            });
            return changed;
        }
    }

    @Test
    void theLastChoiceCountsAndOthersStay() {
        List<String> lines = new ArrayList<>();
        Trainer trainer = Trainer.of(crossEntropy(), sgd(0.1))
                .only("front")
                .only("4")
                .epochs(1)
                .schedule(Schedules.constant())
                .listen(TrainingListener.lines(100, lines::add));

        assertThat(changed(trainer)).containsExactly("4.bias", "4.weight");
        assertThat(lines).hasSize(1);
    }

    @Test
    void theRestOfTheTrainingIsTheSame() {
        Batch batch = DIGITS.first(16);
        try (Model model = model();
                Model other = model()) {
            Training all = model.training(crossEntropy(), sgd(0.1));
            Training tail = other.training(crossEntropy(), sgd(0.1)).only("4");

            assertThat(tail.step(batch)).isEqualTo(all.step(batch));
            assertThat(other.parameters().get("4.weight"))
                    .isEqualTo(model.parameters().get("4.weight"));
        }
    }

    @Test
    void noGradientIsComputedInFrontOfTheFirstPartThatIsTrained() {
        try (Model model = model()) {
            Training all = model.training(crossEntropy(), sgd(0.1));

            Program whole = all.program(16);
            Program part = all.only("front.3").program(16);
            assertThat(differentiated(whole)).contains("conv(6, 3)", "maxPool(2)");
            assertThat(differentiated(part)).containsExactly("conv(6, 3)", "maxPool(2)");
            assertThat(part.explain().flops())
                    .as("some processors compute the gradient of a single channel as a product")
                    .isLessThan(whole.explain().flops());
            assertThat(differentiated(all.only("1", "1x", "4").program(16))).isEmpty();
        }
    }

    /** The convolutions and poolings that a program goes back through. */
    private static Collection<String> differentiated(Program program) {
        return program.explain().steps().stream()
                .filter(step -> step.operator().matches("(conv|maxPool)Grad.*"))
                .map(Explanation.Line::origin)
                .collect(Collectors.toCollection(TreeSet::new));
    }

    @Test
    void partsThatAreNotThereAreNamedBeforeAnyStep() {
        try (Model model = model()) {
            Trainer trainer = Trainer.of(crossEntropy(), sgd(0.1));
            String known = "; there are [front.0.weight, front.0.bias, front.3.weight, front.3.bias, 1.weight, 1.bias, "
                    + "1x.weight, 1x.bias, 4.weight, 4.bias]";

            for (String unknown : List.of("heat", "front.", "fron", "", "front.1", "4.weights")) {
                assertThatThrownBy(() -> trainer.only("1", unknown).fit(model, DataLoader.of(DIGITS)))
                        .isInstanceOf(IllegalArgumentException.class)
                        .hasMessage("there is no parameter to train in '" + unknown + "'" + known);
            }
            assertThatThrownBy(() -> trainer.only().fit(model, DataLoader.of(DIGITS)))
                    .hasMessage("no parameter is left to train" + known);
            assertThatThrownBy(() -> trainer.only(name -> false).fit(model, DataLoader.of(DIGITS)))
                    .hasMessage("no parameter is left to train" + known);
            assertThatThrownBy(() ->
                            model.training(crossEntropy(), sgd(1)).only("4").only("1"))
                    .hasMessage("there is no parameter to train in '1'; there are [4.weight, 4.bias]");
        }
    }
}
