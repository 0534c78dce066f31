package dev.fluxion.serving.http;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.channel.embedded.EmbeddedChannel;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What has come to an event loop at one time is asked at one time. */
class RushTest {
    @Test
    void whatHasComeIsAskedWhenAllIsReadAndWhatComesMeanwhileNextTime() {
        EmbeddedChannel channel = new EmbeddedChannel();
        Rush rush = new Rush(channel.eventLoop());
        List<String> asked = new ArrayList<>();
        rush.add(() -> asked.add("one"));
        rush.add(() -> {
            asked.add("two");
            rush.add(() -> asked.add("four"));
        });
        rush.add(() -> asked.add("three"));
        assertThat(asked).isEmpty();
        channel.runPendingTasks();
        assertThat(asked).containsExactly("one", "two", "three", "four");
    }
}
