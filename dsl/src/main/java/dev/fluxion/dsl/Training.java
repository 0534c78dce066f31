package dev.fluxion.dsl;

import dev.fluxion.Loss;
import dev.fluxion.Optimizer;
import dev.fluxion.Scope;
import dev.fluxion.Tensor;
import dev.fluxion.data.Batch;
import dev.fluxion.engine.Compiler;
import dev.fluxion.engine.Program;
import dev.fluxion.ir.Expr;
import dev.fluxion.ir.Given;
import dev.fluxion.ir.Gradients;
import dev.fluxion.ir.Graph;
import dev.fluxion.ir.Leaf;
import dev.fluxion.ir.Update;
import dev.fluxion.ir.ValueException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * The training of a model, in either of two forms. {@link #step} does all at once, fastest. The explicit form is
 * {@link #forward}, {@link #backward}, {@link #update} and {@link #zeroGrad}, as in PyTorch: gradients accumulate until they
 * are set to zero, and can be looked at by the name of their parameter in between.
 */
public final class Training {
    private static final String INPUT = "input";
    private static final String TARGET = "target";
    private static final String OUTPUT = "output";
    private static final String LOSS = "loss";
    private static final String GRADIENT = "grad";
    private static final String STEP = "step";
    private static final String FORWARD = "forward";
    private static final String BACKWARD = "backward";
    private static final String UPDATE = "update";
    private static final String TRAIN = "train";

    private final Model model;
    private final Loss loss;
    private final Optimizer optimizer;
    private final List<String> trained;
    private final Map<Integer, Program> fused = new LinkedHashMap<>();
    private final Map<Integer, Program> explicit = new LinkedHashMap<>();
    private double learningRate;
    /** What ran last, and what the explicit form ran last. */
    private @Nullable Program current;

    private @Nullable Program stages;
    private boolean pending;
    private boolean differentiated;

    Training(Model model, Loss loss, Optimizer optimizer, List<String> trained) {
        this.model = model;
        this.loss = loss;
        this.optimizer = optimizer;
        this.trained = trained;
        this.learningRate = optimizer.learningRate();
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
        return new Training(model, loss, optimizer, Choice.within(trained, TRAIN, Choice.parts(parts)));
    }

    /**
     * A training that changes only the parameters whose names are accepted: {@code only(name -> name.endsWith("bias"))}.
     *
     * @throws IllegalArgumentException if no name is
     */
    public Training only(Predicate<String> names) {
        return new Training(model, loss, optimizer, Choice.accepted(trained, TRAIN, Choice.given(names)));
    }

    /** The learning rate of the updates to come. */
    public double learningRate() {
        return learningRate;
    }

    /** Sets the learning rate of the updates to come. */
    public void learningRate(double rate) {
        Numbers.requireNotNegative("training", "the learning rate", rate);
        this.learningRate = rate;
    }

    /**
     * Forward, backward and update on a batch.
     *
     * @return the loss before the update
     * @throws IllegalArgumentException if inputs or targets do not fit the model and the loss
     * @throws dev.fluxion.ir.ValueException if an input, the loss or a gradient is not finite or a target is not accepted;
     *     no parameter has changed then
     */
    public float step(Batch batch) {
        Given.require(STEP, "the batch", batch);
        Program program = fused.computeIfAbsent(model.batchSize(batch.inputs()), this::compileFused);
        program.learningRate(learningRate);
        return run(program, batch, program::run);
    }

    /** The loss of a batch; what {@link #backward} needs is kept. */
    public float forward(Batch batch) {
        Given.require(FORWARD, "the batch", batch);
        Program program = explicit.computeIfAbsent(model.batchSize(batch.inputs()), this::compileExplicit);
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
        if (!trained.contains(parameter)) {
            throw new IllegalArgumentException(Errors.notTrained(parameter, trained));
        }
        if (!differentiated) {
            throw new IllegalStateException(Errors.noGradient(parameter));
        }
        return model.parameters().slot(parameter, GRADIENT);
    }

    /**
     * Changes the parameters by the gradients that have accumulated, which stay.
     *
     * @throws IllegalStateException before the first {@link #backward} and after {@link #zeroGrad}
     */
    public void update() {
        Program program = stages;
        if (!differentiated || program == null) {
            throw new IllegalStateException(Errors.noGradients());
        }
        pending = false;
        program.learningRate(learningRate);
        program.run(UPDATE);
    }

    /** Sets the gradients to zero. */
    public void zeroGrad() {
        model.parameters().zero(GRADIENT);
        differentiated = false;
    }

    /**
     * What the model made of the last batch, in training mode.
     *
     * @throws IllegalStateException if there was none
     */
    public Tensor output() {
        Program program = current;
        if (program == null) {
            throw new IllegalStateException(Errors.noBatch());
        }
        return program.read(OUTPUT);
    }

    /** What {@link #step} computes for a batch size, as a graph to be printed. */
    public Graph graph(int batch) {
        Built p = build(batch);
        return Graph.of(new Graph.Stage(STEP, p.outputs, List.of(new Update(p.parameters, p.gradients, optimizer))));
    }

    /** The program of {@link #step} for a batch size, to be explained. */
    public Program program(int batch) {
        return fused.computeIfAbsent(batch, this::compileFused);
    }

    /** Gives a program what it reads: a layer may ignore its input, and a loss its target. */
    private void write(Program program, Batch batch) {
        if (program.reads(INPUT)) {
            program.write(INPUT, batch.inputs());
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
            value(output(Scope.root(true), batch.size()), Expr.input(TARGET, targets.shape(), targets.dtype()));
            throw e;
        }
    }

    private record Built(Map<String, Expr> outputs, List<Expr> parameters, List<Expr> gradients) {}

    private Built build(int batch) {
        Scope scope = Scope.root(true);
        Expr output = output(scope, batch);
        Expr value = value(output, Expr.input(TARGET, loss.targetShape(output.shape()), loss.targetType()));
        List<Expr> parameters = new ArrayList<>();
        scope.parameters().values().stream()
                .filter(p -> trained.contains(p.name()))
                .forEach(p -> parameters.add(p.expr()));
        Map<String, Expr> outputs = new LinkedHashMap<>();
        outputs.put(OUTPUT, output);
        outputs.put(LOSS, value);
        return new Built(outputs, parameters, Gradients.of(value, parameters));
    }

    private Expr output(Scope scope, int batch) {
        return model.layer().apply(scope, Expr.input(INPUT, model.batched(batch)));
    }

    /** The loss, which tells what is wrong if it does not take such a target. */
    private Expr value(Expr output, Expr target) {
        Expr value = Applying.objective(loss, output, target);
        if (value.shape().size() != 1) {
            throw new IllegalArgumentException(Errors.objectiveNotScalar(loss, value.shape()));
        }
        return value;
    }

    private Program compileFused(int batch) {
        return compile(graph(batch));
    }

    private Program compileExplicit(int batch) {
        Built p = build(batch);
        List<Expr> kept = p.parameters.stream()
                .map(e -> Expr.parameter(Update.slot(name(e), GRADIENT), e.shape()))
                .toList();
        return compile(Graph.of(
                new Graph.Stage(FORWARD, p.outputs, List.of()),
                new Graph.Stage(
                        BACKWARD, Map.of(), List.of(new Update(kept, p.gradients, (sum, g, state) -> sum.add(g)))),
                new Graph.Stage(UPDATE, Map.of(), List.of(new Update(p.parameters, kept, optimizer)))));
    }

    private static String name(Expr parameter) {
        return ((Leaf.Parameter) parameter.op()).name();
    }

    private Program compile(Graph graph) {
        Program program = Compiler.compile(graph, model.parameters(), model.options());
        program.seed(model.seed());
        return program;
    }
}
