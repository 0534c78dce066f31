package dev.fluxion.dsl.train;

import static dev.fluxion.dsl.layer.Layers.*;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.fluxion.Input;
import dev.fluxion.Layer;
import dev.fluxion.dsl.layer.Seq;
import dev.fluxion.ir.DType;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What a model tells of its inputs and outputs. */
class SignatureTest {
    @Test
    void outputs_have_the_extents_that_do_not_vary() {
        Input ids = Input.ints("ids", 16).varies(0, "T");
        Layer last = layer("mean()", (scope, x) -> x.mean(1));
        Seq net = Seq.of(embedding(9, 4), output("each"), last, linear(3));
        try (Model model = Model.of(net, ids)) {
            Signature signature = model.signature();
            assertThat(signature.inputs()).containsExactly(ids);
            assertThat(signature.outputs())
                    .containsExactly(
                            new Signature.Output("output", DType.FLOAT, List.of(-1, 3)),
                            new Signature.Output("each", DType.FLOAT, List.of(-1, -1, 4)));
        }
    }

    @Test
    void a_closed_model_has_none() {
        Model model = Model.of(linear(2), 3);
        model.close();
        assertThatThrownBy(model::signature).isInstanceOf(IllegalStateException.class);
    }
}
