package dev.fluxion.engine.rule;

import dev.fluxion.engine.emit.Facts;
import dev.fluxion.engine.emit.Primitives;
import dev.fluxion.engine.kernel.InTurn;
import dev.fluxion.engine.kernel.Recurrent;
import dev.fluxion.engine.kernel.RecurrentParts;
import dev.fluxion.engine.plan.Buffer;
import dev.fluxion.engine.plan.ScheduleKey;
import dev.fluxion.engine.plan.Step;
import dev.fluxion.engine.rule.Rule.Laid;
import dev.fluxion.engine.rule.Rule.Match;
import dev.fluxion.ffi.Arg;
import dev.fluxion.ffi.Lstm;
import dev.fluxion.ffi.Primitive;
import dev.fluxion.ir.Recurrence;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Steps of the library's own recurrence, which threads share by sequences. */
final class LstmLowering {
    private static final List<Arg> ARGUMENTS =
            List.of(Arg.SOURCE, Lstm.STATE_WEIGHTS, Arg.BIAS, Lstm.H, Lstm.C, Lstm.INPUT_WEIGHTS);
    private static final List<Arg> RESULTS = List.of(Arg.DESTINATION, Lstm.LAST_H, Lstm.LAST_C);
    /** Where the bias of the state is among what the step reads; that of the inputs is last, if there is one. */
    private static final int BIAS = 2;

    private LstmLowering() {}

    static Lstm operation(Recurrent sizes, int inputs) {
        return new Lstm(sizes.backwards(), sizes.sequences(), sizes.steps(), inputs, sizes.width());
    }

    static Match match(Rule rule, Candidate c, List<Laid> reads, Facts facts, Primitive primitive) {
        Recurrence op = (Recurrence) c.core().op();
        return Results.match(rule, c, op, reads, i -> i < RESULTS.size(), facts, (from, places) -> {
            Recurrent sizes = RecurrentLowering.sizes(op, c.core());
            Step whole = step(c, sizes, primitive, from, places);
            return whole.shared((count, library) -> parts(c, primitive, from, places, count, library));
        });
    }

    private static List<Step> parts(
            Candidate c,
            Primitive whole,
            List<Buffer> reads,
            Map<Integer, Buffer> places,
            int count,
            Step.Library library) {
        int inputs = ((Lstm) whole.operation()).inputs();
        List<Step> steps = new ArrayList<>();
        for (RecurrentLowering.Part part : RecurrentLowering.parts(c.core(), reads, places, count)) {
            Optional<Primitive> some = library.offered(operation(part.sizes(), inputs), name -> name)
                    .filter(p -> isLike(p, whole));
            if (some.isEmpty()) {
                return List.of();
            }
            Step step = step(c, part.sizes(), some.get(), part.reads(), part.places());
            steps.add(step.at(ScheduleKey.part(steps.size())));
        }
        return steps;
    }

    /** Whether it computes a sequence alike, of the same weights. */
    private static boolean isLike(Primitive some, Primitive whole) {
        return some.implementation().equals(whole.implementation())
                && some.layout(Lstm.INPUT_WEIGHTS).equals(whole.layout(Lstm.INPUT_WEIGHTS))
                && some.layout(Lstm.STATE_WEIGHTS).equals(whole.layout(Lstm.STATE_WEIGHTS));
    }

    private static Step step(
            Candidate c, Recurrent some, Primitive primitive, List<Buffer> reads, Map<Integer, Buffer> places) {
        Buffer bias = Buffer.temporary("bias", primitive.layout(Arg.BIAS));
        Map<Arg, Buffer> from = new LinkedHashMap<>();
        for (int i = 0; i < ARGUMENTS.size(); i++) {
            Arg arg = ARGUMENTS.get(i);
            from.put(arg, i == BIAS ? bias : reads.get(i).as(primitive.layout(arg)));
        }
        Map<Arg, Buffer> to = new LinkedHashMap<>();
        places.forEach((i, buffer) -> to.put(RESULTS.get(i), buffer.as(primitive.layout(RESULTS.get(i)))));
        Step all = Primitives.step("", "", primitive, from, to, 0);
        List<Buffer> biases = new ArrayList<>(List.of(reads.get(BIAS)));
        biases.addAll(reads.subList(ARGUMENTS.size(), reads.size()));
        return RecurrentLowering.step(
                c,
                some,
                reads,
                places,
                RecurrentLowering.room(List.of(bias), List.of(all)),
                primitive.implementation(),
                InTurn.of(List.of(RecurrentParts.biases(biases, bias), all.binder())));
    }
}
