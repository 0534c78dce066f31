package dev.fluxion.serving;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;

/** Notes what a batcher does, and keeps the first thread that has computed from going on until it is opened. */
final class Gate implements ServingListener {
    final List<Integer> batches = Collections.synchronizedList(new ArrayList<>());
    final ConcurrentHashMap<Refusal, AtomicInteger> refusals = new ConcurrentHashMap<>();
    final List<Thread> threads = Collections.synchronizedList(new ArrayList<>());
    final AtomicInteger answered = new AtomicInteger();
    private final CountDownLatch reached;
    private final CountDownLatch open;

    private Gate(int waits) {
        this.reached = new CountDownLatch(waits);
        this.open = new CountDownLatch(waits);
    }

    /** One that holds the first batch. */
    static Gate shut() {
        return new Gate(1);
    }

    /** One that holds nobody. */
    static Gate open() {
        return new Gate(0);
    }

    /** Waits until somebody is held. */
    void awaitHeld() throws InterruptedException {
        reached.await();
    }

    /** Lets everybody go on. */
    void release() {
        open.countDown();
    }

    int count(Refusal why) {
        return refusals.getOrDefault(why, new AtomicInteger()).get();
    }

    @Override
    public void computed(int requests, int samples, long computeNanos) {
        batches.add(samples);
        threads.add(Thread.currentThread());
        reached.countDown();
        await(open);
    }

    /** Waits until the thread sleeps that computed first. */
    void awaitAsleep() throws InterruptedException {
        while (threads.get(0).getState() != Thread.State.WAITING) {
            Thread.sleep(1);
        }
    }

    /** Waits, unless it is interrupted. */
    static void await(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    @Override
    public void answered(int samples, long queueNanos, long computeNanos) {
        answered.addAndGet(samples);
    }

    @Override
    public void refused(Refusal why) {
        refusals.computeIfAbsent(why, key -> new AtomicInteger()).incrementAndGet();
    }
}
