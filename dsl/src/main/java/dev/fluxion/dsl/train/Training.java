package dev.fluxion.dsl.train;

import static dev.fluxion.dsl.train.TrainingGraphs.BACKWARD;
import static dev.fluxion.dsl.train.TrainingGraphs.COLLECTED;
import static dev.fluxion.dsl.train.TrainingGraphs.FORWARD;
import static dev.fluxion.dsl.train.TrainingGraphs.GRADIENT;
import static dev.fluxion.dsl.train.TrainingGraphs.LOSS;
import static dev.fluxion.dsl.train.TrainingGraphs.STEP;
import static dev.fluxion.dsl.train.TrainingGraphs.UPDATE;

import dev.fluxion.Optimizer;
import dev.fluxion.Scope;
import dev.fluxion.Tensor;
import dev.fluxion.data.Batch;
import dev.fluxion.dsl.CallSite;
import dev.fluxion.dsl.internal.Numbers;
import dev.fluxion.dsl.internal.ParameterFilter;
import dev.fluxion.dsl.internal.Text;
import dev.fluxion.dsl.train.TrainingGraphs.Part;
import dev.fluxion.dsl.train.TrainingState.Progress;
import dev.fluxion.engine.Compiler;
import dev.fluxion.engine.Program;
import dev.fluxion.engine.RunState;
import dev.fluxion.io.Loading;
import dev.fluxion.ir.Given;
import dev.fluxion.ir.Graph;
import dev.fluxion.ir.Slot;
import dev.fluxion.ir.ValueException;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * The training of a model, in one of two forms. {@link #step} does everything at once and is fastest. The explicit
 * form is {@link #forward}, {@link #backward}, {@link #update} and {@link #zeroGrad}, as in PyTorch: gradients
 * accumulate until they are set to zero, and can be read by the name of their parameter.
 *
 * <p>A training changes the weights of its model. Its other state is its own and starts fresh: the optimizer's
 * moments, the number of steps, the random numbers, accumulated gradients. {@link #state()} and {@link
 * #restore(TrainingState)} carry that over to another training, {@link #checkpoint()} with the weights. It holds native memory from its first step until it, or its model, is closed.
 */
public final class Training implements AutoCloseable {
    private static final String TRAIN = "train";

    private final Model model;
    private final Objective objective;
    private final Optimizer optimizer;
    private final List<String> trained;
    private final CallSite callSite;
    private final TrainingGraphs graphs;
    private final RunState state;
    /** What the optimizer keeps. */
    private final Set<Slot> slots;

    private final ProgramCache<Key> programs = new ProgramCache<>();
    private final LeakWarning watch;
    private Progress progress = Progress.at(0);
    /** The program that ran last; {@link #stages} is the last one of the explicit form. */
    private @Nullable Program current;

    private @Nullable Program stages;
    private boolean pending;
    private boolean differentiated;
    private volatile @Nullable String stopRequest;
    /** How many batches of the next update are done. */
    private int collected;

    private volatile boolean closed;

    /** What a program is for. The update of accumulated gradients does not depend on the batch: it has no rows. */
    private record Key(String form, BatchShape batch, List<Objective.Kind> targets) {}

    Training(Model model, Objective objective, Optimizer optimizer, List<String> trained, CallSite callSite) {
        this.model = model;
        this.objective = objective;
        this.optimizer = optimizer;
        this.trained = trained;
        this.callSite = callSite;
        this.graphs = new TrainingGraphs(model, objective, optimizer, trained);
        this.state = RunState.of(model.parameters()).keep(Slot.Owner.TRAINING, GRADIENT);
        optimizer.requireParameters(List.copyOf(model.parameters().names()));
        this.slots = graphs.slots();
        slots.forEach(slot -> state.keep(slot.owner(), slot.name()));
        state.seed(model.seed());
        Numbers.requireNotNegative(Text.of(optimizer), "the learning rate", optimizer.learningRate());
        state.learningRate(optimizer.learningRate());
        this.watch = model.watchTraining(this, callSite);
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
        return new Training(
                model,
                objective,
                optimizer,
                ParameterFilter.within(trained, TRAIN, ParameterFilter.parts(parts)),
                callSite);
    }

    /**
     * A training that changes only the parameters whose names satisfy a condition:
     * {@code only(name -> name.endsWith("bias"))}.
     *
     * @throws IllegalArgumentException if no name does
     */
    public Training only(Predicate<String> names) {
        return new Training(
                model,
                objective,
                optimizer,
                ParameterFilter.accepted(trained, TRAIN, ParameterFilter.given(names)),
                callSite);
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
        Map<Slot, Tensor> kept = new LinkedHashMap<>();
        slots(differentiated, collected > 0).forEach(slot -> kept.put(slot, state.get(slot)));
        return new TrainingState(
                state.steps(), state.seed(), state.draws(), state.learningRate(), progress, kept, collected);
    }

    /** What is kept at the moment, in the order of the state. */
    private Set<Slot> slots(boolean withGradients, boolean withCollected) {
        Set<Slot> own = new LinkedHashSet<>();
        for (Slot slot : state.slots()) {
            boolean gradient = slot.equals(Slot.training(GRADIENT, slot.parameter()));
            boolean collects = slot.equals(Slot.training(COLLECTED, slot.parameter()));
            boolean now = gradient ? withGradients : slots.contains(slot) && (!collects || withCollected);
            if (now && trained.contains(slot.parameter())) {
                own.add(slot);
            }
        }
        return own;
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
        boolean accumulated =
                from.kept().keySet().stream().anyMatch(slot -> slot.equals(Slot.training(GRADIENT, slot.parameter())));
        StateMismatch.refuse(slots(accumulated, from.collected() > 0), from.kept(), model.parameters()::shape);
        state.set(from.kept());
        state.position(from.steps(), from.draws());
        state.seed(from.seed());
        state.learningRate(from.learningRate());
        progress = from.progress();
        differentiated = accumulated;
        collected = from.collected();
        pending = false;
        return this;
    }

    /**
     * A copy of the weights and of this training's state, to save it or to continue in another training.
     *
     * @throws IllegalStateException if the training is closed
     */
    public Checkpoint checkpoint() {
        return new Checkpoint(model.parameters().values(), state(), List.of(), Map.of(), Map.of());
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
        Loading.strict().load(from.weights(), model.parameters().shapes(), weights -> {
            restore(from.state());
            model.parameters().setWithNaN(weights);
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
     * and the last of them updates.
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
        Tensor[] inputs = model.network().require(batch.allInputs());
        List<Objective.Kind> targets = objective.kinds(batch);
        BatchShape shape = model.network().shape(inputs);
        Part part = Part.of(collected, optimizer.batches());
        Program program =
                programs.get(new Key(form(part), shape, targets), () -> compile(graphs.step(part, shape, targets)));
        float value = run(program, inputs, batch, program::run);
        collected = part == Part.LAST ? 0 : collected + 1;
        return value;
    }

    private static String form(Part part) {
        return part == Part.LAST ? STEP : part == Part.MORE ? "more" : "first";
    }

    /** The loss of a batch. Keeps what {@link #backward} needs. */
    public float forward(Batch batch) {
        Given.require(FORWARD, "the batch", batch);
        requireOpen();
        Tensor[] inputs = model.network().require(batch.allInputs());
        List<Objective.Kind> targets = objective.kinds(batch);
        BatchShape shape = model.network().shape(inputs);
        Program program =
                programs.get(new Key(FORWARD, shape, targets), () -> compile(graphs.explicit(shape, targets)));
        float value = run(program, inputs, batch, () -> program.run(FORWARD));
        stages = program;
        pending = true;
        return value;
    }

    /** Runs a program on a batch; {@link #backward} needs another forward after it. */
    private float run(Program program, Tensor[] inputs, Batch batch, Runnable what) {
        pending = false;
        write(program, inputs, batch);
        try {
            what.run();
        } catch (ValueException e) {
            throw objective.samples(batch) == 0
                    ? new ValueException(Errors.nothingCounts(String.valueOf(e.getMessage())))
                    : e;
        }
        current = program;
        return program.scalar(LOSS);
    }

    /**
     * Adds the gradients of the last {@link #forward} to the accumulated ones.
     *
     * @throws IllegalStateException without a forward since the last backward, or if the parameters have changed
     *     since
     */
    public void backward() {
        requireOpen();
        Program program = stages;
        if (!pending || program == null) {
            throw new IllegalStateException(Errors.noForward());
        }
        program.run(BACKWARD);
        pending = false;
        differentiated = true;
    }

    /**
     * The accumulated gradient of a parameter.
     *
     * @throws IllegalStateException before the first {@link #backward} and after {@link #zeroGrad}
     */
    public Tensor gradient(String parameter) {
        requireOpen();
        if (!trained.contains(Given.require("gradient", "the parameter", parameter))) {
            throw new IllegalArgumentException(Errors.notTrained(parameter, trained));
        }
        if (!differentiated) {
            throw new IllegalStateException(Errors.noGradient(parameter));
        }
        return state.get(Slot.training(GRADIENT, parameter));
    }

    /**
     * Updates the parameters with the accumulated gradients, and keeps these.
     *
     * @throws IllegalStateException before the first {@link #backward} and after {@link #zeroGrad}
     */
    public void update() {
        requireOpen();
        if (!differentiated) {
            throw new IllegalStateException(Errors.noGradients());
        }
        pending = false;
        programs.get(new Key(UPDATE, new BatchShape(0, List.of()), List.of()), () -> compile(graphs.update()))
                .run();
    }

    /**
     * The moving averages of the parameters, and the values of those that are not trained, by name.
     *
     * @throws IllegalStateException if the optimizer keeps no averages, or before the first update
     */
    public Map<String, Tensor> averages() {
        requireOpen();
        Map<String, Tensor> values = new LinkedHashMap<>(model.parameters().values());
        for (String name : trained) {
            Slot slot = Slot.optimizer(Optimizer.AVERAGE, name);
            if (!slots.contains(slot) || state.steps() == 0) {
                throw new IllegalStateException(Errors.noAverages(optimizer));
            }
            values.put(name, state.get(slot));
        }
        return values;
    }

    /** Sets the gradients to zero. */
    public void zeroGrad() {
        requireOpen();
        state.zero(Slot.Owner.TRAINING, GRADIENT);
        differentiated = false;
    }

    /**
     * The model's outputs for the last batch, in training mode.
     *
     * @throws IllegalStateException if no batch was computed yet
     */
    public Tensor output() {
        requireOpen();
        Program program = current;
        if (program == null) {
            throw new IllegalStateException(Errors.noBatch());
        }
        return program.read(Scope.RESULT);
    }

    /**
     * The graph of {@link #step} for a batch size, for instance to print it.
     *
     * @throws IllegalStateException if only a batch tells what the targets are: see {@link #graph(Batch)}
     */
    public Graph graph(int batch) {
        Model.requireBatch("graph", batch);
        return graphs.step(Part.LAST, model.network().largest(batch), objective.kinds("graph"));
    }

    /** The graph of {@link #step} for batches like this one. */
    public Graph graph(Batch batch) {
        return graphs.step(Part.LAST, shape("graph", batch), objective.kinds(batch));
    }

    /**
     * The program of {@link #step} for a batch size, for instance to explain it.
     *
     * @throws IllegalStateException if only a batch tells what the targets are: see {@link #program(Batch)}
     */
    public Program program(int batch) {
        requireOpen();
        Model.requireBatch("program", batch);
        return program(model.network().largest(batch), objective.kinds("program"));
    }

    /** The program of {@link #step} for batches like this one. */
    public Program program(Batch batch) {
        requireOpen();
        return program(shape("program", batch), objective.kinds(batch));
    }

    private BatchShape shape(String method, Batch batch) {
        Network network = model.network();
        return network.shape(
                network.require(Given.require(method, "the batch", batch).allInputs()));
    }

    private Program program(BatchShape batch, List<Objective.Kind> targets) {
        return programs.give(new Key(STEP, batch, targets), () -> compile(graphs.step(Part.LAST, batch, targets)));
    }

    /** What is made small. */
    Objective objective() {
        return objective;
    }

    /** Frees the native memory; the model and its weights remain. Closing again does nothing. */
    @Override
    public void close() {
        closed = true;
        programs.close();
        state.close();
        watch.closed();
        current = null;
    }

    private void requireOpen() {
        model.requireOpen();
        if (closed) {
            throw new IllegalStateException(Errors.trainingClosed());
        }
    }

    /** Writes the inputs that a program reads: a layer may ignore its input, and a loss its target. */
    private void write(Program program, Tensor[] inputs, Batch batch) {
        for (int i = 0; i < inputs.length; i++) {
            String name = model.network().inputs().get(i).name();
            if (program.reads(name)) {
                program.write(name, inputs[i]);
            }
        }
        for (int i = 0; i < objective.targets(); i++) {
            if (program.reads(objective.leaf(i))) {
                writeTarget(program, objective.leaf(i), objective.target(batch, i), inputs);
            }
        }
    }

    private void writeTarget(Program program, String name, Tensor target, Tensor... inputs) {
        try {
            program.write(name, target);
        } catch (IllegalArgumentException e) {
            objective.requireTarget(
                    model.apply(true, model.network().shape(inputs)).outputs(), target);
            throw e;
        }
    }

    private Program compile(Graph graph) {
        watch.used();
        return Compiler.compile(graph, model.parameters(), state, model.options());
    }
}
