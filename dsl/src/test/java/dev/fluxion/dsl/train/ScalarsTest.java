package dev.fluxion.dsl.train;

import static dev.fluxion.dsl.layer.Layers.dropout;
import static dev.fluxion.dsl.layer.Layers.linear;
import static dev.fluxion.dsl.loss.Losses.mse;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.fluxion.Optimizer;
import dev.fluxion.Tensor;
import dev.fluxion.data.Batch;
import dev.fluxion.dsl.layer.Seq;
import dev.fluxion.ffi.Memory;
import dev.fluxion.ir.Expr;
import dev.fluxion.ir.Update;
import dev.fluxion.ir.ValueException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** An optimizer's scalars are users' code: whatever it does, a step is whole or has not begun. */
@Timeout(value = 60, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class ScalarsTest {
    private static final Batch BATCH = new Batch(Tensor.full(0.5f, 2, 3), Tensor.full(1, 2, 2));
    private static final Seq NET = Seq.of(linear(3, 4), dropout(0.5), linear(4, 2));
    private static final String BUSY = "this training is used by another thread, or by a scalar of its own optimizer"
            + "|in use by thread '.*'; a program, or a training, serves one thread at a time";

    /** Gradient descent whose second scalar does something. */
    private record Doing(Update.Scalar scalar) implements Optimizer {
        @Override
        public double learningRate() {
            return 0.1;
        }

        @Override
        public Expr next(Expr value, Expr gradient, Update.State state) {
            Expr moved = gradient.mul(state.learningRate());
            return value.sub(state.keep("last", last -> moved).mul(state.scalar(scalar)));
        }

        @Override
        public String toString() {
            return "mine()";
        }
    }

    @Test
    void mayPredictAndReadWeights() {
        try (Model model = Model.of(NET, 3)) {
            List<Float> seen = new ArrayList<>();
            Training training = model.training(mse(), new Doing((step, lr) -> {
                seen.add(model.predict(BATCH.inputs()).floats()[0]);
                seen.add(model.parameters().get("0.weight").floats()[0]);
                return 1;
            }));
            training.step(BATCH);
            training.forward(BATCH);
            training.backward();
            training.update();
            assertThat(seen).as("each step asks once").hasSize(4);
            assertThat(seen.get(3)).isNotEqualTo(seen.get(1));
        }
    }

    @Test
    void failuresAreToldAndChangeNothing() {
        refused(
                (step, lr) -> {
                    throw new ArithmeticException("by zero");
                },
                "scalar 2 of mine(), at step 1 with learning rate 0.1, failed: "
                        + "java.lang.ArithmeticException: by zero; nothing has changed");
        for (double value : new double[] {Double.NaN, Double.NEGATIVE_INFINITY, 1e39}) {
            refused(
                    (step, lr) -> value,
                    "scalar 2 of mine(), at step 1 with learning rate 0.1, must be a number that float32 can hold but is "
                            + value + "; nothing has changed");
        }
    }

    private static void refused(Update.Scalar scalar, String message) {
        boolean[] good = {false};
        try (Model model = Model.of(NET, 3)) {
            Training training = model.training(mse(), new Doing((step, lr) -> good[0] ? 1 : scalar.at(step, lr)));
            Map<String, Tensor> before = model.parameters().values();
            TrainingState state = training.state();
            assertThatThrownBy(() -> training.step(BATCH))
                    .isInstanceOf(ValueException.class)
                    .hasMessage(message);
            assertThat(model.parameters().values()).isEqualTo(before);
            assertThat(training.state().steps()).isEqualTo(state.steps());
            assertThat(training.state().draws()).isEqualTo(state.draws());
            assertThat(training.state().kept()).isEqualTo(state.kept());
            good[0] = true;
            training.step(BATCH);
            assertThat(training.steps()).isEqualTo(1);
        }
    }

    @Test
    void doNotTrainByTheirOwnTraining() throws InterruptedException {
        for (int rows = 1; rows <= 2; rows++) {
            int batch = rows;
            refusedInside(t -> t.step(new Batch(Tensor.zeros(batch, 3), Tensor.zeros(batch, 2))));
        }
        refusedInside(t -> t.restore(t.state()).step(BATCH));
        refusedInside(t -> {
            Throwable[] thrown = new Throwable[1];
            Thread other = new Thread(() -> t.step(new Batch(Tensor.zeros(1, 3), Tensor.zeros(1, 2))));
            other.setUncaughtExceptionHandler((thread, e) -> thrown[0] = e);
            other.start();
            try {
                other.join();
            } catch (InterruptedException e) {
                throw new IllegalStateException(e);
            }
            if (thrown[0] instanceof RuntimeException e) {
                throw e;
            }
        });
    }

    private interface Inside {
        void run(Training training);
    }

    private static void refusedInside(Inside inside) {
        List<Training> own = new ArrayList<>();
        try (Model model = Model.of(NET, 3)) {
            own.add(model.training(mse(), new Doing((step, lr) -> {
                inside.run(own.get(0));
                return 1;
            })));
            Map<String, Tensor> before = model.parameters().values();
            ThrowingCallable step = () -> own.get(0).step(BATCH);
            assertThatThrownBy(step).hasMessageFindingMatch(BUSY);
            assertThat(model.parameters().values()).isEqualTo(before);
        }
    }

    @Test
    void mayCloseWhatRuns() {
        List<AutoCloseable> closed = new ArrayList<>();
        for (int what = 0; what < 2; what++) {
            Model model = Model.of(NET, 3);
            closed.clear();
            Training training = model.training(mse(), new Doing((step, lr) -> {
                try {
                    closed.get(0).close();
                } catch (Exception e) {
                    throw new IllegalStateException(e);
                }
                return 1;
            }));
            closed.add(what == 0 ? model : training);
            assertThatThrownBy(() -> training.step(BATCH)).hasMessageContaining("is closed");
            training.close();
            model.close();
        }
    }

    /** Nothing that outlives a training refers to its optimizer, which may refer to everything. */
    @Test
    void mayReferToTheirModelAndTraining() throws InterruptedException {
        long before = Memory.openBytes();
        for (int i = 0; i < 5; i++) {
            List<Object> own = Collections.synchronizedList(new ArrayList<>());
            Model model = Model.of(NET, 3);
            Training training = model.training(mse(), new Doing((step, lr) -> own.size()));
            own.add(model);
            own.add(training);
            training.step(BATCH);
        }
        for (int i = 0; i < 100 && Memory.openBytes() > before; i++) {
            System.gc();
            TimeUnit.MILLISECONDS.sleep(50);
        }
        assertThat(Memory.openBytes()).isLessThanOrEqualTo(before);
    }
}
