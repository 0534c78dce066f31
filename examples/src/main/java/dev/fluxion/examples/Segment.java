package dev.fluxion.examples;

import static dev.fluxion.dsl.layer.Layers.as;
import static dev.fluxion.dsl.layer.Layers.batchNorm;
import static dev.fluxion.dsl.layer.Layers.conv;
import static dev.fluxion.dsl.layer.Layers.convTranspose;
import static dev.fluxion.dsl.layer.Layers.layer;
import static dev.fluxion.dsl.layer.Layers.maxPool;
import static dev.fluxion.dsl.layer.Layers.relu;
import static dev.fluxion.dsl.loss.Losses.crossEntropy;
import static dev.fluxion.dsl.metric.Average.MACRO;
import static dev.fluxion.dsl.optim.Optimizers.adam;
import static dev.fluxion.dsl.train.Metrics.accuracy;
import static dev.fluxion.dsl.train.Metrics.iou;

import dev.fluxion.Layer;
import dev.fluxion.data.Batch;
import dev.fluxion.data.DataLoader;
import dev.fluxion.data.Dataset;
import dev.fluxion.dsl.layer.Seq;
import dev.fluxion.dsl.train.Model;
import dev.fluxion.dsl.train.Trainer;
import dev.fluxion.dsl.train.TrainingListener;
import dev.fluxion.ir.Expr;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Learns what each place of an image shows: a U-Net on drawn shapes. */
@Command(
        name = "segment",
        description =
                "Learns to say for each place of an image whether it shows a disc, a square, a triangle or the background."
                        + " The images are drawn by program. It writes a picture of what it finds in images that it has not seen.")
public final class Segment implements Callable<Integer> {
    private static final int SHOWN = 6;
    private static final int TEST_BATCH = 50;

    @Mixin
    private final TrainingOptions options = new TrainingOptions("segment", 10, 0.003, 16);

    @Option(names = "--images", paramLabel = "N", description = "learn from so many images (${DEFAULT-VALUE})")
    private int images = 800;

    @Option(names = "--width", paramLabel = "N", description = "channels of the finest level (${DEFAULT-VALUE})")
    private int width = 8;

    private Segment() {}

    /** 3×64×64 → 32 → 16 → 8 and back, each level beside what it was made of: a logit for each class and place. */
    private static Seq net(int w) {
        return Seq.of(
                twice(3, w),
                as("fine"),
                maxPool(2),
                twice(w, 2 * w),
                as("middle"),
                maxPool(2),
                twice(2 * w, 4 * w),
                as("coarse"),
                maxPool(2),
                twice(4 * w, 8 * w),
                convTranspose(8 * w, 4 * w, 2).stride(2),
                beside("coarse"),
                twice(8 * w, 4 * w),
                convTranspose(4 * w, 2 * w, 2).stride(2),
                beside("middle"),
                twice(4 * w, 2 * w),
                convTranspose(2 * w, w, 2).stride(2),
                beside("fine"),
                twice(2 * w, w),
                conv(w, DrawnShapes.CLASSES.size(), 1));
    }

    private static Seq twice(int in, int out) {
        return Seq.of(
                conv(in, out, 3).pad(1).bias(false),
                batchNorm(out),
                relu(),
                conv(out, out, 3).pad(1).bias(false),
                batchNorm(out),
                relu());
    }

    private static Layer beside(String name) {
        return layer("beside(\"" + name + "\")", (scope, x) -> Expr.concat(1, List.of(scope.value(name), x)));
    }

    @Override
    public Integer call() throws IOException {
        if (images < 1) {
            throw new IllegalArgumentException("images must be at least 1 but is " + images);
        }
        if (width < 1) {
            throw new IllegalArgumentException("width must be at least 1 but is " + width);
        }
        Dataset train = DrawnShapes.of(images, 2 * options.seed() + 1);
        Dataset test = DrawnShapes.of(Math.max(SHOWN, images / 4), 2 * options.seed() + 2);
        Path folder = options.folder();
        try (Model model = Model.of(net(width), 3, DrawnShapes.SIDE, DrawnShapes.SIDE)
                .seed(options.seed())
                .threads(options.threads())) {
            System.out.println(model.summary() + "\n");
            long start = System.nanoTime();
            Trainer.of(crossEntropy(), adam(options.learningRate()))
                    .epochs(options.epochs())
                    .evaluate(DataLoader.of(test).batch(TEST_BATCH), accuracy(), iou(MACRO))
                    .listen(TrainingListener.progress())
                    .fit(model, DataLoader.of(train).batch(options.batch()).shuffle(options.seed()));
            System.out.printf("%nwall time %.1f s%n", (System.nanoTime() - start) / 1e9);

            Batch shown = test.first(SHOWN);
            Path picture = folder.resolve("segments.png");
            Path weights = folder.resolve("weights.safetensors");
            new SegmentPicture(shown, model.predict(shown.inputs())).write(picture);
            model.save(weights);
            System.out.printf(
                    "picture    %s: images, what they show, what was found (disc red, square green, triangle blue)%n"
                            + "weights    %s%n",
                    picture, weights);
        }
        return 0;
    }

    /** Runs it. */
    public static void main(String... arguments) {
        Console.main(new Segment(), arguments);
    }

    /** For tests: the exit code. */
    static int run(String... arguments) {
        return Console.run(new Segment(), arguments);
    }
}
