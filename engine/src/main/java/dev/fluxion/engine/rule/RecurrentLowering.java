package dev.fluxion.engine.rule;

import dev.fluxion.engine.emit.Facts;
import dev.fluxion.engine.kernel.Flops;
import dev.fluxion.engine.kernel.Recurrent;
import dev.fluxion.engine.kernel.RecurrentBackward;
import dev.fluxion.engine.kernel.RecurrentForward;
import dev.fluxion.engine.kernel.RecurrentParts;
import dev.fluxion.engine.kernel.Room;
import dev.fluxion.engine.plan.Buffer;
import dev.fluxion.engine.plan.ScheduleKey;
import dev.fluxion.engine.plan.Step;
import dev.fluxion.engine.rule.Rule.Laid;
import dev.fluxion.engine.rule.Rule.Match;
import dev.fluxion.ffi.Layout;
import dev.fluxion.ir.Expr;
import dev.fluxion.ir.Recurrence;
import dev.fluxion.ir.RecurrenceGradient;
import dev.fluxion.ir.RecurrentCell;
import dev.fluxion.ir.Shape;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Steps of recurrences, whatever their products are made with. */
final class RecurrentLowering {
    /** Operands of a recurrence that are the same for all sequences lie up to here. */
    private static final int WEIGHTS_AND_BIAS = 2;
    /** The library adds up products of a single row in an order of their own. */
    private static final int FEWEST = 2;

    private RecurrentLowering() {}

    /** Makes what a recurrence is made of. */
    interface Kernels {
        /** The kernels, given all that the step reads. */
        Recurrent.Native of(List<Buffer> reads, Recurrent.Scratch scratch);

        /** The same for some sequences, with the same bits; empty if there are none. */
        default Optional<Kernels> of(Recurrent some, Step.Library library) {
            return Optional.empty();
        }
    }

    /** Makes a product with the weights. */
    interface Product {
        Step of(Buffer products, Buffer weights, Buffer state);
    }

    static Recurrent sizes(Recurrence op, Expr e) {
        return sizes(
                op.cell(), op.backwards(), e.shape().with(2, e.input(1).shape().dim(1)));
    }

    static Recurrent sizes(RecurrenceGradient op, Expr e) {
        return sizes(op.cell(), op.backwards(), e.input(0).shape());
    }

    private static Recurrent sizes(RecurrentCell cell, boolean backwards, Shape y) {
        return new Recurrent(cell, backwards, y.dim(0), y.dim(1), y.dim(2));
    }

    /**
     * A recurrence.
     *
     * @param reads its operands; in place of the products of all inputs what they are made of, and behind the operands with what, if it
     *     makes them
     */
    static Match forward(
            Rule rule, Candidate c, List<Laid> reads, Facts facts, String implementation, Kernels kernels) {
        Expr e = c.core();
        Recurrence op = (Recurrence) e.op();
        return Results.match(
                rule,
                c,
                op,
                reads,
                i -> i <= op.cell().states() || Results.isRead(e, i, facts),
                facts,
                (from, places) -> {
                    Recurrent sizes = sizes(op, e);
                    Step whole = forward(c, sizes, from, places, implementation, kernels);
                    return whole.shared(
                            (count, library) -> parts(c, from, places, implementation, kernels, count, library));
                });
    }

    /** A recurrence of products by BLAS and functions in Java, with the weights of the state in a layout. */
    static Match inParts(Rule rule, Expr e, Layout weights, Facts facts) {
        return forward(
                rule,
                Candidate.alone(e),
                reads(e, 1, weights),
                facts,
                "openblas",
                (from, scratch) -> new Recurrent.Native(
                        Optional.empty(),
                        RecurrentParts.sum(scratch.state(), from.get(1), from.get(2), scratch.products()),
                        RecurrentParts.logistic(scratch.products()),
                        RecurrentParts.tangent(scratch.tangent())));
    }

    private static List<Step> parts(
            Candidate c,
            List<Buffer> reads,
            Map<Integer, Buffer> places,
            String implementation,
            Kernels kernels,
            int count,
            Step.Library library) {
        List<Step> steps = new ArrayList<>();
        for (Part part : parts(c.core(), reads, places, count)) {
            Recurrent some = part.sizes;
            Optional<Kernels> made = some.sequences() < FEWEST ? Optional.empty() : kernels.of(some, library);
            if (made.isEmpty()) {
                return List.of();
            }
            Step step = forward(c, some, part.reads, part.places, implementation, made.get());
            steps.add(step.at(ScheduleKey.part(steps.size())));
        }
        return steps;
    }

    /** Some of the sequences, with what they have of what a recurrence reads and makes. */
    record Part(Recurrent sizes, List<Buffer> reads, Map<Integer, Buffer> places) {}

    /**
     * The sequences of a recurrence in so many parts, as even as may be; none if there are fewer.
     *
     * @param reads its operands, or what is in their place, and behind them what all sequences have in common
     */
    static List<Part> parts(Expr e, List<Buffer> reads, Map<Integer, Buffer> places, int count) {
        Recurrent sizes = sizes((Recurrence) e.op(), e);
        List<Part> parts = new ArrayList<>();
        for (int i = 0; i < count && count <= sizes.sequences(); i++) {
            int first = sizes.sequences() * i / count;
            Recurrent some = sizes.of(sizes.sequences() * (i + 1) / count - first);
            List<Buffer> from = new ArrayList<>(reads);
            IntStream.range(0, e.inputs().size())
                    .filter(k -> k == 0 || k > WEIGHTS_AND_BIAS)
                    .forEach(k -> from.set(k, rows(reads.get(k), sizes, first, some)));
            Map<Integer, Buffer> to = new TreeMap<>();
            places.forEach((k, buffer) -> to.put(k, rows(buffer, sizes, first, some)));
            parts.add(new Part(some, from, to));
        }
        return parts;
    }

