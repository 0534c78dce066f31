package dev.fluxion.engine;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fluxion.engine.partition.BatchPartition;
import dev.fluxion.engine.plan.Buffer;
import dev.fluxion.engine.rule.RuleBook;
import dev.fluxion.ffi.Layout;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** Buffers that lie still overlap if they have a word in common: what schedules, plans and their verifier believe. */
class OverlapsTest {
    private static final int GRAPHS = 100;
    private static final int NETS = 24;
    private static final int WORD = 4;

    private int apart;

    @Test
    void buffersWithCommonWordsOverlap() {
        RandomGraphsTest.each(GRAPHS, (seed, graph, parameters) -> {
            check("graph " + seed, BatchPartition.Tiled.none(graph), parameters);
            check("tiles of graph " + seed, BatchPartitionTest.tiled(graph), parameters);
        });
        RandomNet.each(NETS, (seed, divided, parameters) -> check("net " + seed, divided, parameters));
        assertThat(apart).as("buffers apart in one memory").isGreaterThan(GRAPHS);
    }

    private void check(String what, BatchPartition.Tiled tiled, Parameters parameters) {
        GraphLowering lowering = new GraphLowering(tiled, parameters.store(), RuleBook.current());
        try {
            lowering.lower();
            Map<Object, Set<Buffer>> buffers = new HashMap<>();
            lowering.graph().stages().stream()
                    .flatMap(stage -> lowering.steps(stage).stream())
                    .flatMap(step -> Stream.concat(step.reads().stream(), step.writes().stream()))
                    .filter(b -> b.motion() == 0
                            && (b.layout().isDense() || !b.layout().isBlocked()))
                    .forEach(b -> buffers.computeIfAbsent(b.memory(), k -> new LinkedHashSet<>())
                            .add(b));
            buffers.values().forEach(all -> check(what, new ArrayList<>(all)));
        } finally {
            lowering.close();
        }
    }

    private void check(String what, List<Buffer> all) {
        List<BitSet> words = all.stream().map(OverlapsTest::words).toList();
        for (int i = 0; i < all.size(); i++) {
            for (int j = 0; j < i; j++) {
                boolean overlap = all.get(i).overlaps(all.get(j));
                apart += overlap ? 0 : 1;
                assertThat(overlap || !words.get(i).intersects(words.get(j)))
                        .as(
                                "%s: %s at %d and %s at %d",
                                what,
                                all.get(i),
                                all.get(i).offset(),
                                all.get(j),
                                all.get(j).offset())
                        .isTrue();
            }
        }
    }

    private static BitSet words(Buffer buffer) {
        BitSet all = new BitSet();
        Layout layout = buffer.layout();
        long[] strides = layout.strides();
        int start = (int) (buffer.offset() / WORD);
        if (buffer.root() == buffer || layout.isDense()) {
            all.set(start, start + (int) (buffer.bytes() / WORD));
        } else {
            add(all, start, layout.dims(), strides, 0);
        }
        return all;
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
