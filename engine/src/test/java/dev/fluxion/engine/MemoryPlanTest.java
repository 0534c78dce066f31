package dev.fluxion.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.fluxion.engine.pass.Tiles;
import dev.fluxion.engine.plan.Buffer;
import dev.fluxion.engine.plan.MemoryPlan;
import dev.fluxion.engine.plan.Phase;
import dev.fluxion.engine.plan.Schedule;
import dev.fluxion.engine.plan.Step;
import dev.fluxion.engine.plan.Turn;
import dev.fluxion.ffi.Layout;
import dev.fluxion.ffi.Memory;
import dev.fluxion.ffi.Slice;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** Replays the steps on a map of the arena that knows whose bytes lie where: nobody reads what another one overwrote. */
class MemoryPlanTest {
    private static final int GRAPHS = 150;
    private static final int NETS = 24;
    private static final int GRAIN = 64;

    private int shared;
    private int exact;
    private int sideBySide;

    @Test
    void noStepReadsWhatAnotherOverwrote() {
        RandomGraphsTest.each(
                GRAPHS,
                (seed, graph, parameters) ->
                        replay(seed, seed % 3 == 0 ? Tiles.Tiled.none(graph) : TilesTest.tiled(graph), parameters));
        assertThat(shared).as("results in the place of their operands").isGreaterThan(GRAPHS);
        assertThat(sideBySide).as("phases of several lanes").isGreaterThan(GRAPHS / 3);
        assertThat(exact).as("plans as small as can be").isGreaterThan(GRAPHS / 2);
    }

    @Test
    void noStepOfADividedNetReadsWhatAnotherOverwrote() {
        RandomNet.each(NETS, this::replay);
        assertThat(shared).as("results in the place of their operands").isGreaterThan(NETS);
        assertThat(sideBySide).as("phases of several lanes").isGreaterThan(NETS);
    }

    private void replay(int seed, Tiles.Tiled tiled, Parameters parameters) {
        Lowering lowering = new Lowering(tiled, parameters, RuleBook.current());
        try {
            lowering.lower();
            Replay replay = new Replay(seed, lowering);
            replay.run();
            sideBySide +=
                    replay.phases.stream().filter(p -> p.lanes().size() > 1).count();
            shared += replay.inPlace;
            exact += replay.plan.bytes() == replay.plan.lowerBound() ? 1 : 0;
        } finally {
            lowering.shared.close();
        }
    }

    private static final class Replay {
        private final String what;
        private final Random random;
        private final List<Phase> phases = new ArrayList<>();
        private final Lowering lowering;
        private final MemoryPlan plan;
        private final Memory arena;
        private final Buffer[] owners;
        private final Set<Buffer> permanent = new HashSet<>();
        private int inPlace;
        private int tile;

        Replay(int seed, Lowering lowering) {
            this.what = "seed " + seed;
            this.random = new Random(seed);
            this.lowering = lowering;
            phases.add(Phase.serial(lowering.prologue));
            lowering.graph.stages().forEach(stage -> phases.addAll(Schedule.of(lowering.steps(stage), 1 + seed % 4)));
            this.plan = MemoryPlan.of(phases, false);
            this.arena = Memory.allocate(plan.bytes());
            this.owners = new Buffer[(int) (plan.bytes() / GRAIN)];
        }

        void run() {
            try (arena) {
                assertThat(plan.bytes() % GRAIN).as(what).isZero();
                lowering.inputs.values().stream()
                        .filter(b -> plan.contains(b.root()))
                        .forEach(this::write);
                phase(phases.get(0));
                for (int run = 0; run < 2; run++) {
                    phases.subList(1, phases.size()).forEach(this::phase);
                    tile = 0;
                    for (Buffer output : lowering.outputs.values()) {
                        requireOwned(output, "output");
                    }
                }
                assertThat(plan.lowerBound()).as(what).isBetween(atOnce(), plan.bytes());
            }
        }

        /** Runs the lanes interleaved at random, a step at a time. */
        private void phase(Phase phase) {
            List<Deque<Runnable>> lanes = new ArrayList<>();
            phase.lanes().stream().filter(lane -> !lane.isEmpty()).forEach(lane -> lanes.add(turns(lane)));
            while (!lanes.isEmpty()) {
                Deque<Runnable> lane = lanes.get(random.nextInt(lanes.size()));
                lane.removeFirst().run();
                lanes.removeIf(Deque::isEmpty);
            }
        }

