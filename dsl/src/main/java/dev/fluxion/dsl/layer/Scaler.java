package dev.fluxion.dsl.layer;

import dev.fluxion.Layer;
import dev.fluxion.Scope;
import dev.fluxion.Tensor;
import dev.fluxion.ir.DType;
import dev.fluxion.ir.Expr;
import dev.fluxion.ir.Given;
import dev.fluxion.ir.Shape;
import dev.fluxion.ir.ShapeException;
import java.util.Arrays;

/**
 * A layer that makes features comparable: each, along axis 1, becomes (x − mean) / deviation, with numbers learnt on data before the
 * training: {@code Seq.of(Scaler.fit(samples), linear(64), …)}. Inputs N×F or N×F×…, outputs the same. The numbers are constants of the
 * net: they are not trained, and a saved model has them, so that it takes raw samples.
 *
 * @param mean the mean of each feature
 * @param deviation the standard deviation of each feature, above 0
 */
public record Scaler(Tensor mean, Tensor deviation) implements Layer {
    /** Checks that there is a finite mean and a deviation above 0 for each feature. */
    public Scaler {
        Given.require("Scaler", "the mean", mean);
        Given.require("Scaler", "the deviation", deviation);
        boolean fits = mean.shape().rank() == 1
                && mean.shape().equals(deviation.shape())
                && mean.dtype() == DType.FLOAT
                && deviation.dtype() == DType.FLOAT;
        for (int i = 0; fits && i < mean.size(); i++) {
            fits = Float.isFinite(mean.floats()[i])
                    && Float.isFinite(deviation.floats()[i])
                    && deviation.floats()[i] > 0;
        }
        if (!fits) {
            throw new IllegalArgumentException(Errors.badScaler(mean, deviation));
        }
    }

    /**
     * The means and deviations of samples, as scikit-learn's StandardScaler computes them: of the whole population. A feature that never
     * changes keeps its size.
     *
     * @param samples N×F or N×F×…, floating-point
     * @throws IllegalArgumentException if there are none, or a number is not finite
     */
    public static Scaler fit(Tensor samples) {
        Shape shape = Given.require("Scaler.fit", "the samples", samples).shape();
        if (shape.rank() < 2 || shape.size() == 0 || samples.dtype() != DType.FLOAT) {
            throw new IllegalArgumentException(Errors.notFeatures(shape));
        }
        int features = shape.dim(1);
        int step = shape.strides()[1];
        float[] data = samples.floats();
        double[] means = new double[features];
        double[] squares = new double[features];
        for (int i = 0; i < data.length; i++) {
            means[i / step % features] += data[i];
        }
        double count = (double) shape.size() / features;
        Arrays.setAll(means, f -> means[f] / count);
        for (int i = 0; i < data.length; i++) {
            int f = i / step % features;
            squares[f] += (data[i] - means[f]) * (data[i] - means[f]);
        }
        Tensor mean = Tensor.zeros(features);
        Tensor deviation = Tensor.zeros(features);
        for (int f = 0; f < features; f++) {
            mean.floats()[f] = (float) means[f];
            float own = (float) Math.sqrt(squares[f] / count);
            deviation.floats()[f] = own == 0 ? 1 : own;
        }
        return new Scaler(mean, deviation);
    }

    @Override
    public Expr apply(Scope scope, Expr x) {
        if (x.shape().rank() < 2 || x.shape().dim(1) != mean.size()) {
            throw new ShapeException(Errors.otherFeatures(mean.size(), x.shape()));
        }
        return x.sub(Channels.along(Expr.constant(mean), x.shape()))
                .div(Channels.along(Expr.constant(deviation), x.shape()));
    }

    /** The layer with its number of features. */
    @Override
    public String toString() {
        return "scaler of " + mean.size() + " features";
    }
}
