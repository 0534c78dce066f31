package dev.fluxion.engine.plan;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.fluxion.ffi.Layout;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Who shares memory, and who does not. */
class MemoryPlanTest {
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

    private static Step step(String name, List<Buffer> reads, List<Buffer> writes, ScheduleKey key) {
        return Step.of(name, "", reads, writes, "none", places -> () -> {}).at(key);
    }

    /** The next tile reads again what came from outside of the loop; a tile's own values take the place of the tile before. */
    @Test
    void whatALoopReadsLivesAsLongAsTheLoop() {
        ScheduleKey loop = new ScheduleKey(0, 0, 5);
        Buffer outside = Buffer.temporary("outside", Layout.plain(16));
        Buffer a = Buffer.temporary("a", Layout.plain(16));
        Buffer b = Buffer.temporary("b", Layout.plain(16));
        Buffer c = Buffer.temporary("c", Layout.plain(16));
        Buffer sum = Buffer.temporary("sum", Layout.plain(16));
        Buffer all = sum.accumulating();
        Buffer last = Buffer.temporary("last", Layout.plain(16));
        MemoryPlan plan = MemoryPlan.of(
                List.of(Phase.serial(List.of(
                        step("makes", List.of(), List.of(outside), new ScheduleKey(0, 0)),
                        step("reads", List.of(outside), List.of(a), loop).overwriting(),
                        step("changes", List.of(a), List.of(b), loop),
                        step("adds", List.of(b, all), List.of(c, all), loop),
                        step("takes", List.of(sum), List.of(last), ScheduleKey.last(0))))),
                false);
        assertThat(List.of(plan.offset(a), plan.offset(b), plan.offset(c), plan.offset(sum)))
                .doesNotContain(plan.offset(outside));
        assertThat(plan.offset(sum)).isNotIn(plan.offset(a), plan.offset(b), plan.offset(c));
    }

    /** What another loop reads is there for each tile; nobody else may read what is there for one tile at a time. */
    @Test
    void whatLeavesALoopIsKeptForEachTile() {
        ScheduleKey loop = new ScheduleKey(0, 0, 5);
        Buffer a = Buffer.temporary("a", Layout.plain(16));
        Buffer b = Buffer.temporary("b", Layout.plain(16));
        Phase first = Phase.serial(List.of(step("makes", List.of(), List.of(a), loop)));
        MemoryPlan plan = MemoryPlan.of(
                List.of(first, Phase.serial(List.of(step("reads", List.of(a), List.of(b), loop)))), false);
        assertThat(plan.stride(a)).isEqualTo(64);
        assertThat(plan.stride(b)).isZero();
        assertThat(plan.bytes()).isEqualTo(6 * 64);
        List<Phase> wrong =
                List.of(first, Phase.serial(List.of(step("reads", List.of(a), List.of(b), ScheduleKey.SERIAL))));
        assertThatThrownBy(() -> MemoryPlan.of(wrong, false))
                .hasMessage("a 16 f32 a is read outside of the loop that makes it tile by tile");
    }
}
