package dev.fluxion.serving;

import static dev.fluxion.dsl.layer.Layers.linear;

import dev.fluxion.Tensor;
import dev.fluxion.dsl.train.Model;
import java.lang.reflect.Method;
import java.util.Arrays;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;

/** Threads that wait while a batch is computed: virtual ones, all on one carrier, if the JDK has them. */
final class VirtualThreads {
    private static final int THREADS = 100;

    private VirtualThreads() {}

    public static void main(String[] arguments) throws Exception {
        Gate gate = Gate.shut();
        Tensor sample = Tensor.vector(1, 2).reshape(1, 2);
        AtomicInteger answered = new AtomicInteger();
        CountDownLatch ended = new CountDownLatch(THREADS);
        try (Model model = Model.of(linear(2), 2);
                Batcher batcher =
                        Batcher.of(model, Batching.defaults().workers(1).listener(gate))) {
            CompletableFuture<Tensor> first = batcher.submit(sample);
            gate.awaitHeld();
            for (int i = 0; i < THREADS; i++) {
                start(() -> {
                    batcher.predict(sample);
                    answered.incrementAndGet();
                    ended.countDown();
                });
            }
            while (batcher.waiting() < THREADS) {
                Thread.sleep(1);
            }
            gate.release();
            ended.await();
            first.join();
        }
        System.out.println(answered.get() == THREADS ? "all answered" : answered + " answered");
    }

    private static void start(Runnable what) throws ReflectiveOperationException {
        Method virtual = Arrays.stream(Thread.class.getMethods())
                .filter(method -> method.getName().equals("startVirtualThread"))
                .findFirst()
                .orElse(null);
        if (virtual == null) {
            new Thread(what).start();
        } else {
            virtual.invoke(null, what);
        }
    }
}
