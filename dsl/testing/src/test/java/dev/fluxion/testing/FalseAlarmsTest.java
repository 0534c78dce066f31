package dev.fluxion.testing;

import static dev.fluxion.dsl.loss.Losses.bce;
import static dev.fluxion.dsl.loss.Losses.bceWithLogits;
import static dev.fluxion.dsl.loss.Losses.crossEntropy;
import static dev.fluxion.dsl.loss.Losses.crossEntropyWithProbabilities;
import static dev.fluxion.dsl.loss.Losses.dice;
import static dev.fluxion.dsl.loss.Losses.focal;
import static dev.fluxion.dsl.loss.Losses.hingeEmbedding;
import static dev.fluxion.dsl.loss.Losses.huber;
import static dev.fluxion.dsl.loss.Losses.klDiv;
import static dev.fluxion.dsl.loss.Losses.l1;
import static dev.fluxion.dsl.loss.Losses.logCosh;
import static dev.fluxion.dsl.loss.Losses.mse;
import static dev.fluxion.dsl.loss.Losses.multiMargin;
import static dev.fluxion.dsl.loss.Losses.nll;
import static dev.fluxion.dsl.loss.Losses.poissonNll;
import static dev.fluxion.dsl.loss.Losses.smoothL1;
import static dev.fluxion.dsl.loss.Losses.softMargin;
import static org.assertj.core.api.Assertions.assertThat;

import dev.fluxion.Loss;
import dev.fluxion.check.GradCheck;
import dev.fluxion.dsl.loss.LossReduction;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Example;
import net.jqwik.api.RandomGenerator;

/**
 * No loss and no network is flagged by gradient checks at what the arbitraries draw, ties and kinks included. How many runs
 * is said by {@code -Dfluxion.check.runs=34000}.
 */
class FalseAlarmsTest {
    private static final int RUNS = Integer.getInteger("fluxion.check.runs", 500);
    private static final int CHUNK = 1000;

    private static Stream<Subject> subjects() {
        Loss charbonnier =
                (output, target) -> output.sub(target).square().add(0.01).sqrt().mean();
        Loss cubic = (output, target) -> output.sub(target).abs().pow(3).mean();
        LossCases numbers = LossCases.numbers();
        return Stream.of(
                        Subject.of(
                                numbers,
                                charbonnier,
                                cubic,
                                mse(),
                                l1(),
                                huber(),
                                smoothL1(0.5),
                                logCosh(),
                                poissonNll()),
                        Subject.of(numbers, mse().reduction(LossReduction.NONE), l1().reduction(LossReduction.SUM)),
                        Subject.of(LossCases.signs(), softMargin(), hingeEmbedding(0.5)),
                        Subject.of(LossCases.bits(), bceWithLogits(), focal()),
                        Subject.of(LossCases.bits().outputs(Elements.between(0.01, 0.99)), bce()),
                        Subject.of(
                                LossCases.labels(),
                                crossEntropy(),
                                crossEntropy().labelSmoothing(0.1),
                                nll()),
                        Subject.of(LossCases.labels().ranks(2, 2), multiMargin()),
                        Subject.of(LossCases.probabilities(), crossEntropyWithProbabilities(), klDiv()),
                        Subject.of(LossCases.probabilities().outputs(Elements.between(0.01, 0.99)), dice()),
                        Stream.of(Networks.vectors(), Networks.images())
                                .map(nets -> nets.map(net -> GradCheck.of(net.layers(), net.input())))
                                .flatMap(checks -> Stream.of(checks, checks.map(c -> c.directions(2))))
                                .map(Subject::new))
                .flatMap(s -> s);
    }

    @Example
    void nothingThatIsRightIsFlagged() {
        Random random = new Random(1);
        List<RandomGenerator<GradCheck>> generators =
                subjects().map(s -> s.checks().generator(CHUNK)).toList();
        List<String> alarms = new ArrayList<>();
        for (int from = 0; from < RUNS; from += CHUNK) {
            List<GradCheck> checks = new ArrayList<>();
            for (int i = from; i < Math.min(from + CHUNK, RUNS); i++) {
                checks.add(generators
                        .get(i % generators.size())
                        .next(random)
                        .value()
                        .seed(i));
            }
            checks.parallelStream()
                    .filter(check -> !check.run().passed())
                    .map(check -> check.expr() + " at " + check.bindings() + ": " + check.run())
                    .forEachOrdered(alarms::add);
        }
        assertThat(alarms).as("flagged in %d runs", RUNS).isEmpty();
    }

    /** Checks of something that is right. */
    private record Subject(Arbitrary<GradCheck> checks) {
        static Stream<Subject> of(Arbitrary<LossCase> cases, Loss... losses) {
            return Stream.of(losses)
                    .map(loss -> new Subject(cases.map(c -> GradCheck.of(loss, c.output(), c.target()))));
        }
    }
}
