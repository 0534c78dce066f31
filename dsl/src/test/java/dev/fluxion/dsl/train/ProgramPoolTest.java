package dev.fluxion.dsl.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.fluxion.Tensor;
import dev.fluxion.engine.Compiler;
import dev.fluxion.engine.Options;
import dev.fluxion.engine.Parameters;
import dev.fluxion.engine.Program;
import dev.fluxion.ir.Expr;
import dev.fluxion.ir.Graph;
import dev.fluxion.ir.Shape;
import java.util.Map;
import java.util.Objects;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Programs that are retired while they are used serve their users to the end. */
@Timeout(60)
class ProgramPoolTest {
    private static Program program(Parameters parameters, Expr output) {
        return Compiler.compile(Graph.of(Map.of("y", output)), parameters, Options.defaults());
    }

    @Test
    void retiringMeetsUsersAnywhere() throws InterruptedException {
        Expr forkable = Expr.constant(Tensor.vector(2, 2));
        Expr drawn = Expr.uniform(0, Shape.of(2)).mul(0).add(2);
        for (Expr output : new Expr[] {forkable, drawn}) {
            try (Parameters parameters = Parameters.of(Map.of())) {
                for (int round = 0; round < 100; round++) {
                    ProgramPool pool = new ProgramPool(program(parameters, output), 2);
                    Queue<String> wrong = new ConcurrentLinkedQueue<>();
                    AtomicBoolean begun = new AtomicBoolean();
                    Thread[] users = new Thread[2];
                    for (int i = 0; i < users.length; i++) {
                        int permit = i;
                        users[i] = new Thread(() -> {
                            try {
                                for (Program p = pool.take(permit, 1); p != null; p = pool.take(permit, 1)) {
                                    begun.set(true);
                                    p.run();
                                    if (p.read("y").floats()[0] != 2) {
                                        wrong.add("value");
                                    }
                                    pool.give(permit, p);
                                }
                            } catch (RuntimeException e) {
                                wrong.add(e.toString());
                            }
                        });
                    }
                    users[1].start();
                    if (round % 2 == 0) {
                        users[0].start();
                    }
                    while (round % 4 > 1 && !begun.get()) {
                        Thread.onSpinWait();
                    }
                    pool.retire();
                    if (round % 2 == 1) {
                        users[0].start();
                    }
                    for (Thread user : users) {
                        user.join();
                    }
                    assertThat(wrong).isEmpty();
                }
            }
        }
    }

    @Test
    void theLastUserCloses() {
        try (Parameters parameters = Parameters.of(Map.of())) {
            Program first = program(parameters, Expr.uniform(0, Shape.of(2)));
            ProgramPool pool = new ProgramPool(first, 2);
            Program taken = Objects.requireNonNull(pool.take(1, 1));
            pool.retire();
            taken.run();
            pool.give(1, taken);
            assertThatThrownBy(first::run).hasMessageContaining("closed");
            assertThat(pool.take(0, 1)).isNull();
        }
    }
}
