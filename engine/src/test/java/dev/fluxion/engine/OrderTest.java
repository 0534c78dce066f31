package dev.fluxion.engine;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fluxion.engine.pass.Tiles;
import dev.fluxion.engine.plan.Buffer;
import dev.fluxion.engine.plan.Phase;
import dev.fluxion.engine.plan.Schedule;
import dev.fluxion.engine.plan.Step;
import dev.fluxion.ffi.Layout;
import dev.fluxion.ir.Graph;
import java.util.BitSet;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.Test;

/** Of two steps that touch the same bytes, one of them writing, the schedule runs the first one first, whatever the lanes. */
class OrderTest {
    private static final int GRAPHS = 100;
    private static final int NETS = 24;
    private static final int WORD = 4;

    private int sideBySide;

    @Test
    void stepsOfRandomGraphsKeepTheirOrder() {
        RandomGraphsTest.each(GRAPHS, (seed, graph, parameters) -> {
            check("graph " + seed, Tiles.Tiled.none(graph), parameters, 2);
            check("tiles of graph " + seed, TilesTest.tiled(graph), parameters, 3);
        });
        assertThat(sideBySide).as("phases of several lanes").isGreaterThan(GRAPHS / 2);
    }

    @Test
    void stepsOfDividedNetsKeepTheirOrder() {
        RandomNet.each(NETS, (seed, divided, parameters) -> check("net " + seed, divided, parameters, 2));
        assertThat(sideBySide).as("phases of several lanes").isGreaterThan(NETS * 4);
    }

    private void check(String what, Tiles.Tiled tiled, Parameters parameters, int lanes) {
        Lowering lowering = new Lowering(tiled, parameters, RuleBook.current());
        try {
            lowering.lower();
            for (Graph.Stage stage : lowering.graph.stages()) {
                check(what + ", " + stage.name(), lowering.steps(stage), lanes);
            }
        } finally {
            lowering.shared.close();
        }
    }

    private void check(String what, List<Step> steps, int lanes) {
        Map<Step.Binder, Place> places = places(Schedule.of(steps, lanes));
        assertThat(places).as("%s: steps in the schedule", what).hasSameSizeAs(steps);
        List<Touched> touched = steps.stream().map(this::touched).toList();
        for (int later = 0; later < steps.size(); later++) {
            Place place = Objects.requireNonNull(places.get(steps.get(later).binder()));
            for (int i = 0; i < later; i++) {
                Place before = Objects.requireNonNull(places.get(steps.get(i).binder()));
                assertThat(before.isBefore(place) || !touched.get(i).meets(touched.get(later)))
                        .as("%s: %s at %s before %s at %s", what, steps.get(i), before, steps.get(later), place)
                        .isTrue();
            }
        }
    }

    /** Where a step runs. */
    private record Place(int phase, int lane, int index) {
        boolean isBefore(Place other) {
            return phase < other.phase || phase == other.phase && lane == other.lane && index < other.index;
        }
    }

    /** The schedule may change the turns of steps, but not their binders. */
    private Map<Step.Binder, Place> places(List<Phase> phases) {
        Map<Step.Binder, Place> places = new IdentityHashMap<>();
        for (int p = 0; p < phases.size(); p++) {
            List<List<Step>> lanes = phases.get(p).lanes();
            sideBySide += lanes.size() > 1 ? 1 : 0;
            for (int lane = 0; lane < lanes.size(); lane++) {
                for (int i = 0; i < lanes.get(lane).size(); i++) {
                    places.put(lanes.get(lane).get(i).binder(), new Place(p, lane, i));
                }
            }
        }
        return places;
    }

    /** The words that a step reads, and those that it writes, by the memory that they lie in: that of a root, or of somebody else. */
    private record Touched(Map<Object, BitSet> reads, Map<Object, BitSet> writes) {
        boolean meets(Touched other) {
            return meet(writes, other.writes) || meet(writes, other.reads) || meet(reads, other.writes);
        }

        private static boolean meet(Map<Object, BitSet> some, Map<Object, BitSet> others) {
            return some.entrySet().stream()
                    .anyMatch(e -> others.containsKey(e.getKey())
                            && others.get(e.getKey()).intersects(e.getValue()));
        }
    }

    private Touched touched(Step step) {
        Touched touched = new Touched(new HashMap<>(), new HashMap<>());
        step.reads().forEach(b -> add(b, touched.reads));
        step.writes().forEach(b -> add(b, touched.writes));
        step.scratch().forEach(b -> add(b, touched.writes));
        return touched;
    }

    private void add(Buffer buffer, Map<Object, BitSet> words) {
        BitSet all = words.computeIfAbsent(buffer.memory(), k -> new BitSet());
        Layout layout = buffer.layout();
        long[] strides = layout.strides();
        int start = (int) (buffer.offset() / WORD);
        if (buffer.root() == buffer || layout.isDense() || strides.length == 0) {
            all.set(start, start + (int) (buffer.bytes() / WORD));
        } else {
            add(all, start, layout.dims(), strides, 0);
        }
    }

    private static void add(BitSet all, long start, long[] dims, long[] strides, int axis) {
        if (axis == dims.length) {
            all.set((int) start);
            return;
        }
        for (int i = 0; i < dims[axis]; i++) {
            add(all, start + i * strides[axis], dims, strides, axis + 1);
        }
    }
}
