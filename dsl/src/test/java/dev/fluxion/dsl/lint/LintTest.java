package dev.fluxion.dsl.lint;

import static dev.fluxion.dsl.layer.Layers.*;
import static dev.fluxion.dsl.lint.Runs.*;
import static dev.fluxion.dsl.loss.Losses.*;
import static dev.fluxion.dsl.optim.Optimizers.adam;
import static dev.fluxion.dsl.optim.Optimizers.sgd;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.fluxion.Input;
import dev.fluxion.Layer;
import dev.fluxion.Tensor;
import dev.fluxion.Tensors;
import dev.fluxion.data.Batch;
import dev.fluxion.data.DataLoader;
import dev.fluxion.data.Dataset;
import dev.fluxion.dsl.layer.Seq;
import dev.fluxion.dsl.lint.LintCases.Case;
import dev.fluxion.dsl.train.Metrics;
import dev.fluxion.dsl.train.Model;
import dev.fluxion.dsl.train.Trainer;
import dev.fluxion.dsl.train.Training;
import dev.fluxion.ir.ValueException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Each check finds what it is for, with the layer and its line, and finds nothing in what is nearly the same and right. */
class LintTest {
    private static final Seq NET = Seq.of(linear(4, 8), batchNorm(8), relu(), dropout(0.2), linear(8, 3));

    static Stream<Case> cases() {
        return LintCases.all();
    }

    @ParameterizedTest
    @MethodSource("cases")
    void whatIsFound(Case c) {
        List<Finding> findings = c.run().get();
        if (c.text().isEmpty()) {
            assertThat(findings).isEmpty();
        } else {
            assertThat(findings).filteredOn(f -> f.check() == c.check()).isNotEmpty();
            assertThat(findings)
                    .filteredOn(f -> f.check() == c.check())
                    .extracting(Finding::toString)
                    .anySatisfy(text -> assertThat(text)
                            .contains(c.text(), "(silence it with lint(Lint.all().without(Check." + c.check() + ")))"));
            assertThat(findings).allMatch(f -> f.check() == c.check());
        }
    }

    @Test
    void eachCheckHasCasesOfBothKinds() {
        Map<Boolean, List<Case>> kinds =
                LintCases.all().collect(Collectors.partitioningBy(c -> c.text().isEmpty()));
        for (Check check : Check.values()) {
            assertThat(kinds.get(true)).anyMatch(c -> c.check() == check);
            assertThat(kinds.get(false)).anyMatch(c -> c.check() == check);
        }
    }

    @Test
    void findingsAreSilencedByName() {
        Seq twice = Seq.of(linear(4, 3), softmax());
        DataLoader sorted = DataLoader.of(blobs(96, 1, i -> i / 32)).batch(16);
        List<Finding> findings = new ArrayList<>();
        Trainer trainer = Trainer.of(crossEntropy(), adam(1e-2));
        try (Model model = Model.of(twice, 4)) {
            trainer.lint(Lint.all().to(findings::add)).fit(model, sorted);
            assertThat(findings).extracting(Finding::check).containsExactly(Check.OUTPUT_SCALE, Check.UNSHUFFLED);
            findings.clear();
            trainer.lint(Lint.all().without(Check.OUTPUT_SCALE).to(findings::add))
                    .fit(model, sorted);
            assertThat(findings).extracting(Finding::check).containsExactly(Check.UNSHUFFLED);
            findings.clear();
            trainer.lint(Lint.none().to(findings::add)).fit(model, sorted);
            assertThat(findings).isEmpty();
        }
    }

    @Test
    void findingsMayBeErrors() {
        try (Model model = Model.of(Seq.of(linear(4, 3), softmax()), 4)) {
            Map<String, Tensor> before = model.parameters().values();
            Trainer strict =
                    Trainer.of(crossEntropy(), adam(1e-2)).lint(Lint.all().strict(true));
            assertThatThrownBy(() -> strict.fit(model, shuffled(blobs(96, 1), 16)))
                    .isInstanceOfSatisfying(
                            LintException.class,
                            e -> assertThat(e.finding().check()).isEqualTo(Check.OUTPUT_SCALE))
                    .hasMessageStartingWith("crossEntropy() at LintTest.java:")
                    .hasMessageContaining("leave that out, the loss applies a softmax itself");
            assertThat(model.parameters().values()).isEqualTo(before);
        }
    }

