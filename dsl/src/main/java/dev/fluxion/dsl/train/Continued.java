package dev.fluxion.dsl.train;

import dev.fluxion.Past;
import dev.fluxion.Tensor;
import dev.fluxion.engine.Program;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;

/** What a session keeps of the positions so far, and the predictions that go on from there. */
final class Continued {
    private final Model model;
    private final Sequences sequences;
    private final List<Sequences.Kept> all;
    private final boolean isHistory;
    /** What is kept by name: the states of all samples, or their positions with room for some more. */
    private final Map<String, float[]> kept = new HashMap<>();

    private int samples;
    private int seen;
    private int room;

    Continued(Model model, Sequences sequences) {
        this.model = model;
        this.sequences = sequences;
        this.all = sequences.kept();
        this.isHistory = all.stream().anyMatch(Sequences.Kept::isHistory);
        reset();
    }

    /** What tells programs from those of other predictions. */
    private record Kind(List<String> outputs, String extent, int room) {}

    /**
     * The outputs for further positions. Nothing changes if this fails.
     *
     * @throws IllegalArgumentException if there are other samples than before, or more positions than a sequence has
     */
    Tensor[] predict(Tensor[] given, List<String> outputs) {
        BatchShape batch = model.network().shape(given);
        int steps = sequences.steps(batch);
        if (seen > 0 && batch.rows() != samples) {
            throw new IllegalArgumentException(Errors.otherSamples(samples, batch.rows()));
        }
        sequences.requireRoom(seen, steps);
        Tensor[] made = new Tensor[outputs.size()];
        List<float[]> more = new ArrayList<>();
        model.outputs()
                .programs()
                .prepare(
                        new ProgramPools.Key(new Kind(outputs, sequences.extent(), room), batch),
                        () -> sequences.compile(model, outputs, batch, room),
                        program -> {
                            write(program, given, batch.rows(), steps);
                            program.run();
                            for (int i = 0; i < made.length; i++) {
                                made[i] = program.read(outputs.get(i));
                            }
                            all.forEach(
                                    each -> more.add(program.read(each.name()).floats()));
                        })
                .run();
        keep(batch.rows(), steps, more);
        return made;
    }

    private void write(Program program, Tensor[] given, int rows, int steps) {
        for (int i = 0; i < given.length; i++) {
            String name = model.network().inputs().get(i).name();
            if (program.reads(name)) {
                program.write(name, given[i]);
            }
        }
        if (program.reads(Past.POSITIONS)) {
            program.write(Past.POSITIONS, IntStream.range(seen, seen + steps).toArray());
        }
        for (Sequences.Kept each : all) {
            if (program.reads(each.name())) {
                program.write(each.name(), before(each, rows));
            }
        }
    }

    /** What is kept by now; zeros before the first position. */
    private float[] before(Sequences.Kept each, int rows) {
        float[] there = kept.get(each.name());
        return there != null ? there : new float[rows * rowsOf(each) * each.row()];
    }

    /** How many rows of a sample there are yet. */
    private int rowsOf(Sequences.Kept each) {
        return each.isHistory() ? room : 1;
    }

    private void keep(int rows, int steps, List<float[]> more) {
        int needed = isHistory ? sequences.room(seen + steps) : room;
        for (int i = 0; i < more.size(); i++) {
            Sequences.Kept each = all.get(i);
            if (!each.isHistory()) {
                kept.put(each.name(), more.get(i));
                continue;
            }
            float[] before = before(each, rows);
            float[] after = needed == room ? before : new float[rows * needed * each.row()];
            for (int n = 0; n < rows; n++) {
                if (after != before) {
                    System.arraycopy(before, n * room * each.row(), after, n * needed * each.row(), seen * each.row());
                }
                System.arraycopy(
                        more.get(i),
                        n * steps * each.row(),
                        after,
                        (n * needed + seen) * each.row(),
                        steps * each.row());
            }
            kept.put(each.name(), after);
        }
        samples = rows;
        seen += steps;
        room = needed;
    }

    /** Begins anew. */
    void reset() {
        kept.clear();
        seen = 0;
        room = sequences.room(0);
    }
}
