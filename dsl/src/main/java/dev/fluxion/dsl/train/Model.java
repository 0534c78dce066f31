package dev.fluxion.dsl.train;

import dev.fluxion.Input;
import dev.fluxion.Layer;
import dev.fluxion.Loss;
import dev.fluxion.Metric;
import dev.fluxion.MultiLoss;
import dev.fluxion.Optimizer;
import dev.fluxion.Tally;
import dev.fluxion.Tensor;
import dev.fluxion.Tensors;
import dev.fluxion.data.Batch;
import dev.fluxion.data.DataLoader;
import dev.fluxion.dsl.CallSite;
import dev.fluxion.dsl.internal.Checks;
import dev.fluxion.dsl.internal.Numbers;
import dev.fluxion.dsl.layer.Summary;
import dev.fluxion.dsl.lint.Lint;
import dev.fluxion.engine.Compiler;
import dev.fluxion.engine.Options;
import dev.fluxion.engine.Parameters;
import dev.fluxion.engine.Program;
import dev.fluxion.io.LoadReport;
import dev.fluxion.io.Loading;
import dev.fluxion.io.SafeTensors;
import dev.fluxion.ir.Given;
import dev.fluxion.ir.Graph;
import dev.fluxion.ir.ShapeException;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * A layer with its own parameters, compiled on demand: {@code Model.of(net, 1, 28, 28)}. It predicts, evaluates,
 * trains, saves and loads. Programs for a few batch sizes serve any number of samples; see {@link #batchSizes}.
 *
 * <p>Any number of threads may predict at the same time, while another one trains. A model holds native memory from
 * its first prediction or training on until it is closed.
 */
public final class Model implements AutoCloseable {
    private final Network network;
    private final long seed;
    private final Options options;
    private final Parameters parameters;
    private final LeakWarning watch;
    private final BatchSizes sizes;
    private final Outputs outputs;
    private final ModelCard card;
    private final ReentryGuard guard = new ReentryGuard();
    private volatile boolean closed;

    private Model(
            Network network,
            List<String> names,
            long seed,
            Parameters parameters,
            Options options,
            BatchSizes sizes,
            ModelCard card,
            CallSite callSite) {
        this.network = network;
        this.card = card;
        this.seed = seed;
        this.options = options;
        this.parameters = parameters;
        this.sizes = sizes;
        this.watch = LeakWarning.watch(this, "model", callSite);
        this.outputs = new Outputs(this, names, sizes, new FairSemaphore(options.threads()));
    }

    /** A model that shares the parameters of another one, and lets some of its predictions compute at the same time. */
    private Model(Model whole, Options options, BatchSizes sizes, int atOnce, CallSite callSite) {
        this.network = whole.network;
        this.seed = whole.seed;
        this.options = options;
        this.parameters = whole.parameters;
        this.sizes = sizes;
        this.card = whole.card;
        this.watch = whole.watch.watchPart(this, "batch predictor", callSite);
        this.outputs = new Outputs(this, whole.outputs.names(), sizes, new FairSemaphore(atOnce));
    }

    private static Model of(Network network, long seed, Options options, CallSite callSite) {
        Asked.Declared first = network.declare();
        Model model = new Model(
                network,
                List.copyOf(first.applied().outputs().keySet()),
                seed,
                Parameters.of(first.scope(), seed),
                options,
                BatchSizes.usual(),
                ModelCard.of(),
                callSite);
        if (!network.extents().isEmpty()) {
            model.tryOtherExtents();
        }
        return model;
    }

    /** Finds weights that depend on an extent that varies, and layers that take the largest extents alone, before they are used. */
    private void tryOtherExtents() {
        @Nullable ShapeException first = null;
        for (BatchShape shape : network.smallerOnes()) {
            try {
                apply(false, shape);
                return;
            } catch (ShapeException e) { // a layer that does not take every extent
                first = first == null ? e : first;
            }
        }
        if (first != null) {
            throw new ShapeException(
                    Errors.takesTheLargestAlone(network.extents(), String.valueOf(first.getMessage())));
        }
    }

    /**
     * A model for samples of a shape, its parameters drawn from seed 0.
     *
     * @param layer the network
     * @param sample the extents of one sample, without the batch axis: {@code 1, 28, 28}
     * @throws dev.fluxion.ir.ShapeException if a layer does not fit
     */
    public static Model of(Layer layer, int... sample) {
        Compiler.prepare();
        Network network = Network.of(layer, List.of(Input.floats(Network.INPUT, sample)));
        return of(network, 0, Options.defaults(), CallSite.caller());
    }

    /**
     * A model with inputs by name, its parameters drawn from seed 0:
     * {@code Model.of(net, Input.ints("ids", 128), Input.floats("mask", 128))}.
     *
     * @param layer the network, which begins with the first input
     * @throws IllegalArgumentException if two inputs have the same name
     * @throws dev.fluxion.ir.ShapeException if a layer does not fit
     */
    public static Model of(Layer layer, Input first, Input... more) {
        Compiler.prepare();
        List<Input> inputs = new ArrayList<>();
        inputs.add(first);
        inputs.addAll(Checks.list(more));
        return of(Network.of(layer, inputs), 0, Options.defaults(), CallSite.caller());
    }

    /**
     * The model of a file that {@link #export} wrote: it predicts, evaluates, trains, saves and loads as the model that was written, bit
     * for bit, without its layers. It has the seed 0.
     *
     * @throws IOException if the file cannot be read, is damaged, is no such file or one of a later format
     */
    public static Model open(Path file) throws IOException {
        Compiler.prepare();
        CallSite callSite = CallSite.caller();
        ModelFile.Content content = ModelFile.read(Given.require("open", "the file", file));
        return new Model(
                content.network(),
                content.outputs(),
                0,
                content.parameters(),
                Options.defaults(),
                BatchSizes.usual(),
                content.card(),
                callSite);
    }

    /**
     * A new model of the same network with another seed, for its parameters and for dropout in its trainings. This
     * model stays open and unchanged.
     */
    public Model seed(long seed) {
        return of(network, seed, options, CallSite.caller());
    }

    /** The seed of this model's first values and of the random numbers of its trainings. */
    long seed() {
        return seed;
    }

    /**
     * A new model of the same network that computes with the given number of threads. Its parameters are copies:
     * training one model does not change the other. This model stays open and unchanged.
     */
    public Model threads(int threads) {
        return copy(options.withThreads(threads), sizes, CallSite.caller());
    }

    /**
     * A new model of the same network that predicts with programs for the given batch sizes. Its parameters are
     * copies. The default sizes are those up to 8, the powers of two up to 256, and those between that a network needs
     * beside them, since it takes long to begin or has large weights. Any other number of samples is computed in parts of
     * these sizes, the last one filled up with copies of a sample where that is cheaper: 200 as 128, 64 and 8. Where
     * a layer mixes the samples of a batch, each batch size has its own program.
     *
     * @throws IllegalArgumentException if there is no size, or one is below 1 or above 65,536
     */
    public Model batchSizes(int... programs) {
        return copy(options, BatchSizes.of(programs), CallSite.caller());
    }

    /** A new model of the same network with copies of the parameters. This model stays open and unchanged. */
    public Model copy() {
        return copy(options, sizes, CallSite.caller());
    }

    private Model copy(Options newOptions, BatchSizes newSizes, CallSite callSite) {
        requireOpen();
        return new Model(network, outputs.names(), seed, parameters.copy(), newOptions, newSizes, card, callSite);
    }

    /** The layers with their shapes and numbers of parameters, for a batch of one. */
    public Summary summary() {
        return apply(false, network.largest(1)).summary(network.exprs(network.largest(1)));
    }

    /** The inputs and outputs with their element types and extents, without those of inner layers. */
    public Signature signature() {
        requireOpen();
        return Signature.of(this, network);
    }

    /** The parameters and buffers by name, as {@code 0.weight} and {@code 1.running_mean}. */
    public Parameters parameters() {
        return parameters;
    }

    /**
     * The network's result for samples of its only input, without dropout. Many threads may predict at the same time,
     * with the same results.
     *
     * @param inputs the samples, batch along the first axis; of none, the result has none
     * @throws IllegalArgumentException if the samples have another shape or element type, or the model has several inputs
     * @throws IllegalStateException if the model is closed
     */
    public Tensor predict(Tensor inputs) {
        return outputs.result(requireSamples("predict", inputs));
    }

    /**
     * Outputs for samples by name: {@code model.predict(Tensors.of("ids", ids).with("mask", mask)).get("output")}. The
     * result of the network is the output {@value dev.fluxion.Scope#RESULT}; others are those that layers name, as
     * {@link dev.fluxion.dsl.layer.Layers#output} does.
     *
     * @param inputs each input of the model, batch along the first axis
     * @param wanted names of outputs, or paths of layers as in {@link #summary()}, whose outputs are wanted; none for all
     *     outputs of the model
     * @throws IllegalArgumentException if an input is missing, unknown, or has another shape, element type or number of
     *     samples, or there is no such output or layer
     * @throws IllegalStateException if the model is closed
     */
    public Tensors predict(Tensors inputs, String... wanted) {
        requireOpen();
        List<String> names = Checks.present("predict", "output", Checks.list(wanted), name -> name);
        for (int i = 0; i < names.size(); i++) {
            if (names.indexOf(names.get(i)) < i) {
                throw new IllegalArgumentException(Errors.sameOutput(names.get(i)));
            }
        }
        return outputs.of(network.require(Given.require("predict", "the inputs", inputs), 0), names);
    }

    /**
     * Predictions of batches that are put together from the samples of several callers, with the parameters of this model.
     *
     * @param atOnce how many batches are computed at the same time, at least 1; further callers wait
     * @param threads how many threads share one of them
     * @param programs the batch sizes that have programs, as for {@link #batchSizes}; none for those of this model. With a
     *     single one, the bits of an answer do not depend on what else is in its batch.
     */
    public BatchPredictor batchPredictor(int atOnce, int threads, int... programs) {
        requireOpen();
        Numbers.requireAtLeast("batchPredictor", "the number of batches at once", 1, atOnce);
        BatchSizes own = Given.require("batchPredictor", "the batch sizes", programs).length == 0
                ? sizes
                : BatchSizes.of(programs);
        return new BatchPredictor(new Model(this, options.withThreads(threads), own, atOnce, CallSite.caller()));
    }

    /**
     * Predictions that each go on from the one before, along the extent that varies, as a text token by token. Without layers
     * that can, {@link Session#carry} tells what goes on.
     */
    public Session session() {
        requireOpen();
        return Session.of(this);
    }

    /**
     * The same along one of several extents that vary, as in {@code session("T")}. Inputs without it are given whole each time.
     *
     * @throws IllegalArgumentException if no extent of this name varies, or a layer reads later positions, or mixes positions
     *     in a way that a session does not know
     */
    public Session session(String extent) {
        requireOpen();
        return new Session(this, Sequences.of(this, Given.require("session", "the extent", extent)));
    }

    /**
     * The probabilities of the classes, axis 1, from a model that outputs logits: the softmax of {@link #predict(Tensor)}.
     *
     * @throws dev.fluxion.ir.ShapeException if the model's outputs have no classes
     */
    public Tensor probabilities(Tensor inputs) {
        return outputs.probabilities(requireSamples("probabilities", inputs));
    }

    /** The graph of {@link #predict(Tensors, String...)} for a batch size and the largest samples, for instance to print it. */
    public Graph graph(int batch) {
        requireBatch("graph", batch);
        return outputs.graph(network.largest(batch));
    }

    /**
     * The network applied to a batch.
     *
     * @throws IllegalArgumentException if a parameter has another shape than for the largest samples
     */
    Applied apply(boolean training, BatchShape batch) {
        Applied applied = building(() -> network.apply(training, batch));
        network.requireSameWeights(applied, parameters.shapes(), batch);
        return applied;
    }

    LeakWarning watchTraining(Training training, CallSite callSite) {
        return watch.watchPart(training, "training", callSite);
    }

    /** Runs something that calls layers or losses, which must not use this model meanwhile. */
    <T> T building(Supplier<T> what) {
        return guard.run(what);
    }

    /**
     * A program for a batch size, compiled as those of predictions are, for the caller alone: to explain and to
     * measure it.
     */
    public Program predictor(int batch) {
        requireOpen();
        return outputs.own(network.largest(requireBatch("predictor", batch)));
    }

    Program compile(Graph graph) {
        watch.used();
        return Compiler.compile(graph, parameters, options);
    }

    /** The native memory that this model holds at present. */
    public ModelMemory memory() {
        return new ModelMemory(
                parameters.bytes(),
                outputs.programs().count(),
                outputs.programs().bytes());
    }

    /**
     * The values of metrics, by name, of the samples of a loader's first epoch, without dropout. A metric for which no
     * sample counts is NaN.
     *
     * @throws IllegalArgumentException if the loader or a metric is null, two of them have the same name, or the data do
     *     not fit one
     */
    public Map<String, Double> evaluate(DataLoader loader, Metric... metrics) {
        Given.require("evaluate", "the data", loader);
        List<Metric> all = Metrics.requireDifferent("evaluate", Checks.list(metrics));
        List<Tally> tallies = all.stream().map(Metric::start).toList();
        tally(loader, tallies.toArray(Tally[]::new));
        Map<String, Double> values = new LinkedHashMap<>();
        for (int i = 0; i < all.size(); i++) {
            values.putAll(tallies.get(i).values(all.get(i).name()));
        }
        return values;
    }

    /**
     * Adds the outputs for a loader's first epoch, without dropout, with their targets to tallies, such as a confusion
     * matrix, after what they have already.
     *
     * @throws IllegalArgumentException if the loader or a tally is null, or the data do not fit one
     */
    public void tally(DataLoader loader, Tally... tallies) {
        Given.require("tally", "the data", loader);
        List<Tally> all = Checks.present("tally", "tally", Checks.list(tallies), tally -> "");
        for (Batch batch : loader.epoch(0)) {
            Tensors made = predict(batch.allInputs());
            all.forEach(tally -> tally.add(made, batch.allTargets()));
        }
    }

    /**
     * A new training of all parameters, step by step; {@link Trainer} does the common case. It starts with fresh
     * state, whatever trained this model before; {@link Training#restore(TrainingState)} continues another training.
     */
    public Training training(Loss loss, Optimizer optimizer) {
        return training((MultiLoss) loss, optimizer, CallSite.caller());
    }

    /**
     * The same with a loss of several inputs, such as a triplet loss. Each of its inputs is the output of the network
     * that has its name, or else the target of a batch that has; {@link MultiLoss#on} gives them other names.
     *
     * @throws IllegalArgumentException if no input of the loss is an output of the network
     */
    public Training training(MultiLoss loss, Optimizer optimizer) {
        return training(loss, optimizer, CallSite.caller());
    }

    private Training training(MultiLoss loss, Optimizer optimizer, CallSite callSite) {
        Given.require("training", "the loss", loss);
        Given.require("training", "the optimizer", optimizer);
        requireOpen();
        Objective objective = new Objective(loss, outputs.names(), network.inputs());
        TrainingTask task = new TrainingTask(this, objective, optimizer, List.copyOf(parameters.names()));
        return new Training(task, Lint.all(), callSite);
    }

    /**
     * Writes the parameters and buffers: as a state dict for PyTorch's {@code torch.load} if the name ends in {@code .pth} or
     * {@code .pt}, else as a safetensors file.
     *
     * @throws IOException if the file cannot be written, for instance because its folder does not exist
     */
    public void save(Path file) throws IOException {
        save(file, Map.of());
    }

    /**
     * Writes the parameters and buffers as a safetensors file with some texts, which {@link SafeTensors#metadata} reads.
     *
     * @param metadata anything to keep with them, such as {@code Map.of("epoch", "12")}
     * @throws IOException if the file cannot be written, for instance because its folder does not exist
     * @throws IllegalArgumentException if there are texts and the name ends in {@code .pth} or {@code .pt}
     */
    public void save(Path file, Map<String, String> metadata) throws IOException {
        Given.require("save", "the metadata", metadata);
        requireOpen();
        WeightFile.write(Given.require("save", "the file", file), parameters.values(), metadata);
    }

    /** Writes all there is to this model, for {@link #open}, as {@link #export(Path, ModelCard)} does, with its card. */
    public void export(Path file) throws IOException {
        export(file, card);
    }

    /**
     * Writes all there is to this model: structure, weights, buffers, and what a card tells. {@link #open} needs no layers. The file is a
     * safetensors file, with the weights under their names.
     *
     * @throws IOException if the file cannot be written, for instance because its folder does not exist
     * @throws IllegalStateException if the structure depends on the number of samples or on an extent in a way that nothing tells; the
     *     message names the layer
     * @throws IllegalArgumentException if the card is that of another model, or a name begins with {@code fluxion.}
     */
    public void export(Path file, ModelCard about) throws IOException {
        Given.require("export", "the file", file);
        Given.require("export", "the card", about);
        requireOpen();
        about.requireFit(network, apply(false, network.largest(1)).result());
        ModelFile.write(file, building(() -> ModelFile.text(network, about)), parameters.values());
    }

    /** What the file that this model was opened from tells of it. */
    public ModelCard card() {
        return card;
    }

    /**
     * Reads the parameters and buffers of this model from a safetensors file or from PyTorch's ({@link
     * dev.fluxion.io.PyTorchFile}), as its content tells; nothing changes unless all names and shapes fit.
     * Trainings of this model continue from these weights but keep their state, such as moments and the number of
     * steps: begin a new one, or {@link Training#restore(Checkpoint)} a checkpoint.
     *
     * @return this model
     * @throws IOException if the file cannot be read or is none of these
     * @throws IllegalArgumentException if a parameter is missing, unknown, of another shape, of integers or not
     *     finite; all of these are named
     */
    public Model load(Path file) throws IOException {
        load(file, Loading.strict());
        return this;
    }

    /**
     * Reads parameters and buffers of this model from such a file: {@code model.load(file, Loading.strict().partial())};
     * nothing changes unless everything that is read fits.
     *
     * @return a report of what was loaded and what was not
     * @throws IOException if the file cannot be read or is none of these
     * @throws IllegalArgumentException if it does not fit; the message lists everything that does not
     */
    public LoadReport load(Path file, Loading how) throws IOException {
        Given.require("load", "the file", file);
        Given.require("load", "how to load", how);
        requireOpen();
        try {
            return how.load(file, parameters.shapes(), parameters::setWithNaN);
        } catch (IllegalArgumentException e) {
            throw CheckpointFile.is(file) ? new IllegalArgumentException(FileErrors.weightsOfCheckpoint(file), e) : e;
        }
    }

    /**
     * Waits for running predictions and steps, then frees the native memory. Later calls throw. Closing again does
     * nothing.
     */
    @Override
    public void close() {
        closePrograms();
        parameters.close();
    }

    /** Closes all but the parameters. */
    void closePrograms() {
        closed = true;
        outputs.programs().close();
        watch.closed();
    }

    Options options() {
        return options;
    }

    /** The number of samples of a batch, if there are any. */
    static int requireBatch(String method, int batch) {
        Numbers.requireAtLeast(method, "the batch size", 1, batch);
        return batch;
    }

    /** The network, the number of its parameters, the threads and the native memory that it holds, in one line. */
    @Override
    public String toString() {
        String held = closed ? "closed" : String.format(Locale.ROOT, "%,d bytes off the heap", memory().bytes());
        return String.format(
                Locale.ROOT,
                "Model of %s for samples of %s: %,d parameters, %d threads, %s",
                network.structure(),
                network.samples(),
                parameters.count(),
                options.threads(),
                held);
    }

    private Tensor requireSamples(String method, Tensor inputs) {
        requireOpen();
        return network.only(Given.require(method, "the samples", inputs), 0);
    }

    /** What this model predicts. */
    Outputs outputs() {
        return outputs;
    }

    /** What this model is made of. */
    Network network() {
        return network;
    }

    /**
     * Requires that this model is open and is not calling its layers.
     *
     * @throws IllegalStateException if it is closed, or a layer or loss uses it while the model calls them
     */
    void requireOpen() {
        guard.refuse();
        if (closed) {
            throw new IllegalStateException(Errors.modelClosed());
        }
    }
}
