package dev.fluxion.serving.grpc;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fluxion.serving.Batching;
import dev.fluxion.serving.Limits;
import dev.fluxion.serving.Models;
import dev.fluxion.serving.Source;
import io.grpc.CallOptions;
import io.grpc.Metadata;
import io.grpc.Status;
import java.io.IOException;
import java.io.InputStream;
import java.net.Socket;
import java.net.SocketException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.logging.Handler;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import org.junit.jupiter.api.Test;

/** Calls: deadlines, refusals, limits, and the end of the server. */
class CallsTest {
    private static final String INFER = "ModelInfer";
    private static final byte[] NONE = {};
    private static final byte[] ONE = Wire.twice(1, 1, 1, 1, 1, 1, 1, 1);
    private static final float[] TWO = {2, 2, 2, 2, 2, 2, 2, 2};

    /** A model that computes one batch of one request at a time, and stops after it. */
    private static Models held(Hold hold, Batching batching) {
        Models models = Models.of(Limits.none());
        models.load(
                "twice",
                "1",
                Source.of(Samples::twice)
                        .batching(batching.maxBatch(1)
                                .workers(1)
                                .threadsPerWorker(1)
                                .listener(hold)));
        return models;
    }

    private static void withHeld(Batching batching, GrpcLimits limits, Held what) throws Exception {
        Hold hold = new Hold();
        try (Models models = held(hold, batching);
                RunningGrpcServer server = Samples.local(models).limits(limits).start();
                Wire wire = Wire.to(server)) {
            hold.shut();
            Wire.Coming first = wire.send(INFER, ONE);
            hold.awaitHeld();
            try {
                what.run(models, server, wire);
                assertThat(wire.ask("ServerLive", NONE).status().isOk())
                        .isTrue(); // the server has read what came before
            } finally {
                hold.open();
            }
            assertThat(Wire.floats(first.get())).containsExactly(TWO);
            Hold.until(() -> server.bytes() == 0);
            assertThatOneWasComputed(models);
        }
    }

    private static void assertThatOneWasComputed(Models models) throws InterruptedException {
        Hold.until(() -> models.statistics("twice", "1").waiting() == 0);
        assertThat(models.statistics("twice", "1").executions()).isEqualTo(1);
    }

    private interface Held {
        void run(Models models, RunningGrpcServer server, Wire wire) throws Exception;
    }

    @Test
    void what_is_late_or_cancelled_is_not_computed() throws Exception {
        withHeld(Batching.defaults(), Samples.patient(), (models, server, wire) -> {
            CallOptions soon = CallOptions.DEFAULT.withDeadlineAfter(50, TimeUnit.MILLISECONDS);
            assertThat(wire.send(INFER, ONE, soon, new Metadata(), false).get().code())
                    .isEqualTo(Status.Code.DEADLINE_EXCEEDED);
            Wire.Coming cancelled = wire.send(INFER, ONE);
            Hold.until(() -> models.statistics("twice", "1").waiting() == 2);
            cancelled.call().cancel("enough", null);
            assertThat(cancelled.get().code()).isEqualTo(Status.Code.CANCELLED);
            Hold.until(() -> server.bytes() < 2 * ONE.length);
        });
    }

    @Test
    void what_has_no_room_is_refused() throws Exception {
        withHeld(Batching.defaults().queue(1), Samples.patient(), (models, server, wire) -> {
            Wire.Coming second = wire.send(INFER, ONE);
            Hold.until(() -> models.statistics("twice", "1").waiting() == 1);
            Wire.Got full = wire.ask(INFER, ONE);
            assertThat(full.code()).isEqualTo(Status.Code.UNAVAILABLE);
            assertThat(full.text()).contains("the queue is full");
            second.call().cancel("enough", null);
            assertThat(second.get().code()).isEqualTo(Status.Code.CANCELLED);
            Hold.until(() -> server.bytes() < 2 * ONE.length);
        });
    }

    @Test
    void the_timeout_of_a_request_makes_it_unavailable() throws Exception {
        byte[] timeout = WireWriter.write(out -> out.message(4, entry -> {
            entry.text(1, "timeout");
            entry.message(2, value -> value.integer(2, 1000));
        }));
        byte[] message = ByteBuffer.allocate(ONE.length + timeout.length)
                .put(ONE)
                .put(timeout)
                .array();
        Hold hold = new Hold();
        try (Models models = held(hold, Batching.defaults());
                RunningGrpcServer server = Samples.local(models).start();
                Wire wire = Wire.to(server)) {
            hold.shut();
            Wire.Coming first = wire.send(INFER, ONE);
            hold.awaitHeld();
            Wire.Coming second = wire.send(INFER, message);
            Hold.until(() -> models.statistics("twice", "1").waiting() == 1);
            Thread.sleep(5);
            hold.open();
            assertThat(Wire.floats(first.get())).containsExactly(TWO);
            assertThat(second.get().code()).isEqualTo(Status.Code.UNAVAILABLE);
            assertThat(second.get().text()).contains("deadline has passed");
        }
    }

