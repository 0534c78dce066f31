package dev.fluxion.engine.plan;

import dev.fluxion.ffi.Layout;
import dev.fluxion.ffi.Operation;
import dev.fluxion.ffi.Primitive;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.UnaryOperator;

/**
 * Shares the work of steps among threads that have no strands to share. The parts of a step give the bits of the whole, so that the
 * number of threads, and what another thread costs, may decide.
 */
public final class Division {
    /** Work that takes as long as another thread needs to come and all of them to meet, and that of a call. */
    private static final double MEETING = 1e6;

    private static final double CALL = 1e5;

    private final int threads;
    private final double scale;
    private final Step.Library library;

    private Division(int threads, double scale, Step.Library library) {
        this.threads = threads;
        this.scale = scale;
        this.library = library;
    }

    /**
     * The steps, in parts where that is worth it.
     *
     * @param scale the cost of parts, 1 as measured, 0 to divide whatever can be
     * @param library makes their kernels
     */
    public static List<Step> of(List<Step> steps, int threads, double scale, Step.Library library) {
        boolean shared =
                threads == 1 || steps.stream().anyMatch(step -> step.key().isStrand());
        return shared ? steps : new Division(threads, scale, library).divided(steps);
    }

    /** Divides neighbours together: parts of one step mostly read those of the one before, and nobody has to wait between. */
    private List<Step> divided(List<Step> steps) {
        List<Step> result = new ArrayList<>();
        List<Step> run = new ArrayList<>();
        for (Step step : steps) {
            if (parts(step, trial()).isEmpty()) {
                end(run, result);
                result.add(step);
            } else {
                run.add(step);
            }
        }
        end(run, result);
        return result;
    }

    private void end(List<Step> run, List<Step> result) {
        boolean pays = run.stream().mapToDouble(Step::work).sum() >= 2 * MEETING * scale;
        for (Step step : run) {
            List<Step> parts = pays ? parts(step, library) : List.of();
            result.addAll(parts.isEmpty() ? List.of(step) : parts);
        }
        run.clear();
    }

    private List<Step> parts(Step step, Step.Library from) {
        List<Step> parts = List.of();
        for (int count = threads; parts.isEmpty() && count > 1; count /= 2) {
            boolean wanted = step.work() >= step.division().calls(count) * CALL * scale;
            parts = wanted ? step.division().into(count, from) : parts;
        }
        return parts;
    }

    /** The library for parts that may not be taken: nothing is packed for them. */
    private Step.Library trial() {
        return new Step.Library() {
            @Override
            public Optional<Primitive> offered(Operation operation, UnaryOperator<String> preferred) {
                return library.offered(operation, preferred);
            }

            @Override
            public Optional<Buffer> packed(Buffer weights, Layout layout) {
                return library.packs(weights) ? Optional.of(weights) : Optional.empty();
            }
        };
    }
}
