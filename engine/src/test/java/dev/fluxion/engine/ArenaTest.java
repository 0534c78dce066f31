package dev.fluxion.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.fluxion.Tensor;
import dev.fluxion.ffi.Memory;
import dev.fluxion.ffi.NativeLibrary;
import dev.fluxion.ir.Expr;
import dev.fluxion.ir.Graph;
import dev.fluxion.ir.Shape;
import dev.fluxion.ir.Slot;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Programs that compute in one arena, one after the other. */
class ArenaTest {
    private final long handles = NativeLibrary.openHandles();
    private final long before = Memory.openBytes();
    private final Parameters parameters = Parameters.of(Map.of("w", Tensor.full(0.01f, 40, 50)));
    private final RunState state = RunState.of(parameters);
    private final Arena arena = new Arena();
    private static final String UNWRITTEN =
            "input 'x' has not been written since the program was made, or since another"
                    + " program of the same training ran";

    @AfterEach
    void everythingIsFreed() {
        parameters.close();
        assertThat(Memory.openBytes()).isLessThanOrEqualTo(before);
        assertThat(NativeLibrary.openHandles()).isLessThanOrEqualTo(handles);
    }

    private static Graph graph(int rows) {
        Expr product = Expr.input("x", Shape.of(rows, 40)).matmul(Expr.parameter("w", Shape.of(40, 50)));
        return Graph.of(
                new Graph.Stage("first", Map.of("y", product.tanh()), List.of()),
                new Graph.Stage("second", Map.of("z", product.tanh().sum(0)), List.of()));
    }

    private Program program(int rows) {
        return Compiler.compile(graph(rows), parameters, state, new Options(1), arena);
    }

    private static Tensor input(int rows, int seed) {
        return Tensor.full(0.1f * seed, rows, 40);
    }

    private static Tensor computed(Program program, Tensor x) {
        program.write("x", x);
        program.run();
        return program.read("z");
    }

    /** Who has written an input has taken the arena over, with what another program left there. */
    @Test
    void beforeARunThereIsNothingToRead() {
        Program first = program(8);
        Program second = program(4);
        assertThatThrownBy(() -> first.read("z")).hasMessage("there are no outputs to read: run the program first");
        computed(first, input(8, 1));
        second.write("x", input(4, 1));
        assertThatThrownBy(() -> second.read("z")).hasMessage("there are no outputs to read: run the program first");
        second.run();
        second.write("x", input(4, 2));
        assertThat(second.read("z").shape()).isEqualTo(Shape.of(50));
    }

    @Test
    void itIsAsLargeAsTheLargestNeedsAndHasNothingToDoWithResults() {
        Program small = program(8);
        long weights = Memory.openBytes() - before - arena.bytes();
        Program large = program(64);
        Program smaller = program(4);
        for (int i = 1; i < 4; i++) {
            for (Program one : new Program[] {small, large, smaller}) {
                Tensor x = input(one.inputShape("x").dim(0), i);
                try (Program alone = Compiler.compile(graph(x.shape().dim(0)), parameters, new Options(1))) {
                    assertThat(computed(one, x)).isEqualTo(computed(alone, x));
                }
            }
            assertThat(arena.bytes()).isEqualTo(large.bytes());
            assertThat(Memory.openBytes() - before).isLessThanOrEqualTo(weights + 4 * 40 * 64 + large.bytes());
        }
        large.close();
        assertThat(computed(small, input(8, 1))).isNotEqualTo(computed(smaller, input(4, 1)));
        assertThat(arena.bytes()).isEqualTo(large.bytes());
        small.close();
        smaller.close();
        assertThat(arena.bytes()).isZero();
    }

    @Test
    void aProgramLosesWhatItHadToTheNextOne() {
        Program one = program(8);
        one.write("x", input(8, 1));
        one.run("first");
        Program other = program(8);
        one.run("second");
        assertThat(one.read("z").shape()).hasToString("50");
        other.write("x", input(8, 2));
        assertThatThrownBy(() -> one.read("z"))
                .isInstanceOf(IllegalStateException.class)
                .hasMessage("another program of the same training has run since, in the same memory: run this one again"
                        + " before reading");
        assertThatThrownBy(() -> one.run("second"))
                .hasMessage(
                        "the first stage has not run, or another program of the same training has run since: run the"
                                + " first stage again, as forward does");
        assertThatThrownBy(one::run).hasMessage(UNWRITTEN);
        one.write("x", input(8, 1));
        one.run("first");
        one.run("second");
        assertThatThrownBy(other::run).hasMessage(UNWRITTEN);
    }

    @Test
    void whatIsMadeOfParametersInItIsMadeAnew() {
        state.keep(Slot.Owner.OPTIMIZER, "m");
        Shape shape = Shape.of(40, 50);
        Expr weights = Expr.parameter("w", shape).add(Expr.kept(Slot.optimizer("m", "w"), shape));
        Graph own = Graph.of(Map.of("z", Expr.input("x", Shape.of(8, 40)).matmul(weights)));
        Program one = Compiler.compile(own, parameters, state, new Options(1), arena);
        assertThat(one.explain().prologue()).isNotEmpty();
        Tensor first = computed(one, input(8, 1));
        Program other = program(64);
        computed(other, input(64, 3));
        computed(one, input(8, 1));
        computed(other, input(64, 3));
        assertThat(computed(one, input(8, 1))).isEqualTo(first);
    }

    @Test
    void oneThreadUsesIt() throws InterruptedException {
        Program one = program(8);
        Program other = program(16);
        CountDownLatch entered = new CountDownLatch(1);
        CountDownLatch done = new CountDownLatch(1);
        Thread thread = new Thread(
                () -> {
                    arena.lock().enter();
                    entered.countDown();
                    try {
                        done.await();
                    } catch (InterruptedException e) {
                        Thread.currentThread().interrupt();
                    } finally {
                        arena.lock().unlock();
                    }
                },
                "other");
        thread.start();
        entered.await();
        Program third;
        try {
            assertThatThrownBy(one::run).hasMessageStartingWith("the program is in use by thread 'other'");
            third = program(4);
            assertThatThrownBy(() -> other.write("x", input(16, 1)))
                    .hasMessageStartingWith("the program is in use by thread 'other'");
        } finally {
            done.countDown();
            thread.join();
        }
        assertThat(computed(other, input(16, 1)).shape()).hasToString("50");
        assertThat(computed(third, input(4, 1)).shape()).hasToString("50");
    }

    /** What another program left is nobody's value. */
    @Test
    void rowsThatWereNotWrittenSinceAreMissing() {
        Program one = program(8);
        Program other = program(8);
        computed(one, input(8, 1));
        computed(other, input(8, 2));
        one.writeRows("x", 0, input(5, 3), 0, 5);
        assertThatThrownBy(one::run).hasMessage(UNWRITTEN);
        one.repeatRows("x", 5);
        one.run();
        assertThat(one.read("z")).isEqualTo(computed(other, input(8, 3)));
        one.writeRows("x", 0, input(4, 3), 0, 4);
        one.writeRows("x", 4, input(4, 3), 0, 4);
        one.run();
        one.writeRows("x", 2, input(3, 1), 0, 3);
        one.run();
    }
}