        /** The steps of a lane, those of loops for each tile. */
        private Deque<Runnable> turns(List<Step> lane) {
            Deque<Runnable> turns = new ArrayDeque<>();
            for (Phase.Block block : Phase.blocks(lane)) {
                for (int i = 0; i < block.times(); i++) {
                    int now = i;
                    for (Step step : lane.subList(block.from(), block.to())) {
                        turns.add(() -> {
                            tile = now;
                            step(step);
                        });
                    }
                }
            }
            return turns;
        }

        private void step(Step step) {
            String name = what + ", " + step.operator();
            step.reads().stream()
                    .filter(b -> tile > 0 || !step.writes().contains(b))
                    .forEach(b -> requireOwned(b, name));
            for (Buffer scratch : step.scratch()) {
                for (Buffer other : concat(step.reads(), step.writes())) {
                    assertThat(overlap(scratch, other)).as(name).isFalse();
                }
            }
            for (Buffer to : step.writes()) {
                for (Buffer from : step.reads()) {
                    boolean allowed = step.inPlace() && from == step.reads().get(0) && same(from, to) || to.isFixed();
                    boolean meet = to.root() != from.root() && overlap(from, to);
                    assertThat(meet && !allowed)
                            .as("%s: %s and %s", name, from, to)
                            .isFalse();
                    inPlace += meet ? 1 : 0;
                }
            }
            step.scratch().forEach(this::write);
            step.writes().forEach(this::write);
        }

        private void write(Buffer buffer) {
            if (!buffer.isFixed()) {
                Slice at = at(buffer);
                assertThat(plan.offset(buffer.root()) % GRAIN)
                        .as("%s: %s", what, buffer)
                        .isZero();
                for (Buffer owner : Arrays.asList(owners).subList(first(at), last(at))) {
                    assertThat(owner != null && owner != buffer.root() && permanent.contains(owner))
                            .as("%s: %s overwrites %s", what, buffer, owner)
                            .isFalse();
                }
                Arrays.fill(owners, first(at), last(at), buffer.root());
                if (buffer.root().isPermanent()) {
                    permanent.add(buffer.root());
                }
            }
        }

        private void requireOwned(Buffer buffer, String name) {
            if (!buffer.isFixed()) {
                Slice at = at(buffer);
                for (int i = first(at); i < last(at); i++) {
                    assertThat(owners[i]).as("%s reads %s", name, buffer).isSameAs(buffer.root());
                }
            }
        }

        private boolean overlap(Buffer a, Buffer b) {
            if (a.isFixed() || b.isFixed()) {
                return false;
            }
            Slice x = at(a);
            Slice y = at(b);
            return x.offset() < y.offset() + y.bytes() && y.offset() < x.offset() + x.bytes();
        }

        private boolean same(Buffer a, Buffer b) {
            return !a.isFixed() && !b.isFixed() && at(a).offset() == at(b).offset() && a.bytes() == b.bytes();
        }

        private Slice at(Buffer buffer) {
            Buffer root = buffer.root();
            long moved = tile * (buffer.motion() + plan.stride(root));
            return arena.slice(plan.offset(root) + buffer.offset() + moved, buffer.bytes());
        }

        private static int first(Slice at) {
            return (int) (at.offset() / GRAIN);
        }

        private static int last(Slice at) {
            return (int) ((at.offset() + at.bytes() + GRAIN - 1) / GRAIN);
        }

        private static List<Buffer> concat(List<Buffer> a, List<Buffer> b) {
            List<Buffer> all = new ArrayList<>(a);
            all.addAll(b);
            return all;
        }

        /** The most bytes that the operands, results and scratch of one step need together. */
        private long atOnce() {
            long most = 0;
            for (Step step : lowering.steps) {
                Map<Long, Long> places = new HashMap<>();
                for (Buffer b : concat(concat(step.reads(), step.writes()), step.scratch())) {
                    if (!b.isFixed()) {
                        places.put(plan.offset(b.root()), b.root().bytes());
                    }
                }
                most = Math.max(
                        most,
                        places.values().stream().mapToLong(Long::longValue).sum());
            }
            return most;
        }
    }

    @Test
    void buffersThatLiveOneAfterTheOtherShareMemory() {
        Layout kilobyte = Layout.plain(256);
        List<Buffer> chain = new ArrayList<>();
        List<Step> steps = new ArrayList<>();
        for (int i = 0; i < 6; i++) {
            chain.add(Buffer.temporary("b" + i, kilobyte));
            List<Buffer> reads = i == 0 ? List.of() : List.of(chain.get(i - 1));
            steps.add(Step.of("step " + i, "", reads, List.of(chain.get(i)), "none", places -> () -> {}));
        }
        assertThat(MemoryPlan.of(List.of(Phase.serial(steps)), false).bytes()).isEqualTo(2048);
        MemoryPlan overwriting = MemoryPlan.of(
                List.of(Phase.serial(steps.stream().map(Step::overwriting).toList())), false);
        assertThat(overwriting.bytes()).isEqualTo(1024);
        assertThat(overwriting.lowerBound()).isEqualTo(1024);
    }

