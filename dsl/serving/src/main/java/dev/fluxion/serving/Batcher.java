package dev.fluxion.serving;

import dev.fluxion.Tensor;
import dev.fluxion.Tensors;
import dev.fluxion.dsl.train.Model;
import dev.fluxion.dsl.train.ModelMemory;
import dev.fluxion.dsl.train.Part;
import dev.fluxion.ir.Given;
import java.nio.FloatBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.function.Function;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Computes the requests of many callers in batches: {@code Batcher.of(model).submit(samples)}. A request has one sample or
 * several, which stay together. Each has one outcome: its answer, or why there is none.
 *
 * <p>Any number of threads may call. Samples are not copied, and must not change before the answer is there. The model must stay
 * open, and may be trained meanwhile.
 */
public final class Batcher implements Service, AutoCloseable {
    private static final String SUBMIT = "submit";
    private static final String PREDICT = "predict";

    private final SlotPredictor predictor;
    private final @Nullable Padder padder;
    private final Batching options;
    private final Dispatcher dispatcher;
    private final Reporting reporting;
    private final Computation computation;
    private final List<Worker> workers;

    private Batcher(SlotPredictor predictor, Batching options, LongSupplier clock) {
        this.predictor = predictor;
        this.padder = options.padding() == null ? null : new Padder(predictor.parts(), options.padding());
        this.options = options;
        Backlog backlog = new Backlog(options.maxBatch(), nanos(options.maxDelay()), options.queue());
        this.dispatcher = new Dispatcher(backlog, options.workers(), clock);
        this.reporting = new Reporting(options.listener());
        this.computation = new Computation(predictor, dispatcher, reporting);
        this.workers = Stream.generate(() -> Worker.started(dispatcher, computation))
                .limit(options.workers())
                .toList();
    }

    /** Batches with the default options. */
    public static Batcher of(Model model) {
        return of(model, Batching.defaults());
    }

    /**
     * Batches for a model. Its parameters are shared, its own number of threads does not count.
     *
     * @throws IllegalStateException if the model is closed
     * @throws IllegalArgumentException if samples are to be padded, but it does not fit the inputs, or answers depend on it
     */
    public static Batcher of(Model model, Batching options) {
        return of(model, options, System::nanoTime);
    }

    static Batcher of(Model model, Batching options, LongSupplier clock) {
        Given.require("Batcher", "the model", model);
        Given.require("Batcher", "the options", options);
        SlotPredictor predictor = SlotPredictor.of(model, options);
        try {
            return new Batcher(predictor, options, clock);
        } catch (IllegalArgumentException e) {
            predictor.close();
            throw e;
        }
    }

    static long nanos(Duration time) {
        return time.compareTo(Batching.FOREVER) < 0 ? time.toNanos() : Long.MAX_VALUE / 2;
    }

    @Override
    public CompletableFuture<Tensor> submit(Tensor samples, Terms terms) {
        Given.require(SUBMIT, "the samples", samples);
        return submit(() -> samples(samples), terms, Samples::result);
    }

    @Override
    public CompletableFuture<Tensors> submit(Tensors inputs, Terms terms) {
        Given.require(SUBMIT, "the inputs", inputs);
        return submit(() -> samples(inputs), terms, Samples::outputs);
    }

    private <T> CompletableFuture<T> submit(Supplier<Samples> given, Terms terms, Function<Samples, T> result) {
        Given.require(SUBMIT, "the terms", terms);
        Answer<T> answer = new Answer<>(dispatcher);
        reporting.asked();
        try {
            Samples samples = valid(given);
            enqueue(request(samples.part(), terms, new Promise<>(answer, samples, result)), terms, terms.burst());
        } catch (RuntimeException e) {
            answer.fail(e);
        }
        return answer;
    }

    @Override
    public Tensor predict(Tensor samples, Terms terms) {
        Given.require(PREDICT, "the samples", samples);
        return compute(() -> samples(samples), terms).result();
    }

    @Override
    public Tensors predict(Tensors inputs, Terms terms) {
        Given.require(PREDICT, "the inputs", inputs);
        return compute(() -> samples(inputs), terms).outputs();
    }

    private Samples samples(Tensor only) {
        return padder == null ? Samples.of(predictor.parts().part(only)) : padder.pad(Tensors.of(only));
    }

    private Samples samples(Tensors inputs) {
        return padder == null ? Samples.of(predictor.parts().part(inputs)) : padder.pad(inputs);
    }

    private Samples compute(Supplier<Samples> given, Terms terms) {
        Given.require(PREDICT, "the terms", terms);
        reporting.asked();
        Samples samples = valid(given);
        Part part = samples.part();
        int slots = enter();
        if (slots > 0) {
            computeHere(computation.prepare(part, slots), slots, part.rows());
        } else {
            Waiter waiter = new Waiter();
            await(request(part, terms, waiter), terms, waiter);
        }
        return samples;
    }

    /**
     * A request that is made again and again without allocating anything: {@link Call#run} takes the samples that are in the
     * inputs' arrays by then, and writes the results of the network into an array.
     *
     * @param inputs the inputs by name, or the only one as {@code Tensors.of(samples)}
     * @param into room for the results
     * @throws IllegalArgumentException if the inputs do not fit, or the array has not as many elements as the results, or a layer
     *     mixes the samples of a batch, or the results are integers
     * @throws IllegalStateException if samples are padded
     */
    public Call call(Tensors inputs, float[] into) {
        return call(inputs, FloatBuffer.wrap(Given.require("call", "the array", into)), Terms.USUAL);
    }

