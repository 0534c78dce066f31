package dev.fluxion.engine.plan;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fluxion.ffi.Layout;
import dev.fluxion.ffi.Memory;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

/** Steps of two strands, and how the schedule keeps them apart where one needs the other. */
class ScheduleTest {
    private static final Layout SIXTEEN = Layout.plain(16);

    private final Buffer a = Buffer.temporary("a", SIXTEEN);
    private final Buffer b = Buffer.temporary("b", SIXTEEN);
    private final Buffer c = Buffer.temporary("c", SIXTEEN);

    private static Step step(String name, List<Buffer> reads, List<Buffer> writes, ScheduleKey key) {
        return Step.of(name, "", reads, writes, "none", places -> () -> {}).at(key);
    }

    private static ScheduleKey strand(int number) {
        return new ScheduleKey(number, 0);
    }

    /** The operators of each phase, lanes separated by a bar. */
    private static List<String> phases(int lanes, Step... steps) {
        return Schedule.of(List.of(steps), lanes).stream()
                .map(phase -> String.join(
                        " | ",
                        phase.lanes().stream()
                                .map(lane -> String.join(
                                        " ", lane.stream().map(Step::operator).toList()))
                                .toList()))
                .toList();
    }

    @Test
    void strandsRunBesideEachOther() {
        Step one = step("one", List.of(), List.of(a), strand(0));
        Step two = step("two", List.of(), List.of(b), strand(1));
        Step both = step("both", List.of(a, b), List.of(c), ScheduleKey.SERIAL);
        assertThat(phases(2, one, two, both)).containsExactly("one | two", "both");
        assertThat(phases(1, one, two, both)).containsExactly("one two", "both");
    }

    private static Step step(String name, List<Buffer> reads, List<Buffer> writes, int strand, double flops) {
        return step(name, reads, writes, strand(strand)).flops(flops);
    }

    @Test
    void neighbouringStrandsShareALane() {
        Step[] steps = new Step[4];
        for (int i = 0; i < steps.length; i++) {
            steps[i] = step("s" + i, List.of(), List.of(Buffer.temporary("t", SIXTEEN)), strand(i));
        }
        assertThat(phases(2, steps)).containsExactly("s0 s1 | s2 s3");
        assertThat(phases(3, steps)).containsExactly("s0 | s1 s2 | s3");
        assertThat(phases(9, steps)).containsExactly("s0 | s1 | s2 | s3");
    }

    /** What takes long gets a lane for itself. */
    @Test
    void lanesHaveAboutTheSameWork() {
        Step[] steps = new Step[5];
        double[] work = {1e6, 1e6, 1e3, 1e3, 1e3};
        for (int i = 0; i < steps.length; i++) {
            steps[i] = step("s" + i, List.of(), List.of(Buffer.temporary("t", SIXTEEN)), i, work[i]);
        }
        assertThat(phases(2, steps)).containsExactly("s0 | s1 s2 s3 s4");
    }

    /** Rows of one between rows of the other. */
    @Test
    void buffersThatAlternateDoNotMatter() {
        Buffer left = a.part("left", () -> 0, Layout.strided(new long[] {4, 2}, new long[] {4, 1}));
        Buffer right = a.part("right", () -> 8, Layout.strided(new long[] {4, 2}, new long[] {4, 1}));
        Buffer wide = a.part("wide", () -> 4, Layout.strided(new long[] {3, 2}, new long[] {4, 1}));
        Step one = step("one", List.of(), List.of(left), strand(0));
        assertThat(phases(2, one, step("two", List.of(), List.of(right), strand(1))))
                .containsExactly("one | two");
        assertThat(phases(2, one, step("two", List.of(), List.of(wide), strand(1))))
                .containsExactly("one", "two");
    }

