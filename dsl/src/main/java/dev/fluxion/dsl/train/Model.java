package dev.fluxion.dsl.train;

import dev.fluxion.Layer;
import dev.fluxion.Loss;
import dev.fluxion.Metric;
import dev.fluxion.Optimizer;
import dev.fluxion.Scope;
import dev.fluxion.Tensor;
import dev.fluxion.data.Batch;
import dev.fluxion.data.DataLoader;
import dev.fluxion.dsl.CallSite;
import dev.fluxion.dsl.internal.Checks;
import dev.fluxion.dsl.internal.Numbers;
import dev.fluxion.dsl.layer.Summary;
import dev.fluxion.engine.Compiler;
import dev.fluxion.engine.Options;
import dev.fluxion.engine.Parameters;
import dev.fluxion.engine.Program;
import dev.fluxion.io.LoadReport;
import dev.fluxion.io.Loading;
import dev.fluxion.io.SafeTensors;
import dev.fluxion.ir.DType;
import dev.fluxion.ir.Expr;
import dev.fluxion.ir.Given;
import dev.fluxion.ir.Graph;
import dev.fluxion.ir.Shape;
import java.io.IOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Supplier;

/**
 * A layer with its own parameters, compiled on demand: {@code Model.of(net, 1, 28, 28)}. It predicts, evaluates,
 * trains, saves and loads. Programs for a few batch sizes serve any number of samples; see {@link #batchSizes}.
 *
 * <p>Any number of threads may predict at the same time, while another one trains. A model holds native memory from
 * its first prediction or training on until it is closed.
 */
public final class Model implements AutoCloseable {
    static final String INPUT = "input";
    private static final String OUTPUT = "output";
    private static final String PROBABILITIES = "probabilities";

    private final Layer layer;
    private final Shape sample;
    private final long seed;
    private final Options options;
    private final Parameters parameters;
    private final LeakWarning watch;
    private final BatchSizes sizes;
    private final FairSemaphore semaphore;
    private final Predictions predictions;
    private final Predictions probabilities;
    private final ReentryGuard guard = new ReentryGuard();
    private volatile boolean closed;

    private Model(
            Layer layer,
            Shape sample,
            long seed,
            Parameters parameters,
            Options options,
            BatchSizes sizes,
            CallSite callSite) {
        this.layer = layer;
        this.sample = sample;
        this.seed = seed;
        this.options = options;
        this.parameters = parameters;
        this.sizes = sizes;
        this.watch = LeakWarning.watch(this, "model", callSite);
        this.semaphore = new FairSemaphore(options.threads());
        this.predictions = new Predictions(this, OUTPUT, this::graph, sizes, semaphore);
        this.probabilities = new Predictions(this, PROBABILITIES, this::softmax, sizes, semaphore);
    }

    private static Model of(Layer layer, Shape sample, long seed, Options options, CallSite callSite) {
        Compiler.prepare();
        Given.require("Model.of", "the layer", layer);
        Scope scope = Scope.root(false);
        layer.apply(scope, Expr.input(INPUT, batched(1, sample)));
        return new Model(layer, sample, seed, Parameters.of(scope, seed), options, BatchSizes.powersOfTwo(), callSite);
    }

    /**
     * A model for samples of a shape, its parameters drawn from seed 0.
     *
     * @param layer the network
     * @param sample the extents of one sample, without the batch axis: {@code 1, 28, 28}
     * @throws dev.fluxion.ir.ShapeException if a layer does not fit
     */
    public static Model of(Layer layer, int... sample) {
        return of(layer, Shape.of(sample), 0, Options.defaults(), CallSite.caller());
    }

