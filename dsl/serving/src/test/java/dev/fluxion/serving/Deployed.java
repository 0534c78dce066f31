package dev.fluxion.serving;

import static dev.fluxion.dsl.layer.Layers.linear;
import static dev.fluxion.dsl.layer.Layers.relu;

import dev.fluxion.Tensor;
import dev.fluxion.dsl.layer.Seq;
import dev.fluxion.dsl.train.Model;

/** An application that serves a model, and is undeployed. */
public final class Deployed implements Runnable {
    @Override
    public void run() {
        try (Models models = Models.of(Limits.none())) {
            models.load("digits", "1", Source.of(() -> Model.of(Seq.of(linear(64), relu(), linear(10)), 784)));
            Service digits = models.service("digits");
            digits.predict(Tensor.zeros(64, 784));
            digits.submit(Tensor.zeros(1, 784)).join();
        }
    }
}
