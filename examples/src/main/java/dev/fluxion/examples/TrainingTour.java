package dev.fluxion.examples;

import static dev.fluxion.dsl.layer.Layers.concat;
import static dev.fluxion.dsl.layer.Layers.conv;
import static dev.fluxion.dsl.layer.Layers.globalAvgPool;
import static dev.fluxion.dsl.layer.Layers.layer;
import static dev.fluxion.dsl.layer.Layers.linear;
import static dev.fluxion.dsl.layer.Layers.relu;
import static dev.fluxion.dsl.layer.Layers.residual;
import static dev.fluxion.dsl.loss.Losses.crossEntropy;
import static dev.fluxion.dsl.loss.Losses.mse;
import static dev.fluxion.dsl.optim.Optimizers.adam;
import static dev.fluxion.dsl.optim.Optimizers.sgd;
import static dev.fluxion.examples.Text.note;
import static dev.fluxion.examples.Text.title;

import dev.fluxion.Layer;
import dev.fluxion.Loss;
import dev.fluxion.Tensor;
import dev.fluxion.check.GradCheck;
import dev.fluxion.data.Batch;
import dev.fluxion.data.DataLoader;
import dev.fluxion.data.Dataset;
import dev.fluxion.data.SyntheticDigits;
import dev.fluxion.dsl.layer.Seq;
import dev.fluxion.dsl.optim.Schedules;
import dev.fluxion.dsl.train.Model;
import dev.fluxion.dsl.train.Trainer;
import dev.fluxion.dsl.train.Training;
import dev.fluxion.dsl.train.TrainingListener;
import dev.fluxion.ir.Expr;
import dev.fluxion.ir.Printer;
import dev.fluxion.ir.Shape;
import java.util.Locale;

/** Training step by step, and with your own losses and layers. */
public final class TrainingTour {
    private static final Batch FIRST =
            new Batch(Tensor.of(new float[] {1, 2}, 2, 1), Tensor.of(new float[] {3, 5}, 2, 1));

    private TrainingTour() {}

    private static void explicit() {
        title("Step by step, on a line through (1, 3) and (2, 5)");
        try (Model line = Model.of(linear(1, 1), 1)) {
            Training training = line.training(mse(), sgd(0.1));
            note("loss " + training.forward(FIRST));
            training.backward();
            Tensor once = training.gradient("weight");
            training.forward(FIRST);
            training.backward();
            Tensor twice = training.gradient("weight");
            note("gradient of weight after one backward " + once.item() + ", after two " + twice.item());
            for (int i = 0; i < 200; i++) {
                training.zeroGrad();
                training.forward(FIRST);
                training.backward();
                training.update();
            }
            float weight = line.parameters().get("weight").item();
            float offset = line.parameters().get("bias").item();
            note(String.format(Locale.ROOT, "after 200 updates y = %.3f·x + %.3f", weight, offset));
            Training bias = line.training(mse(), adam(0.0001)).only("bias");
            note("loss " + bias.step(FIRST) + " with Adam on the bias alone");
        }
    }

    private static void schedule() {
        title("A schedule that begins with 0: e -> floor(e / 2)");
        Dataset data = Dataset.of(FIRST.inputs(), FIRST.targets());
        try (Model line = Model.of(linear(1, 1), 1)) {
            Trainer.of(mse(), sgd(0.01))
                    .epochs(5)
                    .schedule(Schedules.lambda(e -> Math.floorDiv(e, 2)))
                    .listen(TrainingListener.lines(0, Text::note))
                    .fit(line, DataLoader.of(data).batch(2));
        }
    }

    private static void ownParts() {
        title("A loss and layers of one's own");
        Loss cubic = (output, target) -> output.sub(target).abs().pow(3).mean();
        Expr x = Expr.input("x", Shape.of(2, 1));
        note(GradCheck.of(cubic.apply(x, Expr.constant(1)))
                .with("x", FIRST.targets())
                .run()
                .toString());
        Layer swish = layer("swish()", (scope, in) -> in.mul(in.sigmoid()));
        Seq net = Seq.of(
                conv(1, 8, 3).pad(1),
                residual(Seq.of(conv(8, 8, 3).pad(1), swish)),
                concat(conv(8, 4, 1), conv(8, 4, 3).pad(1)),
                relu(),
                globalAvgPool(),
                linear(10));
        try (Model model = Model.of(net, 1, 28, 28)) {
            System.out.println(model.summary());
            Training training = model.training(crossEntropy(), adam(0.001));
            note("loss " + training.step(SyntheticDigits.of(64, 1).first(64)));
            title("What its prediction of 64 images does");
            System.out.println(model.predictor(64).explain());
        }
    }

    private static void print() {
        title("A model as a Mermaid flowchart");
        try (Model model = Model.of(Seq.of(linear(2, 3), relu()), 2)) {
            System.out.println(Printer.mermaid(model.graph(1)));
        }
    }

    /** Runs it. */
    public static void main(String... arguments) {
        Console.utf8();
        run();
    }

    static void run() {
        explicit();
        schedule();
        ownParts();
        print();
    }
}