    private static boolean isSharedBy(Buffer from, Buffer to, List<Phase> phases) {
        MemoryPlan plan = MemoryPlan.of(phases, false);
        return plan.offset(from.root()) == plan.offset(to.root());
    }

    /** The place of an operand is free when all of it is read for the last time. */
    @Test
    void aResultTakesThePlaceOfAnOperandThatDies() {
        Buffer a = Buffer.temporary("a", Layout.plain(16));
        Buffer b = Buffer.temporary("b", Layout.plain(16));
        Buffer c = Buffer.temporary("c", Layout.plain(16));
        Buffer part = a.part("part", () -> 4, Layout.plain(15));
        Step makes = Step.of("makes", "", List.of(), List.of(a), "none", places -> () -> {});
        Step changes = Step.of("changes", "", List.of(a), List.of(b), "none", places -> () -> {})
                .overwriting();
        Step reads = Step.of("reads", "", List.of(a), List.of(c), "none", places -> () -> {});
        Step ofPart = Step.of("of part", "", List.of(part), List.of(b), "none", places -> () -> {})
                .overwriting();
        Phase first = Phase.serial(List.of(makes));
        assertThat(isSharedBy(a, b, List.of(first, Phase.serial(List.of(changes)))))
                .isTrue();
        assertThat(isSharedBy(a, b, List.of(first, Phase.serial(List.of(changes)), Phase.serial(List.of(reads)))))
                .isFalse();
        Phase both = new Phase(List.of(List.of(changes), List.of(reads)));
        assertThat(isSharedBy(a, b, List.of(first, both))).isFalse();
        assertThat(isSharedBy(a, b, List.of(first, Phase.serial(List.of(ofPart)))))
                .isFalse();
    }

    private static Step step(String name, List<Buffer> reads, List<Buffer> writes, Turn turn) {
        return Step.of(name, "", reads, writes, "none", places -> () -> {}).at(turn);
    }

    /** The next tile reads again what came from outside of the loop; a tile's own values take the place of the tile before. */
    @Test
    void whatALoopReadsLivesAsLongAsTheLoop() {
        Turn loop = new Turn(0, 0, 5);
        Buffer outside = Buffer.temporary("outside", Layout.plain(16));
        Buffer a = Buffer.temporary("a", Layout.plain(16));
        Buffer b = Buffer.temporary("b", Layout.plain(16));
        Buffer c = Buffer.temporary("c", Layout.plain(16));
        Buffer sum = Buffer.temporary("sum", Layout.plain(16));
        Buffer all = sum.accumulating();
        Buffer last = Buffer.temporary("last", Layout.plain(16));
        MemoryPlan plan = MemoryPlan.of(
                List.of(Phase.serial(List.of(
                        step("makes", List.of(), List.of(outside), new Turn(0, 0)),
                        step("reads", List.of(outside), List.of(a), loop).overwriting(),
                        step("changes", List.of(a), List.of(b), loop),
                        step("adds", List.of(b, all), List.of(c, all), loop),
                        step("takes", List.of(sum), List.of(last), Turn.last(0))))),
                false);
        assertThat(List.of(plan.offset(a), plan.offset(b), plan.offset(c), plan.offset(sum)))
                .doesNotContain(plan.offset(outside));
        assertThat(plan.offset(sum)).isNotIn(plan.offset(a), plan.offset(b), plan.offset(c));
    }

    /** What another loop reads is there for each tile; nobody else may read what is there for one tile at a time. */
    @Test
    void whatLeavesALoopIsKeptForEachTile() {
        Turn loop = new Turn(0, 0, 5);
        Buffer a = Buffer.temporary("a", Layout.plain(16));
        Buffer b = Buffer.temporary("b", Layout.plain(16));
        Phase first = Phase.serial(List.of(step("makes", List.of(), List.of(a), loop)));
        MemoryPlan plan = MemoryPlan.of(
                List.of(first, Phase.serial(List.of(step("reads", List.of(a), List.of(b), loop)))), false);
        assertThat(plan.stride(a)).isEqualTo(64);
        assertThat(plan.stride(b)).isZero();
        assertThat(plan.bytes()).isEqualTo(6 * 64);
        List<Phase> wrong = List.of(first, Phase.serial(List.of(step("reads", List.of(a), List.of(b), Turn.SERIAL))));
        assertThatThrownBy(() -> MemoryPlan.of(wrong, false))
                .hasMessage("a 16 f32 a is read outside of the loop that makes it tile by tile");
    }
}
