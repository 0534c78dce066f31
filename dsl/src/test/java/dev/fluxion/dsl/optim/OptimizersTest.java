package dev.fluxion.dsl.optim;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.fluxion.Optimizer;
import dev.fluxion.dsl.Numeric;
import dev.fluxion.ir.Expr;
import dev.fluxion.ir.Gradients;
import dev.fluxion.ir.Graph;
import dev.fluxion.ir.Interpreter;
import dev.fluxion.ir.Shape;
import dev.fluxion.ir.Slot;
import dev.fluxion.ir.Update;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** f = w0² + 3w1² + w0w1 from (1, −2). */
class OptimizersTest {
    private final Expr w = Expr.parameter("w", Shape.of(2));
    private Interpreter interpreter = new Interpreter();
    private Graph step = Graph.of(Map.of());

    @Test
    void sgdAsInPyTorch() {
        start(Optimizers.sgd(.01));
        assertStep(1, -1.89, 1e-12);
        assertStep(.9989, -1.7866, 1e-12);
    }

    @Test
    void momentumAsInPyTorch() {
        start(Optimizers.sgd(.01).momentum(.9));
        assertStep(1, -1.89, 1e-12);
        assertStep(.9989, -1.6876, 1e-12);
        assertThat(interpreter.value(Slot.optimizer("momentum_buffer", "w")).data()[0])
                .isCloseTo(.11, within(1e-12));
    }

    @Test
    void adamAsInPyTorch() {
        start(Optimizers.adam(.01));
        assertStep(1, -1.99, 1e-9);
        assertStep(.9925586423, -1.9800014631, 5e-11);
    }

    @Test
    void adamWAsInPyTorch() {
        start(Optimizers.adamW(.01));
        assertStep(.9999, -1.9898, 1e-9);
    }

    /** An optimizer, and what it does to element i of p in step t, counted from 1. */
    private record Row(Optimizer optimizer, Loop loop) {}

    private interface Loop {
        void step(int t, double[] p, double[] g, int i);
    }

    static Stream<Row> rows() {
        Stream<Row> sgd = IntStream.range(0, 12).mapToObj(OptimizersTest::sgd);
        return Stream.concat(sgd, Stream.of(adam(false), adam(true)));
    }

    private static Row sgd(int variant) {
        boolean nesterov = variant % 3 == 1;
        double damp = variant % 3 == 2 ? .4 : 0;
        double mu = variant < 3 && !nesterov ? 0 : .8;
        double wd = variant % 2 * .1;
        double[] buffer = new double[2];
        return new Row(
                Optimizers.sgd(.02)
                        .momentum(mu)
                        .nesterov(nesterov)
                        .dampening(damp)
                        .weightDecay(wd),
                (t, p, g, i) -> {
                    double d = g[i] + wd * p[i];
                    if (mu != 0) {
                        buffer[i] = t == 1 ? d : mu * buffer[i] + (1 - damp) * d;
                        d = nesterov ? d + mu * buffer[i] : buffer[i];
                    }
                    p[i] -= .02 * d;
                });
    }

    private static Row adam(boolean decoupled) {
        Adam base = decoupled ? Optimizers.adamW(.05) : Optimizers.adam(.05);
        double[] m = new double[2];
        double[] v = new double[2];
        return new Row(base.betas(.7, .8).eps(1e-3).weightDecay(.2), (t, p, g, i) -> {
            double d = decoupled ? g[i] : g[i] + .2 * p[i];
            p[i] *= decoupled ? 1 - .05 * .2 : 1;
            m[i] = .7 * m[i] + .3 * d;
            v[i] = .8 * v[i] + .2 * d * d;
            double root = Math.sqrt(v[i]) / Math.sqrt(1 - Math.pow(.8, t));
            p[i] -= .05 / (1 - Math.pow(.7, t)) * m[i] / (root + 1e-3);
        });
    }

    @ParameterizedTest
    @MethodSource("rows")
    void agreeWithPlainLoops(Row row) {
        start(row.optimizer);
        double[] p = {1, -2};
        for (int t = 1; t <= 6; t++) {
            double[] g = {2 * p[0] + p[1], 6 * p[1] + p[0]};
            for (int i = 0; i < p.length; i++) {
                row.loop.step(t, p, g, i);
            }
            assertStep(p[0], p[1], 1e-12);
        }
    }

    @Test
    void adamKeepsItsMomentsByName() {
        start(Optimizers.adam(.05).betas(.7, .8));
        interpreter.run(step);
        assertThat(interpreter.value(Slot.optimizer("exp_avg", "w")).data())
                .containsExactly(new double[] {0, -3.3}, within(1e-12));
        assertThat(interpreter.value(Slot.optimizer("exp_avg_sq", "w")).data())
                .containsExactly(new double[] {0, 24.2}, within(1e-12));
    }