    /** What reads nothing that is computed runs just before somebody wants it. */
    @Test
    void whatIsReadyRunsLate() {
        try (Memory memory = Memory.allocate(64)) {
            Buffer weights = Buffer.fixed("weights", SIXTEEN, new Symbol.Given<>(memory), () -> 0);
            Buffer packed = Buffer.temporary("packed", SIXTEEN);
            Buffer sums = Buffer.temporary("sums", SIXTEEN);
            Step packs = step("packs", List.of(weights), List.of(packed), strand(0));
            Step adds = step("adds", List.of(packed), List.of(sums), strand(0));
            Buffer input = Buffer.persistent("input", SIXTEEN);
            Step first = step("first", List.of(input), List.of(a), strand(0));
            Step other = step("other", List.of(input), List.of(b), strand(1));
            Step second = step("second", List.of(a, b, sums), List.of(c), strand(0));
            assertThat(phases(2, packs, adds, first, other, second))
                    .containsExactly("first | other", "packs adds second");
            Step changes = step("changes", List.of(), List.of(weights), ScheduleKey.SERIAL);
            assertThat(phases(2, packs, adds, first, other, changes, second))
                    .containsExactly("packs first | other", "changes", "adds second");
            assertThat(phases(
                            2,
                            step("packs", List.of(weights), List.of(packed), ScheduleKey.SERIAL),
                            adds,
                            first,
                            other,
                            second))
                    .containsExactly("first | other", "packs", "adds second");
        }
    }

    /** Weights that belong to no strand are prepared side by side, if that takes long, what shares memory in one lane. */
    @Test
    void whatIsReadyRunsSideBySide() {
        try (Memory memory = Memory.allocate(64)) {
            Buffer weights = Buffer.fixed("weights", SIXTEEN, new Symbol.Given<>(memory), () -> 0);
            Buffer input = Buffer.persistent("input", SIXTEEN);
            Step[] steps = {
                step("one", List.of(weights), List.of(a), ScheduleKey.SERIAL).flops(1e7),
                step("two", List.of(weights), List.of(b), ScheduleKey.SERIAL).flops(1e7),
                step("packs one", List.of(a), List.of(c), ScheduleKey.SERIAL).flops(1e6),
                step("other", List.of(input), List.of(Buffer.temporary("d", SIXTEEN)), ScheduleKey.SERIAL),
                step("reads", List.of(c, b, input), List.of(Buffer.persistent("out", SIXTEEN)), ScheduleKey.SERIAL)
            };
            assertThat(phases(2, steps)).containsExactly("one packs one | two", "other reads");
            assertThat(phases(1, steps)).containsExactly("one packs one two", "other reads");
            for (int i = 0; i < steps.length; i++) {
                steps[i] = steps[i].flops(1e3);
            }
            assertThat(phases(2, steps)).containsExactly("one two packs one other reads");
        }
    }

    /** Two that share nothing are one lane's as soon as a third one reads both, with all that share memory with either. */
    @Test
    void whatIsReadyAndReadTogetherSharesALane() {
        try (Memory memory = Memory.allocate(64)) {
            Buffer weights = Buffer.fixed("weights", SIXTEEN, new Symbol.Given<>(memory), () -> 0);
            Buffer d = Buffer.temporary("d", SIXTEEN);
            Buffer input = Buffer.persistent("input", SIXTEEN);
            Step[] steps = {
                step("one", List.of(weights), List.of(a), ScheduleKey.SERIAL).flops(1e7),
                step("two", List.of(weights), List.of(b), ScheduleKey.SERIAL).flops(1e7),
                step("packs two", List.of(b), List.of(c), ScheduleKey.SERIAL).flops(1e7),
                step("both", List.of(a, b), List.of(d), ScheduleKey.SERIAL).flops(1e7),
                step("reads", List.of(c, d, input), List.of(Buffer.persistent("out", SIXTEEN)), ScheduleKey.SERIAL)
            };
            assertThat(phases(2, steps)).containsExactly("one two packs two both", "reads");
        }
    }

    /** What reads nothing is not ready while others have yet to write, or to read, what it overwrites. */
    @Test
    void whatOverwritesIsNotReady() {
        Buffer input = Buffer.persistent("input", SIXTEEN);
        Step writes = step("writes", List.of(input), List.of(a), ScheduleKey.SERIAL);
        Step clears = step("clears", List.of(), List.of(a), ScheduleKey.SERIAL).flops(1e7);
        assertThat(phases(2, writes, clears)).containsExactly("writes clears");
        Step reads = step("reads", List.of(a, input), List.of(b), ScheduleKey.SERIAL);
        assertThat(phases(
                        2,
                        clears,
                        reads,
                        step("again", List.of(), List.of(a), ScheduleKey.SERIAL).flops(1e7)))
                .containsExactly("clears", "reads again");
    }

