package dev.fluxion.engine.plan;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fluxion.ffi.Layout;
import dev.fluxion.ffi.Memory;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** What could be wrong with steps, their schedule and their memory is seen. */
class ReplayTest {
    private static final Layout SIXTEEN = Layout.plain(16);

    private final Buffer input = Buffer.persistent("input", SIXTEEN);
    private final Buffer output = Buffer.persistent("output", SIXTEEN);
    private final Buffer a = Buffer.temporary("a", SIXTEEN);
    private final Buffer b = Buffer.temporary("b", SIXTEEN);
    private final Buffer c = Buffer.temporary("c", SIXTEEN);
    private final Buffer weights = Buffer.fixed("weights", SIXTEEN, new Weights(), () -> 0);

    private final Step one = step("one", List.of(input), a);
    private final Step two = step("two", List.of(a, weights), b);
    private final Step three = step("three", List.of(a), c);
    private final Step last = step("last", List.of(b, c), output);
    private final Step update = step("update", List.of(output), weights);
    private final Replay.Program emitted = program(serial(one, two, three, last, update));

    private static Step step(String name, List<Buffer> reads, Buffer writes) {
        int[] own = new int[1];
        return Step.of(name, "", reads, List.of(writes), "kernel", places -> () -> own[0]++);
    }

    private static Phase serial(Step... steps) {
        return Phase.serial(List.of(steps));
    }

    private static Phase parallel(Step... lanes) {
        return new Phase(Arrays.stream(lanes).map(List::of).toList());
    }

    private Replay.Program program(Phase... phases) {
        return new Replay.Program(List.of(), List.of(List.of(phases)), List.of(input), List.of(Map.of("y", output)));
    }

    private static List<Phase> all(Replay.Program program) {
        return program.stages().get(0);
    }

    private List<String> faults(Replay.Program scheduled, @Nullable MemoryPlan places) {
        return Replay.faults(emitted, scheduled, places);
    }

    @Test
    void nothingIsFoundWhereAllIsWell() {
        Replay.Program scheduled = program(serial(one), parallel(two, three), serial(last, update));
        assertThat(Replay.faults(emitted)).isEmpty();
        assertThat(faults(scheduled, null)).isEmpty();
        assertThat(faults(scheduled, MemoryPlan.of(withPrologue(scheduled), false)))
                .isEmpty();
    }

    private static List<Phase> withPrologue(Replay.Program program) {
        List<Phase> phases = new ArrayList<>(List.of(serial()));
        phases.addAll(all(program));
        return phases;
    }

    @Test
    void whatIsReadHasBeenWritten() {
        assertThat(Replay.faults(program(serial(two, one, three, last))))
                .containsExactly("step 'two' reads a 16 f32 a, which is not there");
        assertThat(Replay.faults(program(serial(one, two, three))))
                .containsExactly("output y reads output 16 f32 a, which is not there");
        Buffer half = a.part("half", () -> 0, Layout.plain(8));
        assertThat(Replay.faults(program(serial(step("half", List.of(input), half), two, three, last))))
                .contains("step 'two' reads a 16 f32 a, which is not there");
    }

    @Test
    void aScheduleKeepsWhoReadsWhat() {
        assertThat(faults(program(serial(one, three, last, two, update)), null))
                .contains("step 'last' reads b 16 f32 a, which is not there");
        assertThat(faults(program(serial(one, update, two, three, last)), null))
                .contains("step 'two' reads what other steps have written than before:"
                        + " [[step 'one' 1], [step 'update' 1]], not [[step 'one' 1], []]");
        assertThat(faults(program(serial(one, two, three, last)), null)).contains("step 'update' is missing");
        assertThat(faults(program(serial(one, one, two, three, last, update)), null))
                .contains("step 'one' was not there before");
    }

    @Test
    void lanesDoNotMeet() {
        assertThat(faults(program(parallel(one, two), serial(three, last, update)), null))
                .contains("step 'one' writes a 16 f32 a beside step 'two' of another lane");
        assertThat(faults(program(serial(one), parallel(two, update), serial(three, last)), null))
                .contains("step 'update' writes weights 16 f32 a beside step 'two' of another lane");
    }

    @Test
    void whatIsAliveLiesApart() {
        Replay.Program scheduled = program(serial(one), parallel(two, three), serial(last, update));
        Step frees = step("frees", List.of(a, b), output);
        MemoryPlan tight =
                MemoryPlan.of(List.of(serial(), serial(one, two, frees, step("c", List.of(), c), last)), false);
        assertThat(faults(scheduled, tight)).contains("step 'three' has a 16 f32 a and c 16 f32 a in one place");
        Step forgets = step("forgets", List.of(), b);
        MemoryPlan late = MemoryPlan.of(
                List.of(serial(), serial(one, three, step("c", List.of(c), output), forgets, last)), false);
        assertThat(faults(scheduled, late)).isNotEmpty();
    }

    private static final class Weights implements Symbol<Memory> {}
}
