package dev.fluxion.dsl.train;

import static dev.fluxion.dsl.layer.Layers.*;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.fluxion.Input;
import dev.fluxion.Layer;
import dev.fluxion.Tensor;
import dev.fluxion.dsl.layer.Seq;
import dev.fluxion.ir.Expr;
import dev.fluxion.ir.ShapeException;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What layers make of all sizes follows from what they make of a few. */
class AskedTest {
    static List<SavedNets.Net> nets() {
        return SavedNets.ALL;
    }

    /** Of every size, what follows is what the layers would have made, in training and in prediction. */
    @ParameterizedTest
    @MethodSource("nets")
    void whatFollowsIsWhatLayersMake(SavedNets.Net net) {
        Asked layer = new Asked(net.layer());
        Network network = Network.of(net.layer(), net.inputs());
        List<Integer> most = List.copyOf(network.extents().values());
        for (boolean training : new boolean[] {false, true}) {
            Traced.Found found = layer.traced(network, training).find();
            assertThat(found.problem()).isEmpty();
            for (int rows : new int[] {1, 2, 8, 64}) {
                for (int less = 0; less < (most.isEmpty() ? 1 : 12); less++) {
                    int minus = less;
                    List<Integer> extents =
                            most.stream().map(m -> Math.max(1, m - minus)).toList();
                    BatchShape batch = new BatchShape(rows, extents);
                    try {
                        found.open()
                                .requireSame(layer.ask(network, training, batch).applied(), batch);
                    } catch (ShapeException refused) {
                        assertThat(rows == 1 || extents.contains(1))
                                .as("refused: %s", batch)
                                .isTrue();
                    }
                }
            }
        }
    }

    /** What is halved so many times and joined with what it was takes multiples alone. */
    @ParameterizedTest
    @CsvSource({"1, 8, 12", "2, 24, 20", "4, 224, 224", "4, 48, 80", "5, 160, 96"})
    void netsThatTakeMultiplesAreTold(int halvings, int height, int width) {
        Layer net = identity();
        for (int i = 0; i < halvings; i++) {
            String fine = "fine" + i;
            Layer join = layer("join()", (scope, x) -> Expr.concat(1, List.of(x, scope.value(fine))));
            net = Seq.of(conv(2, 2, 3).pad(1), as(fine), maxPool(2), net, upsample(2), join, conv(4, 2, 1));
        }
        Asked layer = new Asked(net);
        Network network = Network.of(
                net, List.of(Input.floats("x", 2, height, width).varies(1, "H").varies(2, "W")));
        Traced.Found found = layer.traced(network, false).find();
        assertThat(found.problem()).isEmpty();
        int unit = 1 << halvings;
        for (int rows : new int[] {1, 3}) {
            for (int h = unit; h <= height; h += unit) {
                BatchShape batch = new BatchShape(rows, List.of(h, Math.max(unit, width - h / unit * unit)));
                found.open().requireSame(layer.ask(network, false, batch).applied(), batch);
            }
        }
    }

    /** What an extent of few values does is told, too; how a session goes on, from four on. */
    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3, 4})
    void fewPositionsAreTold(int most, @TempDir Path folder) throws IOException {
        Path file = folder.resolve("few.fluxion");
        try (Model model = Model.of(
                Seq.of(residual(multiHeadAttention(4, 2).causal()), linear(4, 3)),
                Input.floats("x", most, 4).varies(0, "T"))) {
            model.export(file);
            try (Model opened = Model.open(file)) {
                for (int length = 1; length <= most; length++) {
                    Tensor x = Tensor.full(0.5f, 2, length, 4);
                    assertThat(opened.predict(x)).isEqualTo(model.predict(x));
                }
                if (most > 3) {
                    try (Session session = opened.session()) {
                        for (int i = 0; i < most; i++) {
                            assertThat(session.predict(Tensor.full(0.5f, 2, 1, 4))
                                            .shape())
                                    .hasToString("2×1×3");
                        }
                    }
                } else {
                    assertThatThrownBy(() -> opened.session().predict(Tensor.full(0.5f, 2, 1, 4)))
                            .hasMessageContaining("does not tell how sequences go on along 'T'");
                }
            }
        }
    }

    /** A layer whose structure depends on an extent is asked again for each size. */
    @Test
    void aLayerThatDependsOnAnExtentIsAskedAgain() {
        List<Integer> asked = new ArrayList<>();
        Layer odd = layer("odd()", (scope, x) -> {
            asked.add(x.shape().dim(1));
            return x.shape().dim(1) % 2 == 0 ? x.mul(2) : x.add(1).mul(3);
        });
        Network network = Network.of(odd, List.of(Input.floats("x", 30, 3).varies(0, "T")));
        assertThat(new Asked(odd).traced(network, false).find().problem())
                .contains("odd()")
                .contains("depends on an extent");
        try (Model model = Model.of(odd, Input.floats("x", 30, 3).varies(0, "T"))) {
            for (int length : new int[] {30, 29, 8, 7}) {
                asked.clear();
                Tensor y = model.predict(Tensor.full(1, 2, length, 3));
                assertThat(y).isEqualTo(Tensor.full(length % 2 == 0 ? 2 : 6, 2, length, 3));
            }
            assertThat(asked).contains(7);
        }
    }

    /** Where a layer gives its operand itself for a batch of one, so does what follows. */
    @Test
    void whatChangesNothingIsNoNode() {
        Layer first = layer("first()", (scope, x) -> {
            Expr mean = x.sumKeepDims(0).div(x.shape().dim(0));
            return x.sub(mean);
        });
        try (Model model = Model.of(first, 3)) {
            assertThat(model.predict(Tensor.full(1, 1, 3))).isEqualTo(Tensor.zeros(1, 3));
            assertThat(model.predict(Tensor.full(1, 7, 3))).isEqualTo(Tensor.zeros(7, 3));
        }
    }
}
