package dev.fluxion.examples.cli;

import static dev.fluxion.dsl.layer.Layers.linear;
import static dev.fluxion.dsl.loss.Losses.mse;

import dev.fluxion.Metric;
import dev.fluxion.MultiLoss;
import dev.fluxion.Tensor;
import dev.fluxion.data.Dataset;
import dev.fluxion.dsl.train.Metrics;
import dev.fluxion.dsl.train.Model;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** A recipe of a user with data of its own: a regression. */
public final class Slope implements Recipe {
    @Override
    public Model model(TrainingData data) {
        return Model.of(linear(2, 1), data.sample());
    }

    @Override
    public Optional<TrainingData> data(@Nullable Path folder) {
        float[] points = new float[40];
        float[] heights = new float[20];
        for (int i = 0; i < heights.length; i++) {
            points[2 * i] = i / 20f;
            points[2 * i + 1] = i * 7 % 20 / 20f;
            heights[i] = points[2 * i] - 2 * points[2 * i + 1];
        }
        Dataset all = Dataset.of(Tensor.of(points, 20, 2), Tensor.of(heights, 20, 1));
        return Optional.of(new TrainingData("points of a slope", all.rows(0, 16), all.rows(16, 20), List.of()));
    }

    @Override
    public MultiLoss loss() {
        return mse();
    }

    @Override
    public double rate() {
        return 0.05;
    }

    @Override
    public List<Metric> metrics() {
        return List.of(Metrics.mae());
    }
}
