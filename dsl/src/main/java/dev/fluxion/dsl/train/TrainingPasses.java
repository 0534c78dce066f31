package dev.fluxion.dsl.train;

import static dev.fluxion.dsl.train.TrainingGraphs.BACKWARD;
import static dev.fluxion.dsl.train.TrainingGraphs.FORWARD;
import static dev.fluxion.dsl.train.TrainingGraphs.LOSS;

import dev.fluxion.Scope;
import dev.fluxion.Tensor;
import dev.fluxion.data.Batch;
import dev.fluxion.dsl.internal.Numbers;
import dev.fluxion.dsl.internal.Text;
import dev.fluxion.dsl.train.TrainingGraphs.Part;
import dev.fluxion.dsl.train.TrainingState.Progress;
import dev.fluxion.engine.Program;
import dev.fluxion.engine.RunState;
import dev.fluxion.ir.Slot;
import dev.fluxion.ir.ValueException;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** The passes of a training over batches, at once or one after the other, and what is left of the last one. See {@link Training}. */
final class TrainingPasses {
    private final TrainingTask task;
    private final RunState state;
    private final KeptTensors kept;
    private final TrainingPrograms programs;
    /** What makes the steps, where the optimizer evaluates a batch several times. */
    private final Optional<Searching> searching;

    /** The program that ran last; {@link #stages} is the last one of the explicit form. */
    private @Nullable Program current;

    private @Nullable Program stages;
    private boolean pending;
    private boolean differentiated;
    /** How many batches of the next update are done. */
    private int collected;

    TrainingPasses(
            TrainingTask task,
            RunState state,
            KeptTensors kept,
            TrainingPrograms programs,
            Optional<Searching> searching) {
        this.task = task;
        this.state = state;
        this.kept = kept;
        this.programs = programs;
        this.searching = searching;
    }

    float step(Batch batch) {
        if (searching.isPresent()) {
            return search(searching.get(), batch);
        }
        Tensor[] inputs = task.model().network().require(batch.allInputs());
        Part part = Part.of(collected, task.optimizer().batches());
        Program program = programs.step(part, inputs, batch);
        float value = run(program, inputs, batch, program::run);
        collected = part == Part.LAST ? 0 : collected + 1;
        return value;
    }

    /** A step of an optimizer that evaluates the batch several times, as one of the explicit form. */
    private float search(Searching how, Batch batch) {
        long steps = state.steps();
        long draws = state.draws();
        try {
            float value = how.step(this, batch, state.learningRate());
            state.position(steps + 1, state.draws());
            return value;
        } catch (RuntimeException | Error e) {
            state.position(steps, draws);
            throw e;
        }
    }

    float forward(Batch batch) {
        Tensor[] inputs = task.model().network().require(batch.allInputs());
        Program program = programs.explicit(inputs, batch);
        float value = run(program, inputs, batch, () -> program.run(FORWARD));
        stages = program;
        pending = true;
        return value;
    }

    /** Runs a program on a batch; {@link #backward} needs another forward after it. */
    private float run(Program program, Tensor[] inputs, Batch batch, Runnable what) {
        pending = false;
        programs.write(program, inputs, batch);
        try {
            what.run();
        } catch (ValueException e) {
            throw task.objective().samples(batch) == 0
                    ? new ValueException(Errors.nothingCounts(String.valueOf(e.getMessage())))
                    : e;
        }
        current = program;
        return program.scalar(LOSS);
    }

    void backward() {
        Program program = stages;
        if (!pending || program == null) {
            throw new IllegalStateException(Errors.noForward());
        }
        program.run(BACKWARD);
        pending = false;
        differentiated = true;
    }

    Tensor gradient(String parameter) {
        if (!task.trained().contains(parameter)) {
            throw new IllegalArgumentException(Errors.notTrained(parameter, task.trained()));
        }
        if (!differentiated) {
            throw new IllegalStateException(Errors.noGradient(parameter));
        }
        return kept.gradient(parameter);
    }

    void update() {
        if (searching.isPresent()) {
            throw new IllegalStateException(Errors.noUpdate(task.optimizer()));
        }
        if (!differentiated) {
            throw new IllegalStateException(Errors.noGradients());
        }
        pending = false;
        programs.update().run();
    }

    void zeroGrad() {
        kept.zeroGradients();
        differentiated = false;
    }

    Map<String, Tensor> averages() {
        if (!keepsAverages() || state.steps() == 0) {
            throw new IllegalStateException(Errors.noAverages(task.optimizer()));
        }
        Map<String, Tensor> values =
                new LinkedHashMap<>(task.model().parameters().values());
        values.putAll(kept.averages());
        return values;
    }

    boolean keepsAverages() {
        return kept.hasAverages();
    }

    Tensor output() {
        Program program = current;
        if (program == null) {
            throw new IllegalStateException(Errors.noBatch());
        }
        return program.read(Scope.RESULT);
    }

    double guess() {
        return current == null ? Double.NaN : task.objective().guess(current.outputShape(Scope.RESULT));
    }

    TrainingState state(Progress progress) {
        Map<Slot, Tensor> tensors = kept.values(differentiated, collected > 0);
        searching.ifPresent(own -> tensors.putAll(own.kept()));
        return new TrainingState(
                state.steps(),
                state.seed(),
                state.draws(),
                state.learningRate(),
                progress,
                tensors,
                collected,
                searching.map(Searching::numbers).orElse(Map.of()));
    }

    void restore(TrainingState from) {
        Numbers.require(
                from.collected() < task.optimizer().batches(),
                "restore",
                "the number of collected batches",
                "less than the " + task.optimizer().batches() + " of a step of " + Text.of(task.optimizer()),
                from.collected());
        Runnable remember = searching.map(own -> own.restoring(from)).orElse(() -> {});
        Map<Slot, Tensor> others = searching.map(own -> own.others(from)).orElse(from.kept());
        kept.set(others, from.collected() > 0, task.model().parameters()::shape);
        remember.run();
        state.position(from.steps(), from.draws());
        state.seed(from.seed());
        state.learningRate(from.learningRate());
        differentiated = KeptTensors.hasGradients(from.kept());
        collected = from.collected();
        pending = false;
    }

    /** Forgets the last batch, whose program is closed. */
    void forget() {
        current = null;
    }
}
