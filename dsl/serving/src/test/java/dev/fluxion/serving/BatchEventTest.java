package dev.fluxion.serving;

import static dev.fluxion.dsl.layer.Layers.linear;
import static org.assertj.core.api.Assertions.assertThat;

import dev.fluxion.Tensor;
import dev.fluxion.dsl.train.Model;
import java.nio.file.Path;
import java.util.concurrent.CompletableFuture;
import jdk.jfr.Recording;
import jdk.jfr.consumer.RecordingFile;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Java Flight Recorder gets an event for each batch. */
class BatchEventTest {
    @TempDir
    private Path folder;

    @Test
    void eachBatchIsRecordedWithItsSamples() throws Exception {
        Path file = folder.resolve("batches.jfr");
        Gate gate = Gate.shut();
        try (Model model = Model.of(linear(2), 2);
                Batcher batcher = Batcher.of(
                        model, Batching.defaults().workers(1).maxBatch(4).listener(gate));
                Recording recording = new Recording()) {
            recording.enable("dev.fluxion.Batch");
            recording.start();
            CompletableFuture<Tensor> first = batcher.submit(Tensor.zeros(2, 2));
            gate.awaitHeld();
            CompletableFuture<Tensor> second = batcher.submit(Tensor.zeros(1, 2));
            CompletableFuture<Tensor> third = batcher.submit(Tensor.zeros(3, 2));
            CompletableFuture<Tensor> last = batcher.submit(Tensor.zeros(1, 2));
            gate.release();
            CompletableFuture.allOf(first, second, third, last).join();
            recording.stop();
            recording.dump(file);
        }
        assertThat(RecordingFile.readAllEvents(file))
                .filteredOn(event -> event.getEventType().getName().equals("dev.fluxion.Batch"))
                .extracting(event ->
                        event.getInt("requests") + " " + event.getInt("samples") + " " + event.getInt("waiting"))
                .containsExactly("1 2 0", "2 4 1", "1 1 0");
    }
}