    /**
     * A new model of the same network with another seed, for its parameters and for dropout in its trainings. This
     * model stays open and unchanged.
     */
    public Model seed(long seed) {
        return of(layer, sample, seed, options, CallSite.caller());
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
     * copies. The default sizes are the powers of two up to 256. Any other number of samples is computed in parts of
     * these sizes, the last one padded with zeros where that is cheaper: 200 as 128, 64 and 8. Where a layer mixes
     * the samples of a batch, each batch size has its own program.
     *
     * @throws IllegalArgumentException if there is no size, or one is below 1 or above 65,536
     */
    public Model batchSizes(int... programs) {
        return copy(options, BatchSizes.of(programs), CallSite.caller());
    }

    private Model copy(Options newOptions, BatchSizes newSizes, CallSite callSite) {
        return new Model(layer, sample, seed, Parameters.of(parameters.values()), newOptions, newSizes, callSite);
    }

    /** The layers with their shapes and numbers of parameters, for a batch of one. */
    public Summary summary() {
        return Summary.of(layer, batched(1));
    }

    /** The parameters by name, as {@code 0.weight}. */
    public Parameters parameters() {
        return parameters;
    }

    /**
     * The network's outputs for samples, without dropout. Many threads may predict at the same time, with the same
     * results.
     *
     * @param inputs the samples, batch along the first axis
     * @throws IllegalArgumentException if the samples have another shape, or are integers
     * @throws IllegalStateException if the model is closed
     */
    public Tensor predict(Tensor inputs) {
        return predictions.of(requireSamples("predict", inputs));
    }

    /**
     * The probabilities of the classes, axis 1, from a model that outputs logits: the softmax of {@link #predict}.
     *
     * @throws dev.fluxion.ir.ShapeException if the model's outputs have no classes
     */
    public Tensor probabilities(Tensor inputs) {
        return probabilities.of(requireSamples(PROBABILITIES, inputs));
    }

    /** The graph of {@link #predict} for a batch size, for instance to print it. */
    public Graph graph(int batch) {
        return Graph.of(Map.of(OUTPUT, output(requireBatch("graph", batch))));
    }

    private Graph softmax(int batch) {
        return Graph.of(Map.of(PROBABILITIES, output(batch).softmax(1)));
    }

    private Expr output(int batch) {
        return building(() -> apply(Scope.root(false), batch));
    }

    /** The layer's output for a batch. */
    Expr apply(Scope scope, int batch) {
        return Checks.expression(layer, layer.apply(scope, Expr.input(INPUT, batched(batch))));
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
        return predictions.own(requireBatch("predictor", batch));
    }

    Program compile(Graph graph) {
        watch.used();
        return Compiler.compile(graph, parameters, options);
    }

    /** The native memory that this model holds at present. */
    public ModelMemory memory() {
        return new ModelMemory(
                parameters.bytes(),
                predictions.count() + probabilities.count(),
                predictions.bytes() + probabilities.bytes());
    }

    /**
     * The means of metrics, by name, over the samples of a loader's first epoch that count for them, without dropout.
     * A metric for which no sample counts is NaN.
     *
     * @throws IllegalArgumentException if the loader or a metric is null, or two of them have the same name
     */
    public Map<String, Double> evaluate(DataLoader loader, Metric... metrics) {
        Given.require("evaluate", "the data", loader);
        List<Metric> all = Metrics.requireDifferent("evaluate", Checks.list(metrics));
        double[] sums = new double[all.size()];
        double[] samples = new double[all.size()];
        for (Batch batch : loader.epoch(0)) {
            Tensor output = predict(batch.inputs());
            for (int i = 0; i < sums.length; i++) {
                sums[i] += all.get(i).sum(output, batch.targets());
                samples[i] += all.get(i).samples(batch.targets());
            }
        }
        Map<String, Double> means = new LinkedHashMap<>();
        for (int i = 0; i < sums.length; i++) {
            means.put(all.get(i).name(), sums[i] / samples[i]);
        }
        return means;
    }

    /**
     * A new training of all parameters, step by step; {@link Trainer} does the common case. It starts with fresh
     * state, whatever trained this model before; {@link Training#restore} continues another training.
     */
    public Training training(Loss loss, Optimizer optimizer) {
        Given.require("training", "the loss", loss);
        Given.require("training", "the optimizer", optimizer);
        return new Training(this, loss, optimizer, List.copyOf(parameters.names()), CallSite.caller());
    }

    /**
     * Writes the parameters as a safetensors file.
     *
     * @throws IOException if the file cannot be written, for instance because its folder does not exist
     */
    public void save(Path file) throws IOException {
        save(file, Map.of());
    }

    /**
     * Writes the parameters as a safetensors file with some texts, which {@link SafeTensors#metadata} reads.
     *
     * @param metadata anything to keep with them, such as {@code Map.of("epoch", "12")}
     * @throws IOException if the file cannot be written, for instance because its folder does not exist
     */
    public void save(Path file, Map<String, String> metadata) throws IOException {
        SafeTensors.write(Given.require("save", "the file", file), parameters.values(), metadata);
    }

    /**
     * Reads the parameters of this model from a safetensors file; nothing changes unless all names and shapes fit.
     * Trainings of this model continue from these weights but keep their state, such as moments and the number of
     * steps: begin a new one, or {@link Training#restore} the state that was saved with the weights.
     *
     * @return this model
     * @throws IOException if the file cannot be read or is not a safetensors file
     * @throws IllegalArgumentException if a parameter is missing, unknown, of another shape, of integers or not
     *     finite; all of these are named
     */
    public Model load(Path file) throws IOException {
        load(file, Loading.strict());
        return this;
    }

    /**
     * Reads parameters of this model from a safetensors file: {@code model.load(file, Loading.strict().partial())};
     * nothing changes unless everything that is read fits.
     *
     * @return a report of what was loaded and what was not
     * @throws IOException if the file cannot be read or is not a safetensors file
     * @throws IllegalArgumentException if it does not fit; the message lists everything that does not
     */
    public LoadReport load(Path file, Loading how) throws IOException {
        return Given.require("load", "how to load", how).load(file, parameters.shapes(), parameters::setWithNaN);
    }

    /**
     * Waits for running predictions and steps, then frees the native memory. Later calls throw. Closing again does
     * nothing.
     */
    @Override
    public void close() {
        closed = true;
        semaphore.close();
        predictions.close();
        probabilities.close();
        parameters.close();
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
                layer,
                sample,
                parameters.count(),
                options.threads(),
                held);
    }

    /** The shape of a batch of samples. */
    Shape batched(int batch) {
        return batched(batch, sample);
    }

    private static Shape batched(int batch, Shape sample) {
        int[] dims = new int[sample.rank() + 1];
        dims[0] = batch;
        System.arraycopy(sample.dims(), 0, dims, 1, sample.rank());
        return Shape.of(dims);
    }

    private Tensor requireSamples(String method, Tensor inputs) {
        batchSize(Given.require(method, "the samples", inputs));
        return inputs;
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

    /** The batch size of inputs; checks that this model is open and that its samples fit. */
    int batchSize(Tensor inputs) {
        requireOpen();
        int batch = inputs.shape().rank() == 0 ? 0 : inputs.shape().dim(0);
        if (batch == 0 || !inputs.shape().equals(batched(batch))) {
            throw new IllegalArgumentException(Errors.samples(sample, inputs.shape()));
        }
        if (inputs.dtype() != DType.FLOAT) {
            throw new IllegalArgumentException(Errors.integerSamples(inputs.shape()));
        }
        return batch;
    }
}