    /** The same into a buffer from its position on, which stays; on some terms. */
    public Call call(Tensors inputs, FloatBuffer into, Terms terms) {
        Given.require("call", "the buffer", into);
        Given.require("call", "the terms", terms);
        if (padder != null) {
            throw new IllegalStateException(Errors.callPadded());
        }
        Part part = predictor.parts().part(Given.require("call", "the inputs", inputs), into);
        Waiter waiter = new Waiter();
        Request request = request(part, terms, waiter);
        Runnable withOne = computation.prepare(part, 1);
        Runnable withAll = computation.prepare(part, options.workers());
        return new Call(() -> {
            reporting.asked();
            int slots = enter();
            if (slots > 0) {
                computeHere(slots == 1 ? withOne : withAll, slots, part.rows());
            } else {
                await(request, terms, waiter);
            }
        });
    }

    private Samples valid(Supplier<Samples> samples) {
        try {
            return samples.get();
        } catch (RuntimeException e) {
            reporting.refused(e instanceof IllegalArgumentException ? Refusal.INVALID : Refusal.FAILED);
            throw e;
        }
    }

    private Request request(Part part, Terms terms, Outcome outcome) {
        return new Request(part, predictor.parts().joins(part), terms.priority(), outcome);
    }

    /** With how many slots the calling thread is to compute: nobody waits, or it is a worker, which would wait for itself. */
    private int enter() {
        return Worker.isCurrent(dispatcher) ? 1 : dispatcher.enter();
    }

    private void computeHere(Runnable alone, int slots, int samples) {
        try {
            computation.alone(alone, samples);
        } finally {
            if (!Worker.isCurrent(dispatcher)) {
                dispatcher.leave(slots);
            }
        }
    }

    private void await(Request request, Terms terms, Waiter waiter) {
        waiter.begin();
        enqueue(request, terms, null);
        waiter.await(request, dispatcher, reporting);
    }

    private void enqueue(Request request, Terms terms, @Nullable Burst burst) {
        try {
            request.part().requireAllowed();
        } catch (IllegalArgumentException e) {
            reporting.refused(Refusal.INVALID);
            throw e;
        }
        request.arrives(dispatcher.now(), Math.min(nanos(terms.deadline()), nanos(options.deadline())));
        Refusal refusal = dispatcher.add(request, burst);
        if (refusal == Refusal.FULL && dispatcher.mayMakeRoom()) {
            makeRoom();
            refusal = dispatcher.add(request, burst);
        }
        if (refusal != null) {
            reporting.refused(refusal);
            throw refusal == Refusal.FULL
                    ? Errors.full(request.rows(), dispatcher.waiting(), options.queue())
                    : Errors.refused(refusal);
        }
    }

    private void makeRoom() {
        List<Request> over = new ArrayList<>();
        dispatcher.removeOver(over);
        over.forEach(computation::refuseOver);
    }

    /**
     * Compiles the programs for batches of the largest samples, one for each worker, and runs them with zeros, so that no request waits
     * for that, and {@link #memory} stays.
     *
     * @return this batcher
     */
    public Batcher warmUp() {
        if (padder == null) {
            predictor.warmUp(options.maxBatch(), Map.of());
        } else {
            padder.lengths().forEach(length -> predictor.warmUp(options.maxBatch(), Map.of(padder.extent(), length)));
        }
        return this;
    }

    /** Whether this batcher takes requests, or is closing. */
    public Status status() {
        boolean alive = workers.stream().allMatch(Thread::isAlive);
        return new Status(alive, alive && !dispatcher.isClosed(), alive && dispatcher.isClosed());
    }

    /** The number of samples that wait at present. */
    public int waiting() {
        return dispatcher.waiting();
    }

    /** The native memory of the model's parameters and of the programs of this batcher. */
    public ModelMemory memory() {
        return predictor.memory();
    }

    /**
     * Refuses further requests, computes those that wait, and returns when all are answered and the workers have ended. The model
     * stays open. Closing again does nothing.
     *
     * @throws IllegalStateException in a continuation that a worker runs
     */
    @Override
    public void close() {
        close(false);
    }

    /** The same, but those that wait are refused, too. */
    public void closeNow() {
        close(true);
    }

    private void close(boolean now) {
        requireNoWorker();
        dispatcher.close();
        if (now) {
            List<Request> waiting = new ArrayList<>();
            dispatcher.clear(waiting);
            waiting.forEach(request -> computation.refuse(request, Refusal.CLOSED));
        }
        dispatcher.awaitIdle();
        workers.forEach(Batcher::join);
        predictor.close();
    }

    /** Requires that the calling thread does not have to end before this is closed. */
    void requireNoWorker() {
        if (Worker.isCurrent(dispatcher)) {
            throw new IllegalStateException(Errors.closesOnWorker());
        }
    }

    private static void join(Worker worker) {
        boolean interrupted = false;
        while (worker.isAlive()) {
            try {
                worker.join();
            } catch (InterruptedException e) {
                interrupted = true;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }
}
