package dev.fluxion.serving.http;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.ThreadMXBean;
import dev.fluxion.serving.Models;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadInfo;
import org.junit.jupiter.api.Test;

/** Heap that a binary request takes, which is again and again the same. */
class AllocationTest {
    private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    /** The interpreter allocates what compiled code does without, which takes 2 KB. */
    private static final long MOST = 3600;

    private static final int REQUESTS = 2000;

    private static long allocated() {
        long bytes = 0;
        for (ThreadInfo thread : THREADS.getThreadInfo(THREADS.getAllThreadIds())) {
            boolean counts = thread != null && thread.getThreadName().matches("fluxion-(http|serving).*");
            bytes += counts ? THREADS.getThreadAllocatedBytes(thread.getThreadId()) : 0;
        }
        return bytes;
    }

    @Test
    void a_request_allocates_little() throws IOException {
        byte[] json = Wire.bytes("{\"inputs\":[{\"name\":\"input\",\"datatype\":\"FP32\",\"shape\":[1,8],"
                + "\"parameters\":{\"binary_data_size\":32}}],\"parameters\":{\"binary_data_output\":true}}");
        byte[] request = Wire.post(
                "/v2/models/twice/infer",
                "Content-Type: application/octet-stream\r\nInference-Header-Content-Length: " + json.length + "\r\n",
                Wire.join(json, Wire.floats(1, 2, 3, 4, 5, 6, 7, 8)));
        try (Models models = Samples.models();
                RunningServer server = Server.of(models)
                        .host("127.0.0.1")
                        .port(0)
                        .limits(Samples.patient())
                        .start();
                Wire wire = Wire.to(server)) {
            for (int i = 0; i < REQUESTS; i++) {
                wire.send(request).read();
            }
            long before = allocated();
            for (int i = 0; i < REQUESTS; i++) {
                assertThat(wire.send(request).read().status()).isEqualTo(200);
            }
            assertThat((allocated() - before) / REQUESTS).isLessThan(MOST);
        }
    }
}
