package dev.fluxion.serving;

import dev.fluxion.dsl.train.Part;
import java.util.ArrayList;
import java.util.List;

/** Computes batches and tells whoever waits for them, and the listener. */
final class Computation {
    private final SlotPredictor predictor;
    private final Dispatcher dispatcher;
    private final Reporting reporting;

    Computation(SlotPredictor predictor, Dispatcher dispatcher, Reporting reporting) {
        this.predictor = predictor;
        this.dispatcher = dispatcher;
        this.reporting = reporting;
    }

    /** What computes a part alone, with some slots. */
    Runnable prepare(Part part, int slots) {
        return predictor.prepare(List.of(part), slots);
    }

    /** Computes some samples of the calling thread. */
    void alone(Runnable prepared, int samples) {
        long nanos;
        try {
            nanos = compute(prepared, 1, samples);
        } catch (RuntimeException | Error e) {
            reporting.refused(Refusal.FAILED);
            throw e;
        }
        reporting.answered(samples, 0, nanos);
    }

    /**
     * Computes requests as one batch with some slots; if that fails, each alone, so that it fails for none but its own reasons. The
     * last one is answered first: whoever waits for several, in the order in which he asked, wakes up once.
     */
    void batch(List<Request> requests, int slots) {
        long begun = dispatcher.now();
        long nanos;
        try {
            List<Part> parts = new ArrayList<>(requests.size());
            int samples = 0;
            for (Request request : requests) {
                parts.add(request.part());
                samples += request.rows();
            }
            nanos = compute(predictor.prepare(parts, slots), parts.size(), samples);
        } catch (RuntimeException | Error e) {
            if (requests.size() == 1) {
                reporting.refused(Refusal.FAILED);
                requests.get(0).outcome().failed(e);
            } else {
                requests.forEach(request -> batch(List.of(request), slots));
            }
            return;
        }
        for (int i = requests.size() - 1; i >= 0; i--) {
            Request request = requests.get(i);
            reporting.answered(request.rows(), begun - request.arrival(), nanos);
            request.outcome().answered();
        }
    }

    private long compute(Runnable prepared, int requests, int samples) {
        BatchEvent event = BatchEvent.begun();
        long start = System.nanoTime();
        prepared.run();
        long nanos = System.nanoTime() - start;
        if (event != null && event.shouldCommit()) {
            event.end(requests, samples, dispatcher.waiting());
        }
        reporting.computed(requests, samples, nanos);
        return nanos;
    }

    /** Tells that a request is not computed. */
    void refuse(Request request, Refusal why) {
        reporting.refused(why);
        request.outcome().failed(Errors.refused(why));
    }

    /** Tells that a request is not computed, which was cancelled or has expired. */
    void refuseOver(Request request) {
        if (request.outcome().isAbandoned()) {
            reporting.refused(Refusal.CANCELLED);
        } else {
            refuse(request, Refusal.EXPIRED);
        }
    }
}