    @Test
    void closing_answers_what_has_come_and_takes_nothing_more() throws Exception {
        Hold hold = new Hold();
        try (Models models = held(hold, Batching.defaults())) {
            RunningGrpcServer server = Samples.local(models).start();
            try (Wire wire = Wire.to(server)) {
                hold.shut();
                Wire.Coming first = wire.send(INFER, ONE);
                hold.awaitHeld();
                Wire.Coming second = wire.send(INFER, ONE);
                Hold.until(() -> models.statistics("twice", "1").waiting() == 1);
                Thread closing = new Thread(server::close);
                closing.start();
                Hold.until(() -> server.status().draining());
                Hold.until(() -> wire.ask("ServerReady", NONE).code() == Status.Code.UNAVAILABLE);
                hold.open();
                assertThat(Wire.floats(first.get())).containsExactly(TWO);
                assertThat(Wire.floats(second.get())).containsExactly(TWO);
                closing.join();
                assertThat(server.status().live()).isFalse();
                assertThat(server.bytes()).isZero();
                server.await();
            }
        }
    }

    /** A client may keep a stream for as long as it likes. */
    @Test
    void closing_ends_streams_when_what_has_come_is_answered() throws Exception {
        Hold hold = new Hold();
        try (Models models = held(hold, Batching.defaults())) {
            RunningGrpcServer server = Samples.local(models).start();
            try (Wire wire = Wire.to(server)) {
                Wire.Open idle = wire.open();
                idle.call().sendMessage(ONE);
                idle.answers().take();
                hold.shut();
                Wire.Open busy = wire.open();
                busy.call().sendMessage(ONE);
                hold.awaitHeld();
                busy.call().sendMessage(ONE);
                Hold.until(() -> models.statistics("twice", "1").waiting() == 1);
                Thread closing = new Thread(server::close);
                closing.start();
                Status status = idle.end().join().status();
                assertThat(status.getCode()).isEqualTo(Status.Code.UNAVAILABLE);
                assertThat(status.getDescription()).contains("the server is closing");
                assertThat(busy.end()).isNotDone();
                hold.open();
                assertThat(busy.end().join().answers()).hasSize(2);
                assertThat(busy.end().join().status().getDescription()).contains("the server is closing");
                closing.join();
            }
        }
    }

    @Test
    void a_call_that_takes_too_long_is_given_up() throws Exception {
        GrpcLimits limits = GrpcLimits.defaults().call(Duration.ofMillis(200));
        Hold hold = new Hold();
        try (Models models = held(hold, Batching.defaults());
                RunningGrpcServer server = Samples.local(models).limits(limits).start();
                Wire wire = Wire.to(server)) {
            hold.shut();
            Wire.Coming first = wire.send(INFER, ONE);
            hold.awaitHeld();
            Wire.Coming second = wire.send(INFER, ONE);
            assertThat(first.get().status().isOk()).isFalse();
            assertThat(second.get().status().isOk()).isFalse();
            Hold.until(() -> server.bytes() == 0);
            hold.open();
            assertThatOneWasComputed(models);
        }
    }

