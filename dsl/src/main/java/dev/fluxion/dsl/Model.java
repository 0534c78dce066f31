package dev.fluxion.dsl;

import dev.fluxion.Layer;
import dev.fluxion.Loss;
import dev.fluxion.Metric;
import dev.fluxion.Optimizer;
import dev.fluxion.Scope;
import dev.fluxion.Tensor;
import dev.fluxion.data.Batch;
import dev.fluxion.data.DataLoader;
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
import dev.fluxion.ir.Interpreter;
import dev.fluxion.ir.Shape;
import java.io.IOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * A layer with parameters of its own, compiled on demand: {@code Model.of(net, 1, 28, 28)}. It predicts, evaluates, trains,
 * saves and loads. Programs are compiled once per batch size and kept.
 *
 * <p>Any number of threads may predict at the same time, while another one trains. A model holds native memory from its
 * first prediction or training on until it is closed.
 */
public final class Model implements AutoCloseable {
    private static final String INPUT = "input";
    private static final String OUTPUT = "output";

    private final Layer layer;
    private final Shape sample;
    private final Options options;
    private final Parameters parameters;
    private final Map<Integer, Predictor> predictors = new ConcurrentHashMap<>();
    private volatile boolean closed;

    private Model(Layer layer, Shape sample, Parameters parameters, Options options) {
        this.layer = layer;
        this.sample = sample;
        this.options = options;
        this.parameters = parameters;
    }

    private static Model of(Layer layer, Shape sample, long seed, Options options) {
        Compiler.prepare();
        Given.require("Model.of", "the layer", layer);
        Scope scope = Scope.root(false);
        layer.apply(scope, Expr.input(INPUT, batched(1, sample)));
        return new Model(layer, sample, Parameters.of(scope, seed), options);
    }

    /**
     * A model for samples of a shape, its parameters drawn from seed 0.
     *
     * @param layer the network
     * @param sample the extents of one sample, without the batch axis: {@code 1, 28, 28}
     * @throws dev.fluxion.ir.ShapeException if a layer does not fit
     */
    public static Model of(Layer layer, int... sample) {
        return of(layer, Shape.of(sample), 0, Options.defaults());
    }

    /** A new model of the same network, its parameters drawn from another seed. This one stays as it is, and open. */
    public Model seed(long seed) {
        return of(layer, sample, seed, options);
    }

    /**
     * A new model of the same network that computes with the given number of threads, its parameters being copies of this
     * one's. What either learns later, the other does not. This one stays as it is, and open.
     */
    public Model threads(int threads) {
        return new Model(layer, sample, Parameters.of(parameters.values()), options.withThreads(threads));
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
     * What the network makes of samples, dropout off. Many threads may predict at the same time: the answers are the same.
     *
     * @param inputs the samples, batch along the first axis
     * @throws IllegalArgumentException if the samples have another shape, or are integers
     * @throws IllegalStateException if the model is closed
     */
    public Tensor predict(Tensor inputs) {
        return predictors(batchSize(Given.require("predict", "the samples", inputs)))
                .predict(INPUT, inputs, OUTPUT);
    }

    /**
     * The probabilities of the classes, axis 1, of a model that makes logits: the softmax of {@link #predict}.
     *
     * @throws dev.fluxion.ir.ShapeException if the model's outputs have no classes
     */
    public Tensor probabilities(Tensor inputs) {
        Tensor logits = predict(Given.require("probabilities", "the samples", inputs));
        Expr softmax = Expr.input(OUTPUT, logits.shape()).softmax(1);
        return Tensor.of(new Interpreter().bind(OUTPUT, logits.toValue()).evaluate(softmax));
    }

    /** What {@link #predict} computes for a batch size, as a graph to be printed. */
    public Graph graph(int batch) {
        return Graph.of(Map.of(OUTPUT, layer.apply(Scope.root(false), Expr.input(INPUT, batched(batch)))));
    }

    /** The program that predicts for a batch size, to be explained; predictions use it, too, and it serves one thread at a time. */
    public Program predictor(int batch) {
        return predictors(batch).first();
    }

    private Predictor predictors(int batch) {
        return predictors.computeIfAbsent(
                batch, size -> new Predictor(Compiler.compile(graph(size), parameters, options), options.threads()));
    }

    /**
     * The mean of metrics over the samples of a loader's first epoch, by name, dropout off.
     *
     * @throws IllegalArgumentException if the loader or a metric is null, or two of them have the same name
     */
    public Map<String, Double> evaluate(DataLoader loader, Metric... metrics) {
        Given.require("evaluate", "the data", loader);
        List<Metric> all = Parts.metrics("evaluate", Parts.of(metrics));
        double[] sums = new double[all.size()];
        int samples = 0;
        for (Batch batch : loader.epoch(0)) {
            Tensor output = predict(batch.inputs());
            for (int i = 0; i < sums.length; i++) {
                sums[i] += all.get(i).sum(output, batch.targets());
            }
            samples += batch.size();
        }
        Map<String, Double> means = new LinkedHashMap<>();
        for (int i = 0; i < sums.length; i++) {
            means.put(all.get(i).name(), sums[i] / samples);
        }
        return means;
    }

    /** The training of all parameters, step by step; {@link Trainer} does the common case. */
    public Training training(Loss loss, Optimizer optimizer) {
        Given.require("training", "the loss", loss);
        Given.require("training", "the optimizer", optimizer);
        return new Training(this, loss, optimizer, List.copyOf(parameters.names()));
    }

    /**
     * Writes the parameters as a safetensors file.
     *
     * @throws IOException if the file cannot be written, as where its folder does not exist
     */
    public void save(Path file) throws IOException {
        save(file, Map.of());
    }

    /**
     * Writes the parameters as a safetensors file with some texts, which {@link SafeTensors#metadata} reads.
     *
     * @param metadata anything worth keeping with them, as {@code Map.of("epoch", "12")}
     * @throws IOException if the file cannot be written, as where its folder does not exist
     */
    public void save(Path file, Map<String, String> metadata) throws IOException {
        SafeTensors.write(Given.require("save", "the file", file), parameters.values(), metadata);
    }

    /**
     * Reads the parameters of this model from a safetensors file; nothing changes unless all names and shapes fit.
     *
     * @return this model
     * @throws IOException if the file cannot be read or is not a safetensors file
     * @throws IllegalArgumentException if a parameter is missing, unknown, of another shape, of integers or not finite; all
     *     of these are named
     */
    public Model load(Path file) throws IOException {
        load(file, Loading.strict());
        return this;
    }

    /**
     * Reads parameters of this model from a safetensors file: {@code model.load(file, Loading.strict().partial())}; nothing
     * changes unless all that is read fits.
     *
     * @return what was loaded and what was not
     * @throws IOException if the file cannot be read or is not a safetensors file
     * @throws IllegalArgumentException if it does not fit; all that does not is named
     */
    public LoadReport load(Path file, Loading how) throws IOException {
        return Given.require("load", "how to load", how).load(file, parameters.shapes(), parameters::setWithNaN);
    }

    /** Frees the native memory. Closing again does nothing. */
    @Override
    public void close() {
        closed = true;
        parameters.close();
    }

    Layer layer() {
        return layer;
    }

    Options options() {
        return options;
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

    /** The batch size of inputs whose samples fit this model, which is open. */
    int batchSize(Tensor inputs) {
        if (closed) {
            throw new IllegalStateException(Errors.modelClosed());
        }
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
