package dev.fluxion.engine.update;

import dev.fluxion.engine.error.Errors;
import dev.fluxion.engine.kernel.Finite;
import dev.fluxion.engine.plan.Buffer;
import dev.fluxion.engine.plan.Step;
import dev.fluxion.engine.store.Own;
import dev.fluxion.engine.store.Position;
import dev.fluxion.ffi.Slice;
import java.nio.FloatBuffer;
import java.util.ArrayList;
import java.util.List;

/** An update of which nothing is known beforehand, or nothing of the next one: what it has changed is looked at. */
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
    private record Look(FloatBuffer values, Finite finite, Sight sight, Buffer buffer) {
        /** Where a parameter has a number that is not finite; −1 if none has. What lies between parameters becomes zero then. */
        int firstOther(Elements elements) {
            float squares = finite.squares();
            sight.saw(buffer, squares);
            if (Float.isFinite(squares) || finite.search() < 0) {
                return -1;
            }
            elements.clear(values);
            return finite.search();
        }
    }

    /** Is told what was seen. */
    interface Sight {
        /** What has been written has such a sum of squares. */
        void saw(Buffer written, float squares);
    }

    /** Finds who is told. */
    interface Sighting {
        Sight bind(Step.Places places);
    }

    /** The step of an update with a look at what it writes. */
    static Step step(Step update, Sighting sighting, String rule, Elements elements) {
        List<Buffer> written = update.writes();
        List<Buffer> sums = written.stream()
                .map(b -> Buffer.scratch("sum of squares", Float.BYTES))
                .toList();
        List<Buffer> scratch = new ArrayList<>(update.scratch());
        scratch.addAll(sums);
        Step.Binder binder = places -> {
            Sight sight = sighting.bind(places);
            List<Look> looks = new ArrayList<>();
            for (int i = 0; i < sums.size(); i++) {
                Slice values = places.of(written.get(i));
                int count = (int) (written.get(i).bytes() / Float.BYTES);
                Finite finite = new Finite(values, places.of(sums.get(i)), count);
                looks.add(new Look(values.floats(), finite, sight, written.get(i)));
            }
            return new Afterwards(places.kernel(update.binder()), looks, rule, places.of(Own.POSITION), elements);
        };
        return update.needing(scratch).by(binder);
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
        looks.forEach(look -> look.finite.close());
    }
}
