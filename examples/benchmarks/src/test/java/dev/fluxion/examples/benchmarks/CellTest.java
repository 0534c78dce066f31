package dev.fluxion.examples.benchmarks;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import org.junit.jupiter.api.Test;

class CellTest {
    @Test
    void everyNetTrainsAndInfersAtItsBatches() {
        assertThat(Cell.all()).hasSize(2 * (4 + 4 + 2 + 2 + 2 + 2 + 1 + 1 + 2 + 1 + 1 + 13 * 2));
        assertThat(Cell.all())
                .allSatisfy(cell -> assertThat(Cell.parse(cell.toString())).isEqualTo(cell));
    }

    @Test
    void patternsSelect() {
        assertThat(Cell.matching(List.of())).isEqualTo(Cell.all());
        assertThat(Cell.matching(List.of("cifar"))).hasSize(8);
        assertThat(Cell.matching(List.of("cifar-8", "tiny"))).hasSize(4);
        assertThat(Cell.matching(List.of("mnist-infer"))).hasSize(4);
        assertThat(Cell.matching(List.of("cifar-64-train"))).containsExactly(new Cell("cifar", 64, Cell.Mode.TRAIN));
    }

    @Test
    void aPatternThatSelectsNothingIsAnError() {
        assertThatThrownBy(() -> Cell.matching(List.of("cifar", "cifra")))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage(
                        "there is no row 'cifra'; there are cifar-1|8|64|256, mnist-1|8|64|256, mlp-1|64, lenet-1|64,"
                                + " vgg-1|64, resnet-1|64, normed-64, tiny-1, mobilenet-1|32, efficientnet-1, unet-1, stem-1|16, fire-1|16, deep-1|16, odd-1|16, wide-1|16,"
                                + " mobile-1|16, segment-1|16, audio-1|16, bottleneck-1|16, autoencoder-1|16,"
                                + " vgg224-1|16, small-1|16, large-1|16, each with -train or -infer, and memory and startup;"
                                + " a net alone, net-batch or net-train selects several");
    }

    @Test
    void librariesAreFoundByName() {
        assertThat(Peer.named("pytorch-cl")).isEqualTo(Peer.PYTORCH_LAST);
        assertThatThrownBy(() -> Peer.named("tensorflow"))
                .hasMessage(
                        "there is no library 'tensorflow'; there are fluxion, pytorch, pytorch-cl, onnxruntime, djl");
    }
}
