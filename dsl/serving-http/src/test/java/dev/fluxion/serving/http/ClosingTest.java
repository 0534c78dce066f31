package dev.fluxion.serving.http;

import static dev.fluxion.serving.http.Wire.bytes;
import static dev.fluxion.serving.http.Wire.get;
import static dev.fluxion.serving.http.Wire.post;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.fluxion.serving.Batching;
import dev.fluxion.serving.Limits;
import dev.fluxion.serving.Models;
import dev.fluxion.serving.ServingListener;
import dev.fluxion.serving.Source;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;

/** What becomes of requests when the server is closed, its queue is full or their clients are gone. */
class ClosingTest extends OneServer {
    @Test
    void a_full_queue_refuses_and_closing_answers_what_has_come() throws Exception {
        Hold hold = new Hold();
        try (Models slow = Models.of(Limits.none())) {
            Batching batching = Samples.batching(hold).queue(1);
            slow.load("twice", "1", Source.of(Samples::twice).batching(batching));
            server = local(slow, Samples.patient()).start();
            hold.shut();
            try (Wire first = Wire.to(server);
                    Wire second = Wire.to(server);
                    Wire third = Wire.to(server);
                    Wire gone = Wire.to(server)) {
                first.send(raw(1));
                hold.awaitHeld();
                second.send(raw(2));
                Hold.until(() -> slow.statistics("twice", "1").waiting() == 1);
                Wire.Got refused = third.send(raw(3)).read();
                assertThat(refused.status()).isEqualTo(503);
                assertThat(refused.headers()).containsEntry("retry-after", "1");
                assertThat(refused.text()).contains("the queue is full");
                Thread closing = new Thread(server::close);
                closing.start();
                Hold.until(() -> server.status().draining());
                assertThat(server.status().ready()).isFalse();
                hold.open();
                assertThat(first.read().floats()[0]).isEqualTo(2);
                assertThat(second.read().floats()[0]).isEqualTo(4);
                closing.join();
                assertThat(first.isEnded()).isTrue();
                assertThat(gone.isEnded()).isTrue();
                assertThatThrownBy(() -> Wire.to(server)).isInstanceOf(IOException.class);
            }
        } finally {
            hold.open();
        }
    }

    /** A client that stays connected does not know that the server is closing, and may have sent. */
    @Test
    void a_request_that_is_on_its_way_when_the_server_closes_is_answered() throws Exception {
        boolean answered = false;
        // A thread that is stopped for long may send too late.
        for (int round = 0; round < 5 && !answered; round++) {
            answered = isAnsweredWhileClosing();
        }
        assertThat(answered).isTrue();
    }

    private boolean isAnsweredWhileClosing() throws Exception {
        try (Wire wire = wire(Samples.patient())) {
            wire.send(raw(1)).read();
            Thread closing = new Thread(server::close);
            closing.start();
            Hold.until(() -> server.status().draining());
            Thread.sleep(20); // the connection hears of it
            Wire.Got got = wire.send(raw(2)).read();
            closing.join();
            return got.floats()[0] == 4
                    && got.headers().getOrDefault("connection", "").equals("close");
        } catch (IOException e) {
            return false;
        }
    }

    @Test
    void an_answer_that_is_being_fetched_when_the_server_closes_comes_whole() throws Exception {
        String page = "x".repeat(1 << 25);
        server = local(models, Samples.patient()).page("/", page).start();
        try (Wire wire = Wire.to(server)) {
            wire.send(get("/", ""));
            assertThat(wire.first()).isEqualTo('H');
            Thread closing = new Thread(server::close);
            closing.start();
            Hold.until(() -> server.status().draining());
            Thread.sleep(700); // idle connections are closed by then
            assertThat(wire.read().body()).hasSize(page.length());
            closing.join();
            assertThat(wire.isEnded()).isTrue();
        }
    }

    /** Who is told to close connects anew at once, and would be reset if the server still listened. */
    @Test
    void clients_are_told_to_close_when_the_server_does_not_listen_any_more() throws Exception {
        CountDownLatch reached = new CountDownLatch(1);
        CountDownLatch open = new CountDownLatch(1);
        ServingListener holdsTheEventLoop = new ServingListener() {
            @Override
            public void asked() {
                reached.countDown();
                try {
                    open.await();
                } catch (InterruptedException e) {
                    throw new AssertionError(e);
                }
            }
        };
        try (Models held = Models.of(Limits.none())) {
            held.load("twice", "1", Source.of(Samples::twice).batching(Samples.batching(holdsTheEventLoop)));
            server = local(held, Samples.patient()).start();
            try (Wire wire = Wire.to(server)) {
                byte[] bad =
                        bytes("{\"inputs\":[{\"name\":\"input\",\"datatype\":\"FP32\",\"shape\":[1,1],\"data\":[1]}]}");
                wire.send(post(TWICE, "", bad));
                reached.await();
                Thread closing = new Thread(server::close);
                closing.start();
                Hold.until(() -> server.status().draining());
                open.countDown();
                Wire.Got got = wire.read();
                assertThat(got.status()).isEqualTo(400);
                assertThat(got.headers()).doesNotContainKey("connection");
                closing.join();
                assertThat(wire.isEnded()).isTrue();
            }
        }
    }

    @Test
    void requests_of_clients_who_are_gone_are_not_computed() throws Exception {
        Hold hold = new Hold();
        try (Models slow = Models.of(Limits.none())) {
            slow.load("twice", "1", Source.of(Samples::twice).batching(Samples.batching(hold)));
            server = local(slow, Samples.patient()).start();
            hold.shut();
            List<Wire> gone = new ArrayList<>();
            try (Wire first = Wire.to(server)) {
                first.send(raw(1));
                hold.awaitHeld();
                for (int i = 0; i < 3; i++) {
                    gone.add(Wire.to(server).send(raw(i)));
                }
                Hold.until(() -> slow.statistics("twice", "1").waiting() == 3);
                for (Wire wire : gone) {
                    wire.close();
                }
                Hold.until(() -> server.bytes() <= 32);
                hold.open();
                assertThat(first.read().floats()[0]).isEqualTo(2);
                Hold.until(() -> slow.statistics("twice", "1").waiting() == 0);
            }
            assertThat(slow.statistics("twice", "1").answered()).isEqualTo(1);
        } finally {
            hold.open();
        }
    }
}
