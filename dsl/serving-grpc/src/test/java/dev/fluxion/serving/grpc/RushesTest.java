package dev.fluxion.serving.grpc;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.channel.EventLoop;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** Calls that one event loop has read are asked together, behind what it reads. */
class RushesTest {
    @Test
    void an_event_loop_asks_when_it_has_read_and_others_at_once() throws Exception {
        EventLoopGroup loops = new MultiThreadIoEventLoopGroup(2, NioIoHandler.newFactory());
        try {
            Rushes rushes = new Rushes(loops);
            List<String> done = new ArrayList<>();
            EventLoop loop = loops.next();
            loop.submit(() -> {
                        rushes.add(() -> done.add("one in " + (rushes.current() != null)));
                        rushes.add(() -> done.add("two"));
                        done.add("read");
                    })
                    .get();
            loop.submit(() -> done.add("next")).get();
            assertThat(done).containsExactly("read", "one in true", "two", "next");
            rushes.add(() -> done.add("alone in " + (rushes.current() != null)));
            assertThat(done).last().isEqualTo("alone in false");
        } finally {
            loops.shutdownGracefully(0, 0, TimeUnit.SECONDS).awaitUninterruptibly();
        }
    }
}
