package dev.fluxion.data;

import dev.fluxion.Tensor;
import dev.fluxion.Tensors;
import dev.fluxion.ir.Given;
import dev.fluxion.ir.Shape;

/** Functions for {@link Dataset#map} and {@link DataLoader#augment}. Any other function from batch to batch does as well. */
public final class Transforms {
    private Transforms() {}

    /**
     * (x − mean) / std for inputs of one channel (batch, 1, …).
     *
     * @throws IllegalArgumentException if the standard deviation is not positive and finite
     */
    public static Transform normalize(float mean, float std) {
        return normalize(new float[] {mean}, new float[] {std});
    }

    /**
     * (x − mean) / std with a mean and a standard deviation for each channel of inputs (batch, channels, …).
     *
     * @throws IllegalArgumentException if there are not as many means as deviations, or a deviation is not positive and
     *     finite; and later, from the function, if the inputs have another number of channels
     */
    public static Transform normalize(float[] mean, float[] std) {
        Given.require("normalize", "the means", mean);
        Given.require("normalize", "the standard deviations", std);
        if (mean.length != std.length || mean.length == 0) {
            throw new IllegalArgumentException(Errors.channelsDisagree(mean.length, std.length));
        }
        for (float s : std) {
            if (!(s > 0 && Float.isFinite(s))) {
                throw new IllegalArgumentException(Errors.badDeviation(s));
            }
        }
        float[] means = mean.clone();
        float[] stds = std.clone();
        return batch -> new Batch(Tensors.of(normalized(batch.inputs(), means, stds)), batch.allTargets());
    }

    private static Tensor normalized(Tensor inputs, float[] mean, float[] std) {
        Shape shape = inputs.shape();
        if (shape.rank() < 2 || shape.dim(1) != mean.length) {
            throw new IllegalArgumentException(Errors.cannotNormalize(shape, mean.length));
        }
        float[] from = inputs.floats();
        float[] to = new float[from.length];
        int plane = shape.without(0).without(0).size();
        for (int p = 0; p < shape.dim(0) * mean.length; p++) {
            normalize(from, to, p * plane, plane, mean[p % mean.length], std[p % mean.length]);
        }
        return Tensor.of(to, shape);
    }

    private static void normalize(float[] from, float[] to, int at, int length, float mean, float std) {
        for (int i = at; i < at + length; i++) {
            to[i] = (from[i] - mean) / std;
        }
    }

    /** Images (batch, channels, height, width) in another size, bilinear; smaller ones are averages, as Pillow and torchvision make them. */
    public static Transform resize(int height, int width) {
        Errors.requireAtLeast("resize", "the height", 1, height);
        Errors.requireAtLeast("resize", "the width", 1, width);
        return batch -> {
            Images from = Images.of("resize", batch);
            Images to = from.blank(height, width);
            Resampling resize = new Resampling(from.height(), from.width(), height, width);
            for (int plane = 0; plane < from.count() * from.channels(); plane++) {
                resize.apply(from.pixels(), plane * from.height() * from.width(), to.pixels(), plane * height * width);
            }
            return to.with(batch.allTargets());
        };
    }

    /** The middle of images, of this height and width. */
    public static Transform centreCrop(int size) {
        return centreCrop(size, size);
    }

    /**
     * The middle of images, of a height and a width.
     *
     * @throws IllegalArgumentException if a number is below 1; and later, from the function, if images are smaller
     */
    public static Transform centreCrop(int height, int width) {
        Errors.requireAtLeast("centreCrop", "the height", 1, height);
        Errors.requireAtLeast("centreCrop", "the width", 1, width);
        return batch -> {
            Images from = Images.of("centreCrop", batch);
            if (from.height() < height || from.width() < width) {
                throw new IllegalArgumentException(
                        Errors.cropTooLarge("centreCrop(" + height + ", " + width + ")", from));
            }
            Images to = from.blank(height, width);
            for (int i = 0; i < from.count(); i++) {
                copy(from, to, i, (from.height() - height) / 2, (from.width() - width) / 2);
            }
            return to.with(batch.allTargets());
        };
    }

    /** Copies the part of an image that begins at a place, which may be outside of it. */
    static void copy(Images from, Images to, int image, int top, int left) {
        int first = Math.max(0, -left);
        int last = Math.min(to.width(), from.width() - left);
        for (int c = 0; c < from.channels() && first < last; c++) {
            for (int y = Math.max(0, -top); y < Math.min(to.height(), from.height() - top); y++) {
                System.arraycopy(
                        from.pixels(),
                        from.row(image, c, y + top) + left + first,
                        to.pixels(),
                        to.row(image, c, y) + first,
                        last - first);
            }
        }
    }
}
