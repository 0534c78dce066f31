package dev.fluxion.dsl.train;

import static dev.fluxion.dsl.layer.Layers.gru;
import static dev.fluxion.dsl.layer.Layers.linear;
import static dev.fluxion.dsl.layer.Layers.lstm;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.offset;

import dev.fluxion.Input;
import dev.fluxion.Tensor;
import dev.fluxion.Tensors;
import dev.fluxion.dsl.layer.Seq;
import dev.fluxion.ir.Shape;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class SessionTest {
    private static final int LENGTH = 9;

    private static Tensor sequences(int batch, int length) {
        SplittableRandom random = new SplittableRandom(1);
        Tensor x = Tensor.zeros(batch, length, 3);
        for (int i = 0; i < x.size(); i++) {
            x.floats()[i] = (float) random.nextGaussian();
        }
        return x;
    }

    private static Tensor part(Tensor all, int from, int to) {
        Shape shape = all.shape();
        int width = shape.dim(2);
        Tensor part = Tensor.zeros(shape.dim(0), to - from, width);
        for (int n = 0; n < shape.dim(0); n++) {
            System.arraycopy(
                    all.floats(),
                    (n * shape.dim(1) + from) * width,
                    part.floats(),
                    n * (to - from) * width,
                    (to - from) * width);
        }
        return part;
    }

    private static Input x() {
        return Input.floats("x", LENGTH, 3).varies(0, "T");
    }

    private static void requirePartsAsWhole(Model model, Session session, Tensors zeros) {
        Tensor all = sequences(2, LENGTH);
        Tensor whole = model.predict(zeros.with("x", all)).get("output");
        for (int repeat = 0; repeat < 2; repeat++) {
            int from = 0;
            for (int to : new int[] {1, 2, 6, LENGTH}) {
                Tensors made = session.predict(Tensors.of(part(all, from, to)));
                assertThat(made.names()).containsExactly("output");
                assertThat(made.get("output").floats())
                        .containsExactly(part(whole, from, to).floats(), offset(1e-6f));
                from = to;
            }
            session.reset();
        }
    }

    @Test
    void partsOfSequencesAreAsTheWhole() {
        try (Model model =
                Model.of(Seq.of(gru(3, 4).initial("h0").states("h"), linear(4, 2)), x(), Input.floats("h0", 1, 4))) {
            requirePartsAsWhole(model, model.session().carry("h0", "h"), Tensors.of("h0", Tensor.zeros(2, 1, 4)));
        }
        try (Model model = Model.of(
                Seq.of(lstm(3, 4).initial("h0", "c0").states("h", "c"), linear(4, 2)),
                x(),
                Input.floats("h0", 1, 4),
                Input.floats("c0", 1, 4))) {
            requirePartsAsWhole(
                    model,
                    model.session().carry("h0", "h").carry("c0", "c"),
                    Tensors.of("h0", Tensor.zeros(2, 1, 4)).with("c0", Tensor.zeros(2, 1, 4)));
        }
    }

    @Test
    void whatDoesNotFitIsTold() {
        try (Model model =
                Model.of(Seq.of(gru(3, 4).initial("h0").states("h"), linear(4, 2)), x(), Input.floats("h0", 1, 4))) {
            Session session = model.session().carry("h0", "h");
            assertThat(session.states().names()).isEmpty();
            session.predict(Tensors.of("x", sequences(2, 3)));
            assertThat(session.states().get("h0").shape()).hasToString("2×1×4");
            assertThatThrownBy(() -> session.predict(Tensors.of(sequences(3, 3))))
                    .hasMessage("the session has the states of 2 samples but got 3; reset() begins anew");
            assertThatThrownBy(() ->
                            session.predict(Tensors.of("x", sequences(2, 3)).with("h0", Tensor.zeros(2, 1, 4))))
                    .hasMessage("the input 'h0' is a state of the session, which gives it itself");
            assertThatThrownBy(() -> session.predict(Tensors.none())).hasMessageContaining("samples");
            assertThatThrownBy(() -> session.carry("h0", "h")).hasMessage("carry: the input 'h0' is carried already");
            assertThatThrownBy(() -> model.session().carry("h1", "h"))
                    .hasMessageStartingWith("the model has no input 'h1': it takes 'x' N×T×3, 'h0' N×1×4");
            assertThatThrownBy(() -> model.session().carry("h0", "c"))
                    .hasMessageStartingWith("the model has no output, value or layer 'c'");
            assertThatThrownBy(() -> model.session().carry("h0", "output"))
                    .hasMessage("carry: 'output' is 1×9×2 for one sample but the input 'h0' takes 1×1×4");
        }
    }
}