    /** Nor does anybody log more than a client is told. */
    @Test
    void messages_are_bounded_also_unfolded() throws Exception {
        List<String> logged = Collections.synchronizedList(new ArrayList<>());
        Logger logger = Logger.getLogger("io.grpc");
        Handler handler = new Handler() {
            @Override
            public void publish(LogRecord event) {
                if (isLoggable(event)) {
                    logged.add(event.getMessage());
                }
            }

            @Override
            public void flush() {}

            @Override
            public void close() {}
        };
        logger.addHandler(handler);
        try (Models models = Samples.models();
                RunningGrpcServer server = Samples.local(models)
                        .limits(Samples.patient().message(1000))
                        .start();
                Wire wire = Wire.to(server)) {
            byte[] folding = Wire.twice(new float[400]);
            assertThat(wire.ask(INFER, folding).code()).isEqualTo(Status.Code.RESOURCE_EXHAUSTED);
            Wire.Got unfolded = wire.send(
                            INFER, folding, CallOptions.DEFAULT.withCompression("gzip"), new Metadata(), true)
                    .get();
            assertThat(unfolded.code()).isEqualTo(Status.Code.RESOURCE_EXHAUSTED);
            assertThat(Wire.floats(
                            wire.send(INFER, ONE, CallOptions.DEFAULT.withCompression("gzip"), new Metadata(), true)
                                    .get()))
                    .containsExactly(TWO);
            Wire.Streamed stream = wire.stream(List.of(folding, ONE));
            assertThat(stream.status().getCode()).isEqualTo(Status.Code.RESOURCE_EXHAUSTED);
            // If the first answer is on its way, the second message has no status of its own.
            assertThat(wire.stream(List.of(ONE, folding)).status().getCode())
                    .isIn(Status.Code.RESOURCE_EXHAUSTED, Status.Code.CANCELLED);
            Metadata headers = new Metadata();
            headers.put(Wire.AUTHORIZATION, "x".repeat(20_000));
            assertThat(wire.send(INFER, ONE, CallOptions.DEFAULT, headers, false)
                            .get()
                            .code())
                    .isNotEqualTo(Status.Code.OK);
            Hold.until(() -> server.bytes() == 0);
            assertThat(logged).isEmpty();
        } finally {
            logger.removeHandler(handler);
        }
    }

    /** What was answered is not held, so a stream may be as long as it likes. */
    @Test
    void a_stream_may_have_more_bytes_than_are_held_at_one_time() throws Exception {
        try (Models models = Samples.models();
                RunningGrpcServer server = Samples.local(models)
                        .limits(Samples.patient().message(1000).messages(100_000))
                        .start();
                Wire wire = Wire.to(server)) {
            Wire.Streamed stream = wire.stream(Collections.nCopies(5_000, ONE));
            assertThat(stream.status()).isEqualTo(Status.OK);
            assertThat(stream.answers()).hasSize(5_000);
            Hold.until(() -> server.bytes() == 0);
        }
    }

    @Test
    void all_messages_together_are_bounded() throws Exception {
        GrpcLimits limits = Samples.patient().message(1000).messages(1000);
        withHeld(Batching.defaults(), limits, (models, server, wire) -> {
            assertThat(server.bytes()).isBetween((long) ONE.length, ONE.length + 10L);
            Wire.Got more = wire.ask(INFER, Wire.twice(new float[232]));
            assertThat(more.status().isOk()).isFalse();
            Hold.until(() -> server.bytes() < 100);
        });
    }

    @Test
    void connections_are_bounded_and_silent_ones_are_closed() throws Exception {
        GrpcLimits limits = Samples.patient().connections(2).idle(Duration.ofMillis(300));
        try (Models models = Samples.models();
                RunningGrpcServer server = Samples.local(models).limits(limits).start()) {
            try (Socket first = new Socket("127.0.0.1", server.port());
                    Socket second = new Socket("127.0.0.1", server.port());
                    Socket third = new Socket("127.0.0.1", server.port())) {
                third.setSoTimeout(60_000);
                assertThat(isEnded(third)).isTrue();
                first.setSoTimeout(60_000);
                second.setSoTimeout(60_000);
                assertThat(isEnded(first)).isTrue();
                assertThat(isEnded(second)).isTrue();
            }
            try (Wire wire = Wire.to(server)) {
                Hold.until(() -> wire.ask("ServerLive", NONE).status().isOk());
            }
        }
    }

    @Test
    void who_comes_when_all_connections_are_taken_is_told() throws Exception {
        GrpcLimits limits = Samples.patient().connections(1);
        try (Models models = Samples.models();
                RunningGrpcServer server = Samples.local(models).limits(limits).start();
                Wire first = Wire.to(server)) {
            assertThat(first.ask("ServerLive", NONE).status().isOk()).isTrue();
            try (Wire second = Wire.to(server)) {
                Wire.Got refused = second.ask("ServerLive", NONE);
                assertThat(refused.code()).isEqualTo(Status.Code.UNAVAILABLE);
                assertThat(refused.text()).contains("as many connections as it takes");
            }
            assertThat(first.ask("ServerLive", NONE).status().isOk()).isTrue();
            try (Socket silent = new Socket("127.0.0.1", server.port())) {
                silent.setSoTimeout(60_000);
                assertThat(isEnded(silent)).isTrue();
            }
        }
    }

    /** Whether nothing more comes after what does. */
    private static boolean isEnded(Socket socket) throws IOException {
        try (InputStream in = socket.getInputStream()) {
            in.readAllBytes();
            return true;
        } catch (SocketException e) {
            return true;
        }
    }
}