    @Test
    void badNumbersAreRefused() {
        assertRefused(() -> Optimizers.sgd(-1), "sgd: the learning rate must be finite and at least 0 but is -1");
        assertRefused(() -> Optimizers.sgd(1).momentum(-.1), "sgd: momentum must be finite and at least 0 but is -0.1");
        assertRefused(() -> Optimizers.adam(1).betas(.9, 1), "adam: beta2 must be in [0, 1) but is 1");
        assertRefused(
                () -> Optimizers.adafactor(1).beta2Decay(0),
                "adafactor: beta2Decay must be finite and below 0 but is 0");
        assertRefused(() -> Optimizers.adafactor(1).eps(0, 1), "adafactor: eps1 must be finite and above 0 but is 0");
        assertRefused(
                () -> Optimizers.adafactor(1).clipping(0), "adafactor: clipping must be finite and above 0 but is 0");
        assertRefused(() -> Optimizers.adamW(1).eps(Double.NaN), "adamW: eps must be finite and at least 0 but is NaN");
        assertRefused(() -> Optimizers.adamax(1).betas(-.1, .9), "adamax: beta1 must be in [0, 1) but is -0.1");
        assertRefused(
                () -> Optimizers.nAdam(1).momentumDecay(-1),
                "nAdam: momentumDecay must be finite and at least 0 but is -1");
        assertRefused(
                () -> Optimizers.rAdam(1).weightDecay(-1),
                "rAdam: weightDecay must be finite and at least 0 but is -1");
        assertRefused(
                () -> Optimizers.adagrad(1).rateDecay(-1),
                "adagrad: rateDecay must be finite and at least 0 but is -1");
        assertRefused(
                () -> Optimizers.adagrad(1).initial(-1), "adagrad: initial must be finite and at least 0 but is -1");
        assertRefused(() -> Optimizers.adadelta(1).rho(2), "adadelta: rho must be in [0, 1] but is 2");
        assertRefused(() -> Optimizers.rmsProp(1).alpha(-1), "rmsProp: alpha must be in [0, 1] but is -1");
        assertRefused(
                () -> Optimizers.rmsProp(1).momentum(-1), "rmsProp: momentum must be finite and at least 0 but is -1");
        assertRefused(
                () -> Optimizers.rprop(1).etas(1, 2),
                "rprop: the factor that shrinks a step must be in (0, 1) but is 1");
        assertRefused(
                () -> Optimizers.rprop(1).etas(.5, 1),
                "rprop: the factor that grows a step must be finite and above 1 but is 1");
        assertRefused(
                () -> Optimizers.rprop(1).sizes(2, 1),
                "rprop: the largest step must be finite and at least the smallest but is 1");
        assertRefused(() -> Optimizers.lion(1).betas(.9, 1), "lion: beta2 must be in [0, 1) but is 1");
        assertRefused(() -> Optimizers.asgd(1).lambda(-1), "asgd: lambda must be finite and at least 0 but is -1");
        assertRefused(() -> Optimizers.asgd(1).start(-1), "asgd: start must be finite and at least 0 but is -1");
        start(Optimizers.sgd(1).nesterov(true));
        assertRefused(() -> interpreter.run(step), "sgd: nesterov(true) needs momentum above 0 and dampening 0");
    }

    @Test
    void optimizersPrintAsWritten() {
        assertThat(Optimizers.sgd(.01).momentum(.9).nesterov(true))
                .hasToString("sgd(0.01).momentum(0.9).nesterov(true)");
        assertThat(Optimizers.adam(.001).betas(.8, .9)).hasToString("adam(0.001).betas(0.8, 0.9)");
        assertThat(Optimizers.adamW(.001).weightDecay(0)).hasToString("adamW(0.001).weightDecay(0)");
    }

    @Test
    void optionsPrintAsWritten() {
        assertThat(OptimizerCases.all().values().stream().map(Object::toString))
                .contains(
                        "sgd(1.0E-4).momentum(0.5).weightDecay(0.1).maximise()",
                        "adamW(0.02).betas(0.7, 0.9).eps(1.0E-4).weightDecay(0.1).amsgrad(true)",
                        "adamax(0.02).betas(0.8, 0.9).eps(0.001).weightDecay(0.01)",
                        "nAdam(0.01).betas(0.8, 0.9).eps(1.0E-4).weightDecay(0.02).momentumDecay(0.05)",
                        "nAdam(0.01).weightDecay(0.05).decoupled(true)",
                        "rAdam(0.01).weightDecay(0.05).decoupled(true)",
                        "adagrad(0.1).rateDecay(0.01).initial(0.3).eps(1.0E-4).weightDecay(0.01)",
                        "adadelta(0.5).rho(0.8).eps(1.0E-4).weightDecay(0.01)",
                        "rmsProp(0.001).alpha(0.9).eps(0.01).momentum(0.5).centred(true).weightDecay(0.01)",
                        "rprop(0.02).etas(0.4, 1.3).sizes(1.0E-4, 0.1)",
                        "lion(0.002).betas(0.8, 0.95).weightDecay(0.1)",
                        "asgd(0.1).lambda(0.01).alpha(0.6).start(20).weightDecay(0.01)");
    }

    private static void assertRefused(ThrowingCallable make, String message) {
        assertThatThrownBy(make).isInstanceOf(IllegalArgumentException.class).hasMessage(message);
    }

    private void start(Optimizer optimizer) {
        interpreter = new Interpreter().learningRate(optimizer.learningRate()).bind("w", Numeric.vector(1, -2));
        step = graph(optimizer);
    }

    private Graph graph(Optimizer optimizer) {
        Expr w0 = w.slice(0, 0, 1).sum();
        Expr w1 = w.slice(0, 1, 2).sum();
        Expr f = w0.square().add(w1.square().mul(3)).add(w0.mul(w1));
        List<Expr> gradients = Gradients.of(f, List.of(w));
        Update update = new Update(List.of(w), gradients, optimizer);
        return Graph.of(new Graph.Stage("step", Map.of("f", f), List.of(update)));
    }

    private void assertStep(double w0, double w1, double tolerance) {
        interpreter.run(step);
        assertThat(interpreter.value("w").data()).containsExactly(new double[] {w0, w1}, within(tolerance));
    }
}
