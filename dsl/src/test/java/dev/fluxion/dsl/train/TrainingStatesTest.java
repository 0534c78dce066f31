package dev.fluxion.dsl.train;

import static dev.fluxion.dsl.layer.Layers.batchNorm;
import static dev.fluxion.dsl.layer.Layers.linear;
import static dev.fluxion.dsl.loss.Losses.mse;
import static dev.fluxion.dsl.optim.Optimizers.sgd;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.fluxion.Tensor;
import dev.fluxion.data.Batch;
import dev.fluxion.dsl.layer.Seq;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.IntToDoubleFunction;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** Every sequence of calls of a training, against a plain reading of what each of them does and when it is refused. */
class TrainingStatesTest {
    private static final int LENGTH = 5;
    /** From a training that nothing was done with, which is compiled anew for each sequence. */
    private static final int FRESH_LENGTH = 2;

    private static final float RATE = 0.125f;
    private static final Batch ONE = batch(1, 3);
    private static final Batch TWO = batch(-2, 1, 0, 2);

    private enum Call {
        FORWARD,
        FORWARD_TWO,
        BACKWARD,
        UPDATE,
        ZERO_GRAD,
        STEP,
        GRADIENT,
        OUTPUT
    }

    /** Pairs of an input and a target. */
    private static Batch batch(float... pairs) {
        int n = pairs.length / 2;
        float[] x = new float[n];
        float[] y = new float[n];
        for (int i = 0; i < n; i++) {
            x[i] = pairs[2 * i];
            y[i] = pairs[2 * i + 1];
        }
        return new Batch(Tensor.of(x, n, 1), Tensor.of(y, n, 1));
    }

    /** One weight w, whose output is wx and whose loss the mean of (wx − y)². */
    private static final class Reading {
        private double w = 1;
        private double gradient;
        private @Nullable Batch pending;
        private boolean differentiated;
        private double output = Double.NaN;

        /** What a call gives; a message if it is refused. */
        String call(Call call) {
            return switch (call) {
                case FORWARD -> forward(ONE);
                case FORWARD_TWO -> forward(TWO);
                case BACKWARD -> backward();
                case UPDATE -> update();
                case ZERO_GRAD -> zero();
                case STEP -> step();
                case GRADIENT ->
                    differentiated ? text(gradient) : "'weight' has no gradient: call forward and backward first";
                case OUTPUT ->
                    Double.isNaN(output) ? "there is no output yet: call forward or step first" : text(output);
            };
        }

        private String forward(Batch batch) {
            pending = batch;
            output = w * batch.inputs().floats()[0];
            return text(loss(batch));
        }

        private String backward() {
            if (pending == null) {
                return "there is nothing to go back through: call forward first";
            }
            gradient = (differentiated ? gradient : 0) + slope(pending);
            pending = null;
            differentiated = true;
            return "";
        }

        private String update() {
            if (!differentiated) {
                return "there are no gradients to change the parameters by: call forward and backward first";
            }
            w -= RATE * gradient;
            pending = null;
            return "";
        }

        private String zero() {
            differentiated = false;
            return "";
        }

        private String step() {
            String loss = forward(ONE);
            w -= RATE * slope(ONE);
            pending = null;
            return loss;
        }

        private double loss(Batch batch) {
            return mean(batch, i -> {
                double d = w * batch.inputs().floats()[i] - batch.targets().floats()[i];
                return d * d;
            });
        }

        private double slope(Batch batch) {
            return mean(batch, i -> {
                float x = batch.inputs().floats()[i];
                return 2 * x * (w * x - batch.targets().floats()[i]);
            });
        }

        private static double mean(Batch batch, IntToDoubleFunction each) {
            return IntStream.range(0, batch.size()).mapToDouble(each).average().orElseThrow();
        }
    }

    private static String call(Training training, Call call) {
        try {
            return switch (call) {
                case FORWARD -> text(training.forward(ONE));
                case FORWARD_TWO -> text(training.forward(TWO));
                case BACKWARD -> done(training::backward);
                case UPDATE -> done(training::update);
                case ZERO_GRAD -> done(training::zeroGrad);
                case STEP -> text(training.step(ONE));
                case GRADIENT -> text(training.gradient("weight").item());
                case OUTPUT -> text(training.output().floats()[0]);
            };
        } catch (IllegalStateException e) {
            return String.valueOf(e.getMessage());
        }
    }

