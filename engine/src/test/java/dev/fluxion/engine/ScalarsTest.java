package dev.fluxion.engine;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fluxion.Tensor;
import dev.fluxion.ir.Expr;
import dev.fluxion.ir.Graph;
import dev.fluxion.ir.Shape;
import dev.fluxion.ir.Update;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** Two threads that step one training: one of them is refused, and scalars are those of the step that uses them. */
class ScalarsTest {
    private static final int RUNS = 15_000;

    private final AtomicInteger evaluating = new AtomicInteger();
    private final AtomicInteger together = new AtomicInteger();

    private double slowly(double value) {
        if (evaluating.incrementAndGet() > 1) {
            together.incrementAndGet();
        }
        long end = System.nanoTime() + 20_000;
        while (System.nanoTime() < end) {
            Thread.onSpinWait();
        }
        evaluating.decrementAndGet();
        return value;
    }

    @Test
    void onlyOneThreadEvaluatesAtATime() throws InterruptedException {
        Update.Rule rule = (w, g, state) -> w.sub(g.mul(state.scalar((step, lr) -> slowly(step))));
        Expr w = Expr.parameter("w", Shape.of(1));
        Expr g = Expr.input("g", Shape.of(1));
        Graph graph = Graph.of(new Graph.Stage("u", Map.of(), List.of(new Update(List.of(w), List.of(g), rule))));
        try (Parameters parameters = Parameters.of(Map.of("w", Tensor.full(0, 1)));
                RunState state = RunState.of(parameters)) {
            AtomicInteger refused = new AtomicInteger();
            CountDownLatch start = new CountDownLatch(2);
            List<Thread> threads = Stream.generate(() -> Compiler.compile(graph, parameters, state, new Options(1)))
                    .limit(2)
                    .map(program -> new Thread(() -> step(program, start, refused)))
                    .toList();
            threads.forEach(Thread::start);
            for (Thread thread : threads) {
                thread.join();
            }
            double steps = state.steps();
            assertThat(together.get()).isZero();
            assertThat(steps + refused.get()).isEqualTo(2 * RUNS);
            assertThat((double) parameters.get("w").floats()[0] / (-steps * (steps + 1) / 2))
                    .isBetween(0.999, 1.001);
        }
    }

    private static void step(Program program, CountDownLatch start, AtomicInteger refused) {
        program.write("g", new float[] {1});
        start.countDown();
        while (start.getCount() > 0) {
            Thread.onSpinWait();
        }
        for (int run = 0; run < RUNS; run++) {
            try {
                program.run();
            } catch (IllegalStateException e) {
                refused.incrementAndGet();
            }
        }
    }
}
