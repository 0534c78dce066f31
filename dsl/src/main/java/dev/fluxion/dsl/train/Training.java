package dev.fluxion.dsl.train;

import static dev.fluxion.dsl.train.TrainingGraphs.FORWARD;
import static dev.fluxion.dsl.train.TrainingGraphs.STEP;

import dev.fluxion.Optimizer;
import dev.fluxion.Tensor;
import dev.fluxion.data.Batch;
import dev.fluxion.dsl.CallSite;
import dev.fluxion.dsl.internal.Numbers;
import dev.fluxion.dsl.internal.ParameterFilter;
import dev.fluxion.dsl.internal.Text;
import dev.fluxion.dsl.lint.Findings;
import dev.fluxion.dsl.lint.Lint;
import dev.fluxion.dsl.train.TrainingState.Progress;
import dev.fluxion.engine.Program;
import dev.fluxion.engine.RunState;
import dev.fluxion.io.Loading;
import dev.fluxion.ir.Given;
import dev.fluxion.ir.Graph;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * The training of a model, in one of two forms. {@link #step} does everything at once and is fastest. The explicit
 * form is {@link #forward}, {@link #backward}, {@link #update} and {@link #zeroGrad}, as in PyTorch: gradients
 * accumulate until they are set to zero, and can be read by the name of their parameter.
 *
 * <p>A training changes the weights of its model. Its other state is its own and starts fresh: the optimizer's
 * moments, the number of steps, the random numbers, accumulated gradients. {@link #state()} and {@link
 * #restore(TrainingState)} carry that over to another training, {@link #checkpoint()} with the weights. It holds native
 * memory from its first step until it, or its model, is closed.
 */
public final class Training implements AutoCloseable {
    private static final String TRAIN = "train";

    private final TrainingTask task;
    private final Findings findings;
    private final CallSite callSite;
    private final RunState state;
    private final LeakWarning watch;
    private final TrainingPrograms programs;
    private final TrainingPasses passes;

    private Progress progress = Progress.at(0);
    private volatile @Nullable String stopRequest;
    private volatile boolean closed;

    Training(TrainingTask task, Lint lint, CallSite callSite) {
        Model model = task.model();
        Optimizer optimizer = task.optimizer();
        this.task = task;
        this.findings = new Findings(lint);
        this.callSite = callSite;
        this.state = RunState.of(model.parameters());
        Numbers.requireAtLeast(Text.of(optimizer), "the number of batches of a step", 1, optimizer.batches());
        optimizer.requireParameters(List.copyOf(model.parameters().names()));
        Optional<Searching> searching = Searching.of(model, task.trained(), optimizer);
        Optimizer inPrograms = searching.map(Searching::still).orElse(optimizer);
        TrainingGraphs graphs = new TrainingGraphs(model, task.objective(), inPrograms, task.trained(), findings);
        KeptTensors kept = new KeptTensors(state, task.trained(), graphs.slots());
        state.seed(model.seed());
        Numbers.requireNotNegative(Text.of(optimizer), "the learning rate", optimizer.learningRate());
        state.learningRate(optimizer.learningRate());
        this.watch = model.watchTraining(this, callSite);
        this.programs = new TrainingPrograms(model, graphs, state, watch);
        this.passes = new TrainingPasses(task, state, kept, programs, searching);
    }

    /**
     * A training that changes only some parts of the model: {@code only("7", "head", "3.body.0.bias")}. All other
     * parameters keep their bits, whatever the optimizer, and gradients are computed no further back than the first
     * trained part. Dropout also acts in parts that are not trained.
     *
     * @param parts paths of layers or names of parameters, as in {@link Model#summary()} and
     *     {@link Model#parameters()}
     * @throws IllegalArgumentException if no part is given, or a part is null or has no parameters that this training
     *     changes
     */
    public Training only(String... parts) {
        return of(ParameterFilter.within(task.trained(), TRAIN, ParameterFilter.parts(parts)), findings.lint());
    }

    /**
     * A training that changes only the parameters whose names satisfy a condition:
     * {@code only(name -> name.endsWith("bias"))}.
     *
     * @throws IllegalArgumentException if no name does
     */
    public Training only(Predicate<String> names) {
        return of(ParameterFilter.accepted(task.trained(), TRAIN, ParameterFilter.given(names)), findings.lint());
    }

    /** A training with another lint, which looks at the layers and the loss when a program of the training is compiled. */
    public Training lint(Lint what) {
        return of(task.trained(), Given.require("lint", "the lint", what));
    }

    private Training of(List<String> some, Lint what) {
        return new Training(task.only(some), what, callSite);
    }

    /** The learning rate of the updates to come. */
    public double learningRate() {
        return state.learningRate();
    }

    /** Sets the learning rate of the updates to come. */
    public void learningRate(double rate) {
        Numbers.requireNotNegative("training", "the learning rate", rate);
        state.learningRate(rate);
    }

    /** The number of updates so far. */
    public long steps() {
        return state.steps();
    }

    /**
     * A copy of this training's state, without the weights, to save it or to continue in another training.
     *
     * @throws IllegalStateException if the training is closed
     */
    public TrainingState state() {
        requireOpen();
        return passes.state(progress);
    }

    /**
     * Continues from a state. With the weights of the same moment, the training goes on bit for bit.
     *
     * @return this training
     * @throws IllegalArgumentException if the state belongs to another optimizer or to other parameters; the message
     *     lists the difference, and nothing changes
     */
    public Training restore(TrainingState from) {
        Given.require("restore", "the state", from);
        requireOpen();
        passes.restore(from);
        progress = from.progress();
        return this;
    }

    /**
     * A copy of the weights and of this training's state, to save it or to continue in another training.
     *
     * @throws IllegalStateException if the training is closed
     */
    public Checkpoint checkpoint() {
        return new Checkpoint(task.model().parameters().values(), state(), List.of(), Map.of(), Map.of());
    }

    /**
     * Takes the weights and the state of a checkpoint: the training goes on bit for bit.
     *
     * @return this training
     * @throws IllegalArgumentException if the weights do not fit the model, or the state belongs to another optimizer or
     *     other parameters; the message lists the difference, and nothing changes
     */
    public Training restore(Checkpoint from) {
        Given.require("restore", "the checkpoint", from);
        requireOpen();
        Loading.strict().load(from.weights(), task.model().parameters().shapes(), weights -> {
            restore(from.state());
            task.model().parameters().setWithNaN(weights);
        });
        return this;
    }

    /**
     * Asks the {@link Trainer} that runs this training to stop after this step, as a listener may do.
     *
     * @param reason what to tell in the {@link Outcome}
     */
    public void stop(String reason) {
        stopRequest = Given.require("stop", "the reason", reason);
    }

    @Nullable
    String stopRequest() {
        return stopRequest;
    }

    Progress progress() {
        return progress;
    }

    void progress(Progress reached) {
        progress = reached;
    }

    /**
     * Forward, backward and update on a batch. With {@link Optimizer#accumulate}, the gradients of some batches are collected,
     * and the last of them updates. {@link dev.fluxion.dsl.optim.Lbfgs} goes forward and backward several times; {@link #output} is
     * that of the last time.
     *
     * @return the loss before the update
     * @throws IllegalArgumentException if inputs or targets do not fit the model and the loss
     * @throws dev.fluxion.ir.ValueException if an input, the loss or a gradient is not finite, a target is out of
     *     range, or the update would make a number infinite. No parameter has changed then, except by an optimizer
     *     for which this cannot be checked beforehand: the message says that the update has spoilt the model.
     * @throws IllegalStateException if an earlier update has spoilt the model and its weights have not all been
     *     loaded or set since
     */
    public float step(Batch batch) {
        Given.require(STEP, "the batch", batch);
        requireOpen();
        return passes.step(batch);
    }

    /** The loss of a batch. Keeps what {@link #backward} needs. */
    public float forward(Batch batch) {
        Given.require(FORWARD, "the batch", batch);
        requireOpen();
        return passes.forward(batch);
    }

    /**
     * Adds the gradients of the last {@link #forward} to the accumulated ones.
     *
     * @throws IllegalStateException without a forward since the last backward, or if this training has stepped, updated or been
     *     restored since, one of its programs has been used, or weights have been set, loaded or trained by another training
     */
    public void backward() {
        requireOpen();
        passes.backward();
    }

    /**
     * The accumulated gradient of a parameter.
     *
     * @throws IllegalStateException before the first {@link #backward} and after {@link #zeroGrad}
     */
    public Tensor gradient(String parameter) {
        requireOpen();
        return passes.gradient(Given.require("gradient", "the parameter", parameter));
    }

    /**
     * Updates the parameters with the accumulated gradients, and keeps these.
     *
     * @throws IllegalStateException before the first {@link #backward} and after {@link #zeroGrad}, or with an optimizer that evaluates
     *     the loss itself, as {@link dev.fluxion.dsl.optim.Lbfgs} does
     */
    public void update() {
        requireOpen();
        passes.update();
    }

    /**
     * The moving averages of the parameters, and the values of those that are not trained, by name.
     *
     * @throws IllegalStateException if the optimizer keeps no averages, or before the first update
     */
    public Map<String, Tensor> averages() {
        requireOpen();
        return passes.averages();
    }

    /** Whether the optimizer keeps averages of what is trained. */
    boolean keepsAverages() {
        return passes.keepsAverages();
    }

    /** Sets the gradients to zero. */
    public void zeroGrad() {
        requireOpen();
        passes.zeroGrad();
    }

    /**
     * The model's outputs for the last batch, in training mode.
     *
     * @throws IllegalStateException if no batch was computed yet
     */
    public Tensor output() {
        requireOpen();
        return passes.output();
    }

    /**
     * The graph of {@link #step} for a batch size, for instance to print it.
     *
     * @throws IllegalStateException if only a batch tells what the targets are: see {@link #graph(Batch)}
     */
    public Graph graph(int batch) {
        return programs.graph(batch);
    }

    /** The graph of {@link #step} for batches like this one. */
    public Graph graph(Batch batch) {
        return programs.graph(batch);
    }

    /**
     * The program of {@link #step} for a batch size, for instance to explain it. All programs of a training compute in the same memory:
     * the inputs are there if the last step was on a batch of this size.
     *
     * @throws IllegalStateException if only a batch tells what the targets are: see {@link #program(Batch)}
     */
    public Program program(int batch) {
        requireOpen();
        return programs.give(batch);
    }

    /** The program of {@link #step} for batches like this one. */
    public Program program(Batch batch) {
        requireOpen();
        return programs.give(batch);
    }

    /** What is trained. */
    Model model() {
        return task.model();
    }

    /** What is made small. */
    Objective objective() {
        return task.objective();
    }

    /** What is found in this training. */
    Findings findings() {
        return findings;
    }

    /** Whether all parameters of the model are trained. */
    boolean isWhole() {
        return task.trained().size() == task.model().parameters().names().size();
    }

    /** The loss of a model that has learnt nothing, or NaN; known after the first batch. */
    double guess() {
        return passes.guess();
    }

    /** Frees the native memory; the model and its weights remain. Closing again does nothing. */
    @Override
    public void close() {
        closed = true;
        programs.close();
        state.close();
        watch.closed();
        passes.forget();
    }

    private void requireOpen() {
        task.model().requireOpen();
        if (closed) {
            throw new IllegalStateException(Errors.trainingClosed());
        }
    }
}
