package dev.fluxion.engine.rule;

import dev.fluxion.engine.emit.Facts;
import dev.fluxion.engine.kernel.Flops;
import dev.fluxion.engine.kernel.Recurrent;
import dev.fluxion.engine.kernel.RecurrentBackward;
import dev.fluxion.engine.kernel.RecurrentForward;
import dev.fluxion.engine.kernel.Room;
import dev.fluxion.engine.plan.Buffer;
import dev.fluxion.engine.plan.ScheduleKey;
import dev.fluxion.engine.plan.Step;
import dev.fluxion.engine.rule.Rule.Laid;
import dev.fluxion.engine.rule.Rule.Match;
import dev.fluxion.ffi.Layout;
import dev.fluxion.ir.Compound;
import dev.fluxion.ir.Expr;
import dev.fluxion.ir.Recurrence;
import dev.fluxion.ir.RecurrenceGradient;
import dev.fluxion.ir.RecurrentCell;
import dev.fluxion.ir.Shape;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Steps of recurrences, whatever their products are made with. */
final class RecurrentLowering {
    private RecurrentLowering() {}

    /** Makes what a recurrence is made of, of the weights. */
    interface Kernels {
        Recurrent.Native of(Buffer weights, Buffer bias, Recurrent.Scratch scratch);
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

    static Match forward(Rule rule, Expr e, Layout weights, Facts facts, String implementation, Kernels kernels) {
        Recurrence op = (Recurrence) e.op();
        Recurrent sizes = sizes(op, e);
        int states = op.cell().states();
        return Results.match(
                rule,
                e,
                op,
                reads(e, 1, weights),
                i -> i <= states || Results.isRead(e, i, facts),
                facts,
                (reads, places) -> {
                    Recurrent.Scratch scratch = new Recurrent.Scratch(
                            Buffer.temporary("state", sizes.state()),
                            Buffer.temporary("products", sizes.products()),
                            Buffer.temporary("tanh", sizes.state()));
                    RecurrentForward.Operands operands = new RecurrentForward.Operands(
                            reads.get(0),
                            reads.get(3),
                            states > 1 ? reads.get(4) : null,
                            lengths(reads, 3 + states),
                            place(places, 0),
                            place(places, 1),
                            states > 1 ? place(places, 2) : null,
                            places.get(1 + states),
                            places.get(2 + states));
                    Recurrent.Native made = kernels.of(reads.get(1), reads.get(2), scratch);
                    List<Buffer> room = room(
                            List.of(scratch.state(), scratch.products(), scratch.tangent()),
                            made.product(),
                            made.logistic(),
                            made.tangent());
                    Step.Binder binder = RecurrentForward.of(sizes, made, scratch, operands);
                    return step(e, op, reads, List.copyOf(places.values()), room, implementation, binder);
                });
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
            List<Buffer> room = room(List.of(products, state), made);
            return step(e, op, reads, places, room, implementation, binder);
        });
    }

    private static List<Buffer> room(List<Buffer> own, Step... steps) {
        return Stream.concat(own.stream(), Arrays.stream(steps).flatMap(s -> s.scratch().stream()))
                .toList();
    }

    private static @Nullable Buffer lengths(List<Buffer> reads, int index) {
        return reads.size() > index ? reads.get(index) : null;
    }

    private static Buffer place(Map<Integer, Buffer> places, int index) {
        return Objects.requireNonNull(places.get(index));
    }

    private static List<Laid> reads(Expr e, int weights, Layout layout) {
        List<Laid> all = new ArrayList<>(e.inputs().stream().map(Laid::plain).toList());
        all.set(weights, new Laid(e.input(weights), layout));
        return all;
    }

    private static Step step(
            Expr e,
            Compound op,
            List<Buffer> reads,
            List<Buffer> writes,
            List<Buffer> room,
            String implementation,
            Step.Binder binder) {
        Step step = new Step(
                op.toString(),
                e.origin(),
                reads,
                writes,
                room,
                false,
                implementation + " " + Recurrent.NAME,
                Flops.of(e),
                ScheduleKey.SERIAL,
                binder);
        Room.require(step, Recurrent.NAME);
        return step;
    }
}