    /** What some sequences have of a buffer. */
    private static Buffer rows(Buffer all, Recurrent sizes, int first, Recurrent some) {
        long rows = all.layout().dims()[0] / sizes.sequences();
        return all.part(all.layout()
                .part(0, first * rows, (first + some.sequences()) * rows)
                .orElseThrow());
    }

    private static Step forward(
            Candidate c,
            Recurrent sizes,
            List<Buffer> reads,
            Map<Integer, Buffer> places,
            String implementation,
            Kernels kernels) {
        int states = sizes.cell().states();
        Buffer products = Buffer.temporary("products", sizes.products());
        Buffer given = reads.get(0);
        Recurrent.Scratch scratch = new Recurrent.Scratch(
                Buffer.temporary("state", sizes.state()),
                isCovering(c)
                        ? Buffer.temporary(
                                "inputs",
                                Layout.plain(sizes.sequences(), given.layout().dims()[1]))
                        : products,
                products,
                Buffer.temporary("tanh", sizes.state()));
        RecurrentForward.Operands operands = new RecurrentForward.Operands(
                given,
                reads.get(3),
                states > 1 ? reads.get(4) : null,
                lengths(reads.subList(0, c.core().inputs().size()), 3 + states),
                place(places, 0),
                place(places, 1),
                states > 1 ? place(places, 2) : null,
                places.get(1 + states),
                places.get(2 + states));
        Recurrent.Native made = kernels.of(reads, scratch);
        List<Step> all = Stream.concat(
                        made.input().stream(), Stream.of(made.product(), made.logistic(), made.tangent()))
                .toList();
        Step.Binder binder = RecurrentForward.of(sizes, made, scratch, operands);
        return step(c, sizes, reads, places, room(scratch.all(), all), named(implementation), binder);
    }

    /** Whether a recurrence makes the products of its input. */
    private static boolean isCovering(Candidate c) {
        return c.covers().size() > 1;
    }

    static Match backward(Rule rule, Expr e, Layout weights, Facts facts, String implementation, Product product) {
        RecurrenceGradient op = (RecurrenceGradient) e.op();
        Recurrent sizes = sizes(op, e);
        int states = op.cell().states();
        int before = 1 + states;
        return Results.match(rule, e, op, reads(e, before + 2, weights), facts, (reads, places) -> {
            Buffer products = Buffer.temporary("products", sizes.products());
            Buffer state = Buffer.temporary("state", sizes.state());
            RecurrentBackward.Operands operands = new RecurrentBackward.Operands(
                    reads.get(0),
                    reads.get(1),
                    states > 1 ? reads.get(2) : null,
                    reads.get(before),
                    reads.get(before + 1),
                    states > 1 ? reads.get(before + 3) : null,
                    lengths(reads, before + 2 + states),
                    places.get(0),
                    places.get(1),
                    states > 1 ? places.get(2) : null,
                    op.cell().isSplit() ? places.get(before) : null);
            Step made = product.of(products, reads.get(before + 2), state);
            Step.Binder binder = RecurrentBackward.of(sizes, made.binder(), products, state, operands);
            List<Buffer> room = room(List.of(products, state), List.of(made));
            return step(e, op.toString(), reads, places, room, named(implementation), Flops.of(e), binder);
        });
    }

    /** The name of the kernels of products with that of what is around them. */
    private static String named(String products) {
        return products + " " + Recurrent.NAME;
    }

    static List<Buffer> room(List<Buffer> own, List<Step> steps) {
        return Stream.concat(own.stream(), steps.stream().flatMap(s -> s.scratch().stream()))
                .toList();
    }

    private static @Nullable Buffer lengths(List<Buffer> reads, int index) {
        return reads.size() > index ? reads.get(index) : null;
    }

    private static Buffer place(Map<Integer, Buffer> places, int index) {
        return Objects.requireNonNull(places.get(index));
    }

    /** The operands of a recurrence or its gradient, the weights in a layout. */
    static List<Laid> reads(Expr e, int weights, Layout layout) {
        List<Laid> all = new ArrayList<>(e.inputs().stream().map(Laid::plain).toList());
        all.set(weights, new Laid(e.input(weights), layout));
        return all;
    }

    /** The step of a recurrence over some sequences, with the products of its inputs if it makes them. */
    static Step step(
            Candidate c,
            Recurrent some,
            List<Buffer> reads,
            Map<Integer, Buffer> places,
            List<Buffer> room,
            String implementation,
            Step.Binder binder) {
        double flops = c.covers().stream().mapToDouble(Flops::of).sum()
                * some.sequences()
                / c.core().shape().dim(0);
        String operator = (isCovering(c) ? "matmul " : "") + c.core().op();
        List<Buffer> writes = List.copyOf(places.values());
        return step(c.core(), operator, reads, writes, room, implementation, flops, binder);
    }

    private static Step step(
            Expr e,
            String operator,
            List<Buffer> reads,
            List<Buffer> writes,
            List<Buffer> room,
            String implementation,
            double flops,
            Step.Binder binder) {
        Step step = Step.of(operator, e.origin(), reads, writes, implementation, binder)
                .needing(room)
                .flops(flops);
        Room.require(step, implementation);
        return step;
    }
}