    private static String done(Runnable call) {
        call.run();
        return "";
    }

    private static String text(double x) {
        return String.format("%.4f", x + 0.0);
    }

    @Test
    void everySequenceOfCallsDoesWhatItSays() {
        try (Model model = model()) {
            Training training = model.training(mse(), sgd(RATE));
            for (int length = 1; length <= LENGTH; length++) {
                for (List<Call> calls : sequences(length)) {
                    training.zeroGrad();
                    model.parameters().set("weight", Tensor.full(1, 1, 1));
                    training.step(ONE);
                    model.parameters().set("weight", Tensor.full(1, 1, 1));
                    Reading reading = new Reading();
                    reading.output = 1;
                    agrees(calls, model, training, reading);
                }
            }
        }
    }

    @Test
    void aNewTrainingHasNothingYet() {
        for (int length = 1; length <= FRESH_LENGTH; length++) {
            for (List<Call> calls : sequences(length)) {
                try (Model model = model()) {
                    agrees(calls, model, model.training(mse(), sgd(RATE)), new Reading());
                }
            }
        }
    }

    @Test
    void weightsThatOthersChangeBeforeBackwardAreNoticed() {
        try (Model model = model();
                Training training = model.training(mse(), sgd(RATE));
                Training other = model.training(mse(), sgd(RATE))) {
            Map<String, Tensor> halves = Map.of("weight", Tensor.full(0.5f, 1, 1));
            other.forward(ONE);
            other.backward();
            Map<String, Runnable> changes = Map.of(
                    "set", () -> model.parameters().set("weight", Tensor.full(1, 1, 1)),
                    "load", () -> model.parameters().load(halves),
                    "restore", () -> other.restore(other.checkpoint()),
                    "step", () -> other.step(ONE),
                    "update", other::update);
            changes.forEach((name, change) -> {
                training.forward(ONE);
                change.run();
                assertThatThrownBy(training::backward)
                        .as(name)
                        .isInstanceOf(IllegalStateException.class)
                        .hasMessage(
                                "parameters have been set, loaded or trained since the stages before this one ran: run the"
                                        + " first stage again, as forward does");
                training.zeroGrad();
                training.forward(ONE);
                training.backward();
                float w = model.parameters().get("weight").item();
                assertThat(training.gradient("weight").item()).as(name).isEqualTo(2 * (w - 3));
            });
        }
    }

    @Test
    void whatOthersDoBesideChangingWeightsIsNoMatterForBackward() {
        Seq layers = Seq.of(linear(1, 2), batchNorm(), linear(1));
        try (Model model = Model.of(layers, 1).threads(1);
                Training training = model.training(mse(), sgd(RATE));
                Training other = model.training(mse(), sgd(RATE))) {
            training.forward(TWO);
            training.backward();
            Tensor gradient = training.gradient("0.weight");
            training.zeroGrad();
            training.forward(TWO);
            training.zeroGrad();
            other.forward(TWO);
            other.backward();
            model.predict(TWO.inputs());
            model.parameters().values();
            training.backward();
            assertThat(training.gradient("0.weight")).isEqualTo(gradient);
        }
    }

    private static Model model() {
        Model model = Model.of(linear(1, 1).bias(false), 1).threads(1);
        model.parameters().set("weight", Tensor.full(1, 1, 1));
        return model;
    }

    private static void agrees(List<Call> calls, Model model, Training training, Reading reading) {
        List<String> expected = new ArrayList<>();
        List<String> actual = new ArrayList<>();
        for (Call call : calls) {
            expected.add(reading.call(call));
            actual.add(call(training, call));
        }
        expected.add(text(reading.w));
        actual.add(text(model.parameters().get("weight").item()));
        assertThat(actual).as(calls.toString()).isEqualTo(expected);
    }

    private static List<List<Call>> sequences(int length) {
        List<List<Call>> all = new ArrayList<>(List.of(List.of()));
        for (int i = 0; i < length; i++) {
            List<List<Call>> longer = new ArrayList<>();
            for (List<Call> start : all) {
                for (Call next : Call.values()) {
                    List<Call> calls = new ArrayList<>(start);
                    calls.add(next);
                    longer.add(calls);
                }
            }
            all = longer;
        }
        return all;
    }
}
