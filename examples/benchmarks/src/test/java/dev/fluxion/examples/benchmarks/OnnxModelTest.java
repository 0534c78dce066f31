package dev.fluxion.examples.benchmarks;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.LinkedHashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class OnnxModelTest {
    @ParameterizedTest
    @ValueSource(
            strings = {
                "cifar",
                "mnist",
                "mlp",
                "lenet",
                "vgg",
                "resnet",
                "normed",
                "tiny",
                "mobile",
                "segment",
                "audio",
                "autoencoder",
                "mobilenet",
                "efficientnet",
                "unet",
                "lstm",
                "encoder16"
            })
    void onnxRuntimeComputesWhatFluxionDoes(String net) {
        Problem problem = Problem.of(new Cell(net, 1, Cell.Mode.INFER));
        Map<String, float[]> values = new LinkedHashMap<>();
        for (Peer peer : new Peer[] {Peer.FLUXION, Peer.ONNXRUNTIME}) {
            try (Session session = peer.library(1).infer(problem)) {
                session.run();
                values.put(peer.title(), session.result());
            }
        }

        assertThat(values).allSatisfy((name, logits) -> assertThat(logits)
                .hasSize(problem.net().classes()));
        assertThat(Agreement.check(values)).isEmpty();
    }

    @Test
    void messagesHaveTheWireFormat() {
        Protobuf inner = new Protobuf().put(1, "a");

        byte[] bytes =
                new Protobuf().put(1, 300).put(2, inner).put(3, new float[] {1}).bytes();

        assertThat(bytes).containsExactly(0x08, 0xAC, 0x02, 0x12, 0x03, 0x0A, 0x01, 'a', 0x1A, 0x04, 0, 0, 0x80, 0x3F);
    }

    @Test
    void thereIsNoTraining() {
        Problem problem = Problem.of(new Cell("tiny", 1, Cell.Mode.TRAIN));

        assertThatThrownBy(() -> new OnnxLibrary(1).train(problem))
                .isInstanceOf(UnsupportedOperationException.class)
                .hasMessage("ONNX Runtime has no training");
    }
}