    @Test
    void aStrandWaitsForAnother() {
        Step writes = step("writes", List.of(), List.of(a), strand(0));
        Step reads = step("reads", List.of(a), List.of(b), strand(1));
        assertThat(phases(2, writes, reads)).containsExactly("writes", "reads");
    }

    /** What is read must not be overwritten before. */
    @Test
    void aWriterWaitsForReaders() {
        Step reads = step("reads", List.of(a), List.of(b), strand(0));
        Step overwrites = step("overwrites", List.of(), List.of(a), strand(1));
        assertThat(phases(2, reads, overwrites)).containsExactly("reads", "overwrites");
    }

    @Test
    void otherPartsOfABufferDoNotMatter() {
        Buffer front = a.part("front", () -> 0, Layout.plain(8));
        Buffer back = a.part("back", () -> 32, Layout.plain(8));
        Step one = step("one", List.of(), List.of(front), strand(0));
        Step two = step("two", List.of(), List.of(back), strand(1));
        Step three = step("three", List.of(back), List.of(b), strand(0));
        assertThat(phases(2, one, two, three)).containsExactly("one | two", "three");
    }

    /** Within a strand the order decides, but never before what a step reads. */
    @Test
    void ordersFollowDependencies() {
        Step early = step("early", List.of(), List.of(a), new ScheduleKey(0, 1));
        Step late = step("late", List.of(), List.of(b), new ScheduleKey(0, 0));
        Step back = step("back", List.of(a), List.of(c), new ScheduleKey(0, 0));
        assertThat(phases(2, early, late)).containsExactly("late early");
        assertThat(phases(2, early, back)).containsExactly("early", "back");
    }

    @Test
    void memoryOfSomebodyElseIsComparedByPlace() {
        try (Memory memory = Memory.allocate(128)) {
            Buffer first = Buffer.fixed("first", SIXTEEN, new Symbol.Given<>(memory), () -> 0);
            Buffer again = Buffer.fixed("again", SIXTEEN, new Symbol.Given<>(memory), () -> 32);
            Buffer second = Buffer.fixed("second", SIXTEEN, new Symbol.Given<>(memory), () -> 64);
            Step one = step("one", List.of(), List.of(first), strand(0));
            assertThat(phases(2, one, step("two", List.of(), List.of(second), strand(1))))
                    .containsExactly("one | two");
            assertThat(phases(2, one, step("two", List.of(again), List.of(b), strand(1))))
                    .containsExactly("one", "two");
        }
    }

    /** A step looks at those that touch its own part of a memory, however many touch others: layers of a deep net do. */
    @Test
    void looksGrowWithTheNumberOfSteps() {
        assertThat(looks(1600)).isLessThan(5 * looks(400));
    }

    /** How often a schedule of a chain of layers, each with weights that are changed at the end, asks where weights lie. */
    private static long looks(int layers) {
        AtomicLong looks = new AtomicLong();
        Symbol<Memory> home = new Weights();
        List<Step> steps = new ArrayList<>();
        List<Step> updates = new ArrayList<>();
        Buffer last = Buffer.persistent("x", SIXTEEN);
        for (int i = 0; i < layers; i++) {
            long start = 64L * i;
            Buffer weights = Buffer.fixed("weights", SIXTEEN, home, () -> {
                looks.incrementAndGet();
                return start;
            });
            Buffer prepared = Buffer.temporary("prepared", SIXTEEN);
            Buffer next = Buffer.temporary("next", SIXTEEN);
            steps.add(step("prepare", List.of(weights), List.of(prepared), ScheduleKey.SERIAL));
            steps.add(step("layer", List.of(last, prepared), List.of(next), strand(0)));
            updates.add(step("update", List.of(next), List.of(weights), strand(0)));
            last = next;
        }
        steps.addAll(updates);
        Schedule.of(steps, 2);
        return looks.get();
    }

    private static final class Weights implements Symbol<Memory> {}
}
