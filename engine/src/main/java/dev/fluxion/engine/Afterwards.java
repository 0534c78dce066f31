package dev.fluxion.engine;

import dev.fluxion.engine.kernel.Finite;
import dev.fluxion.engine.plan.Buffer;
import dev.fluxion.engine.plan.Step;
import dev.fluxion.ffi.Slice;
import java.nio.FloatBuffer;
import java.util.ArrayList;
import java.util.List;

/** An update of which nothing is known beforehand: what it has changed is looked at when it is done. */
final class Afterwards implements Step.Kernel {
    private final Step.Kernel update;
    private final List<Look> looks;
    private final String rule;
    private final Position position;
    private final Elements elements;

    private Afterwards(Step.Kernel update, List<Look> looks, String rule, Position position, Elements elements) {
        this.update = update;
        this.looks = looks;
        this.rule = rule;
        this.position = position;
        this.elements = elements;
    }

    /** Numbers that the update has changed. */
    private record Look(FloatBuffer values, Finite finite) {
        /** Where a parameter has a number that is not finite; −1 if none has. What lies between parameters becomes zero then. */
        int firstOther(Elements elements) {
            if (finite.firstOther() < 0) {
                return -1;
            }
            elements.clear(values);
            return finite.search();
        }
    }

    /** The step of an update with a look at what it writes. */
    static Step step(Step update, String rule, Position position, Elements elements) {
        List<Buffer> written = update.writes();
        List<Buffer> sums = written.stream()
                .map(b -> Buffer.room("sum of squares", () -> Float.BYTES))
                .toList();
        List<Buffer> scratch = new ArrayList<>(update.scratch());
        scratch.addAll(sums);
        Step.Binder binder = places -> {
            List<Look> looks = new ArrayList<>();
            for (int i = 0; i < sums.size(); i++) {
                Slice values = places.of(written.get(i));
                int count = (int) (written.get(i).bytes() / Float.BYTES);
                looks.add(new Look(values.floats(), new Finite(values, places.of(sums.get(i)), count)));
            }
            return new Afterwards(update.binder().bind(places), looks, rule, position, elements);
        };
        return new Step(
                update.operator(),
                update.origin(),
                update.reads(),
                update.writes(),
                scratch,
                update.inPlace(),
                update.implementation(),
                update.flops(),
                update.turn(),
                binder);
    }

    @Override
    public void run() {
        update.run();
        int first = -1;
        for (Look look : looks) {
            int other = look.firstOther(elements);
            first = first < 0 ? other : first;
        }
        if (first >= 0) {
            throw new Spoilt(Errors.spoilt(rule, position.step(), elements.at(first)));
        }
    }

    @Override
    public void close() {
        update.close();
        looks.forEach(look -> look.finite.close());
    }
}