    /** Units are looked at by a program for one shape of each input. */
    @Test
    void extentsMayVaryWhileUnitsAreLookedAt() {
        Layer side = (scope, x) ->
                x.add(scope.value("side").mean(1).reshape(x.shape().dim(0), 1));
        Dataset data = new Dataset() {
            @Override
            public int size() {
                return 250;
            }

            @Override
            public Batch batch(int... numbers) {
                Tensors inputs = Tensors.of("x", Tensor.zeros(numbers.length, 4))
                        .with("side", Tensor.zeros(numbers.length, numbers[0] < 205 ? 3 : 5));
                return new Batch(inputs, Tensors.of(Tensor.zeros(numbers.length, 2)));
            }
        };
        Seq net = Seq.of(linear(4, 8), side, relu(), linear(8, 2));
        try (Model model =
                Model.of(net, Input.floats("x", 4), Input.floats("side", 5).varies(0, "T"))) {
            Trainer trainer = Trainer.of(mse(), sgd(0.01)).lint(Lint.all().to(finding -> {}));
            assertThat(trainer.fit(model, DataLoader.of(data).batch(1)).steps()).isEqualTo(250);
        }
    }

    /** Who trains step by step is told of layers and losses, once, and not again for another batch size. */
    @Test
    void aTrainingStepByStepTellsOnce() {
        List<Finding> findings = new ArrayList<>();
        Dataset data = blobs(96, 1);
        try (Model model = Model.of(Seq.of(linear(4, 3), softmax()), 4)) {
            Training training =
                    model.training(crossEntropy(), adam(1e-2)).lint(Lint.all().to(findings::add));
            training.step(data.first(8));
            training.step(data.first(8));
            training.step(data.first(9));
            training.forward(data.first(8));
        }
        assertThat(findings).hasSize(1);
    }

    /** The last batch would end an epoch with an error: this is told before it begins. */
    @Test
    void aLastBatchOfOneIsToldBeforeTheEpoch() {
        List<Finding> findings = new ArrayList<>();
        try (Model model = Model.of(NET, 4)) {
            Trainer trainer = Trainer.of(crossEntropy(), adam(1e-2))
                    .lint(Lint.all().to(finding -> {
                        findings.add(finding);
                        throw new IllegalStateException("told");
                    }));
            assertThatThrownBy(() -> trainer.fit(model, shuffled(blobs(33, 1), 16)))
                    .hasMessage("told");
        }
        assertThat(findings)
                .singleElement()
                .satisfies(
                        finding -> assertThat(finding.toString())
                                .startsWith("batchNorm(8) at LintTest.java:")
                                .contains(
                                        "33 samples in batches of 16 leave a last batch of one, and this layer normalises by the batch, which "
                                                + "a single value does not allow: the epoch would end with an error; use dropLast(true) or"));
    }

    /** A loss that is infinite after a few steps is an error; the finding says why. */
    @Test
    void aLossThatOverflowsHasGrown() {
        List<Finding> findings = new ArrayList<>();
        try (Model model = Model.of(linear(4, 1), 4)) {
            Trainer trainer = Trainer.of(mse(), sgd(1e9)).lint(Lint.all().to(findings::add));
            assertThatThrownBy(() -> trainer.epochs(20).fit(model, shuffled(line(96, 1), 16)))
                    .isInstanceOf(ValueException.class);
        }
        assertThat(findings).extracting(Finding::check).containsExactly(Check.LOSS_GROWS);
    }

    @Test
    void lookingChangesNoBit() {
        Map<String, Tensor> looked = trained(Lint.all().to(finding -> {}));
        assertThat(looked).isEqualTo(trained(Lint.none()));
    }

    private static Map<String, Tensor> trained(Lint lint) {
        Dataset data = blobs(192, 1);
        try (Model model = Model.of(NET, 4)) {
            Trainer.of(crossEntropy(), adam(1e-2))
                    .lint(lint)
                    .epochs(25)
                    .evaluate(DataLoader.of(data.rows(0, 40)).batch(40), Metrics.accuracy())
                    .fit(model, shuffled(data, 16));
            return model.parameters().values();
        }
    }
}
