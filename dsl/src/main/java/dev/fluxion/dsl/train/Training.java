package dev.fluxion.dsl.train;

import dev.fluxion.Loss;
import dev.fluxion.Optimizer;
import dev.fluxion.Scope;
import dev.fluxion.Tensor;
import dev.fluxion.data.Batch;
import dev.fluxion.dsl.CallSite;
import dev.fluxion.dsl.internal.LossCalls;
import dev.fluxion.dsl.internal.Numbers;
import dev.fluxion.dsl.internal.ParameterFilter;
import dev.fluxion.dsl.internal.Text;
import dev.fluxion.dsl.train.TrainingState.Progress;
import dev.fluxion.engine.Compiler;
import dev.fluxion.engine.Program;
import dev.fluxion.engine.RunState;
import dev.fluxion.ir.Expr;
import dev.fluxion.ir.Given;
import dev.fluxion.ir.Gradients;
import dev.fluxion.ir.Graph;
import dev.fluxion.ir.Leaf;
import dev.fluxion.ir.Slot;
import dev.fluxion.ir.Update;
import dev.fluxion.ir.ValueException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * The training of a model, in either of two forms. {@link #step} does all at once, fastest. The explicit form is
 * {@link #forward}, {@link #backward}, {@link #update} and {@link #zeroGrad}, as in PyTorch: gradients accumulate until they
 * are set to zero, and can be looked at by the name of their parameter in between.
 *
 * <p>A training changes the weights of its model; everything else that it changes is its own and begins anew with it: what
 * the optimizer keeps, the number of steps, the random numbers, accumulated gradients. {@link #state()} and
 * {@link #restore} carry that over to another training. It holds native memory from its first step on until it, or its
 * model, is closed.
 */
public final class Training implements AutoCloseable {
    private static final String TARGET = "target";
    private static final String OUTPUT = "output";
    private static final String LOSS = "loss";
    private static final String GRADIENT = "gradient";
    private static final String STEP = "step";
    private static final String FORWARD = "forward";
    private static final String BACKWARD = "backward";
    private static final String UPDATE = "update";
    private static final String TRAIN = "train";

    private final Model model;
    private final Loss loss;
    private final Optimizer optimizer;
    private final List<String> trained;
    private final CallSite callSite;
    private final RunState state;
    private final Programs<Key> programs = new Programs<>();
    private final Unclosed watch;
    private Progress progress = Progress.at(0);
    /** What ran last, and what the explicit form ran last. */
    private @Nullable Program current;

    private @Nullable Program stages;
    private boolean pending;
    private boolean differentiated;
    private volatile boolean closed;

    /** What a program is for; updates of accumulated gradients are the same for all batches, 0 here. */
    private record Key(String form, int batch) {}

    Training(Model model, Loss loss, Optimizer optimizer, List<String> trained, CallSite callSite) {
        this.model = model;
        this.loss = loss;
        this.optimizer = optimizer;
        this.trained = trained;
        this.callSite = callSite;
        this.state = RunState.of(model.parameters()).keep(Slot.Owner.TRAINING, GRADIENT);
        Update.kept(optimizer).forEach(name -> state.keep(Slot.Owner.OPTIMIZER, name));
        state.seed(model.seed());
        Numbers.requireNotNegative(Text.of(optimizer), "the learning rate", optimizer.learningRate());
        state.learningRate(optimizer.learningRate());
        this.watch = model.watchTraining(this, callSite);
    }

    /**
     * A training that changes only some parts of the model: {@code only("7", "head", "3.body.0.bias")}. The parameters of all
     * others stay as they are, to the bit, whatever the optimizer, and gradients are computed no further than to the first
     * part that is trained. Everything else is as before; dropout drops in parts that are not trained, too.
     *
     * @param parts paths of layers or names of parameters, as {@link Model#summary()} and {@link Model#parameters()} have them
     * @throws IllegalArgumentException if there is none, or one of them is null or has no parameters that this training
     *     changes
     */
    public Training only(String... parts) {
        return new Training(
                model, loss, optimizer, ParameterFilter.within(trained, TRAIN, ParameterFilter.parts(parts)), callSite);
    }

    /**
     * A training that changes only the parameters whose names are accepted: {@code only(name -> name.endsWith("bias"))}.
     *
     * @throws IllegalArgumentException if no name is
     */
    public Training only(Predicate<String> names) {
        return new Training(
                model,
                loss,
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

    /** How many updates there were. */
    public long steps() {
        return state.steps();
    }

    /**
     * All that this training has changed beside the weights, to be carried over or saved.
     *
     * @throws IllegalStateException if the training is closed
     */
    public TrainingState state() {
        requireOpen();
        Map<Slot, Tensor> kept = new LinkedHashMap<>();
        for (Slot slot : state.slots()) {
            if (trained.contains(slot.parameter()) && (slot.owner() != Slot.Owner.TRAINING || differentiated)) {
                kept.put(slot, state.get(slot));
            }
        }
        return new TrainingState(state.steps(), state.seed(), state.draws(), state.learningRate(), progress, kept);
    }

    /**
     * Goes on as the training did that had this state, if the weights are those of the same moment.
     *
     * @return this training
     * @throws IllegalArgumentException if the state belongs to another optimizer or to other parameters; both are told, and
     *     nothing changes
     */
    public Training restore(TrainingState from) {
        Given.require("restore", "the state", from);
        requireOpen();
        Set<Slot> own = new LinkedHashSet<>(state.slots());
        own.removeIf(slot -> !trained.contains(slot.parameter()));
        boolean accumulated = from.kept().keySet().stream().anyMatch(slot -> slot.owner() == Slot.Owner.TRAINING);
        own.removeIf(slot -> !accumulated && slot.owner() == Slot.Owner.TRAINING);
        StateMismatch.refuse(own, from.kept(), model.parameters()::shape);
        state.set(from.kept());
        state.position(from.steps(), from.draws());
        state.seed(from.seed());
        state.learningRate(from.learningRate());
        progress = from.progress();
        differentiated = accumulated;
        pending = false;
        return this;
    }

    Progress progress() {
        return progress;
    }

    void progress(Progress reached) {
        progress = reached;
    }

    /**
     * Forward, backward and update on a batch.
     *
     * @return the loss before the update
     * @throws IllegalArgumentException if inputs or targets do not fit the model and the loss
     * @throws dev.fluxion.ir.ValueException if an input, the loss or a gradient is not finite, a target is not accepted, or
     *     the update would make a number infinite; no parameter has changed then. Of an optimizer about which that cannot be
     *     known beforehand it tells that the update has spoilt the model.
     * @throws IllegalStateException if an update has spoilt the model before, until all its weights are loaded or set
     */
    public float step(Batch batch) {
        Given.require(STEP, "the batch", batch);
        requireOpen();
        int size = model.batchSize(batch.inputs());
        Program program = programs.get(new Key(STEP, size), () -> compile(graph(size)));
        return run(program, batch, program::run);
    }

    /** The loss of a batch; what {@link #backward} needs is kept. */
    public float forward(Batch batch) {
        Given.require(FORWARD, "the batch", batch);
        requireOpen();
        int size = model.batchSize(batch.inputs());
        Program program = programs.get(new Key(FORWARD, size), () -> compile(explicitGraph(size)));
        float value = run(program, batch, () -> program.run(FORWARD));
        stages = program;
        pending = true;
        return value;
    }

    /** Runs a program on a batch, after which there is nothing to go back through. */
    private float run(Program program, Batch batch, Runnable what) {
        pending = false;
        write(program, batch);
        try {
            what.run();
        } catch (ValueException e) {
            throw loss.samples(batch.targets()) == 0
                    ? new ValueException(Errors.nothingCounts(String.valueOf(e.getMessage())))
                    : e;
        }
        current = program;
        return program.scalar(LOSS);
    }

    /**
     * Adds the gradients of the last {@link #forward} to those that are there.
     *
     * @throws IllegalStateException if there was no forward since the last backward, or the parameters have been changed since
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
     * The gradient that has accumulated for a parameter.
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
     * Changes the parameters by the gradients that have accumulated, which stay.
     *
     * @throws IllegalStateException before the first {@link #backward} and after {@link #zeroGrad}
     */
    public void update() {
        requireOpen();
        if (!differentiated) {
            throw new IllegalStateException(Errors.noGradients());
        }
        pending = false;
        programs.get(new Key(UPDATE, 0), () -> compile(accumulatedUpdate())).run();
    }

    /** Sets the gradients to zero. */
    public void zeroGrad() {
        requireOpen();
        state.zero(Slot.Owner.TRAINING, GRADIENT);
        differentiated = false;
    }

    /**
     * What the model made of the last batch, in training mode.
     *
     * @throws IllegalStateException if there was none
     */
    public Tensor output() {
        requireOpen();
        Program program = current;
        if (program == null) {
            throw new IllegalStateException(Errors.noBatch());
        }
        return program.read(OUTPUT);
    }

    /** What {@link #step} computes for a batch size, as a graph to be printed. */
    public Graph graph(int batch) {
        Model.requireBatch("graph", batch);
        Built p = model.building(() -> build(batch));
        return Graph.of(new Graph.Stage(STEP, p.outputs, List.of(new Update(p.parameters, p.gradients, optimizer))));
    }

    /** The program of {@link #step} for a batch size, to be explained. */
    public Program program(int batch) {
        requireOpen();
        Model.requireBatch("program", batch);
        return programs.give(new Key(STEP, batch), () -> compile(graph(batch)));
    }

    /** Frees the native memory; the model and its weights stay. Closing again does nothing. */
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

    /** Gives a program what it reads: a layer may ignore its input, and a loss its target. */
    private void write(Program program, Batch batch) {
        if (program.reads(Model.INPUT)) {
            program.write(Model.INPUT, batch.inputs());
        }
        if (program.reads(TARGET)) {
            writeTarget(program, batch);
        }
    }

    private void writeTarget(Program program, Batch batch) {
        try {
            program.write(TARGET, batch.targets());
        } catch (IllegalArgumentException e) {
            Tensor targets = batch.targets();
            Expr output = output(Scope.root(true), batch.size());
            value(output, Expr.input(TARGET, targets.shape(), targets.dtype()));
            Expr expected = target(output);
            boolean fits = expected.shape().equals(targets.shape()) && expected.dtype() == targets.dtype();
            throw fits ? e : new IllegalArgumentException(Errors.targets(loss, output.shape(), expected, targets), e);
        }
    }

    private record Built(Map<String, Expr> outputs, List<Expr> parameters, List<Expr> gradients) {}

    private Built build(int batch) {
        Scope scope = Scope.root(true);
        Expr output = output(scope, batch);
        Expr value = value(output, target(output));
        List<Expr> parameters = new ArrayList<>();
        scope.parameters().values().stream()
                .filter(p -> trained.contains(p.name()))
                .forEach(p -> parameters.add(p.expr()));
        Map<String, Expr> outputs = new LinkedHashMap<>();
        outputs.put(OUTPUT, output);
        outputs.put(LOSS, value);
        return new Built(outputs, parameters, Gradients.of(value, parameters));
    }

    private Expr target(Expr output) {
        String name = Text.of(loss);
        return Expr.input(
                TARGET,
                Given.require(name, "the shape of its targets", loss.targetShape(output.shape())),
                Given.require(name, "the type of its targets", loss.targetType()));
    }

    private Expr output(Scope scope, int batch) {
        return model.apply(scope, batch);
    }

    /** The loss, which tells what is wrong if it does not take such a target. */
    private Expr value(Expr output, Expr target) {
        Expr value = LossCalls.objective(loss, output, target);
        if (value.shape().size() != 1) {
            throw new IllegalArgumentException(Errors.objectiveNotScalar(loss, value.shape()));
        }
        return value;
    }

    private Graph explicitGraph(int batch) {
        Built p = model.building(() -> build(batch));
        Update add = new Update(accumulated(p.parameters), p.gradients, (sum, g, kept) -> sum.add(g));
        return Graph.of(
                new Graph.Stage(FORWARD, p.outputs, List.of()), new Graph.Stage(BACKWARD, Map.of(), List.of(add)));
    }

    private Graph accumulatedUpdate() {
        List<Expr> parameters = trained.stream()
                .map(name -> Expr.parameter(name, model.parameters().shape(name)))
                .toList();
        Update update = new Update(parameters, accumulated(parameters), optimizer);
        return Graph.of(new Graph.Stage(UPDATE, Map.of(), List.of(update)));
    }

    private static List<Expr> accumulated(List<Expr> parameters) {
        return parameters.stream()
                .map(e -> Expr.kept(Slot.training(GRADIENT, ((Leaf.Parameter) e.op()).name()), e.shape()))
                .toList();
    }

    private Program compile(Graph graph) {
        watch.used();
        return Compiler.compile(graph, model.parameters(), state, model.options());
    }
}
