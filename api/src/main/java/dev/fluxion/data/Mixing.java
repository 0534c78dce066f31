package dev.fluxion.data;

import dev.fluxion.Tensor;
import dev.fluxion.Tensors;
import dev.fluxion.ir.DType;
import dev.fluxion.ir.Shape;
import java.util.List;

/**
 * Each image mixed with another one of its batch, and its target likewise.
 *
 * @param cut whether a rectangle of the other image is put into it (CutMix), or all pixels are mixed (mixup)
 * @param alpha the parameter of the beta distribution of the image's own part
 * @param classes the number of classes that labels are of
 */
public record Mixing(boolean cut, double alpha, int classes) implements Augmentation {
    /** Checks the numbers. */
    public Mixing {
        Errors.requireIn(cut ? "cutmix" : "mixup", "alpha", 0.001, 1000, alpha);
        Errors.requireAtLeast(cut ? "cutmix" : "mixup", "the number of classes", 1, classes);
    }

    @Override
    public Batch apply(Batch batch, List<Rng> draws) {
        Images from = Images.of(name(), batch);
        Images to = from.copy();
        Tensor targets = probabilities(batch.targets());
        Tensor mixed = Tensor.of(targets.floats().clone(), targets.shape());
        int row = targets.size() / from.count();
        for (int i = 0; i < from.count(); i++) {
            Rng random = draws.get(i);
            int other = random.below(from.count());
            double drawn = beta(random);
            float own = cut
                    ? cut(from, to, i, other, random, drawn)
                    : mix(from.pixels(), to.pixels(), i, other, from.size(), (float) drawn);
            mix(targets.floats(), mixed.floats(), i, other, row, own);
        }
        return to.with(named(batch.allTargets(), mixed));
    }

    private String name() {
        return cut ? "cutmix" : "mixup";
    }

    private static Tensors named(Tensors before, Tensor only) {
        return before.map(t -> only);
    }

    private static float mix(float[] from, float[] to, int image, int other, int size, float own) {
        for (int i = 0; i < size; i++) {
            to[image * size + i] = own * from[image * size + i] + (1 - own) * from[other * size + i];
        }
        return own;
    }

    private static float cut(Images from, Images to, int image, int other, Rng random, double own) {
        double side = Math.sqrt(1 - own);
        int middleY = random.below(from.height());
        int middleX = random.below(from.width());
        int halfY = (int) (side * from.height()) / 2;
        int halfX = (int) (side * from.width()) / 2;
        int top = Math.max(0, middleY - halfY);
        int bottom = Math.min(from.height(), middleY + halfY);
        int left = Math.max(0, middleX - halfX);
        int right = Math.min(from.width(), middleX + halfX);
        for (int c = 0; c < from.channels(); c++) {
            for (int y = top; y < bottom; y++) {
                System.arraycopy(
                        from.pixels(),
                        from.row(other, c, y) + left,
                        to.pixels(),
                        to.row(image, c, y) + left,
                        right - left);
            }
        }
        return 1 - (bottom - top) * (right - left) / (float) (from.height() * from.width());
    }

    private Tensor probabilities(Tensor targets) {
        if (targets.dtype() == DType.FLOAT) {
            return targets;
        }
        if (targets.shape().rank() != 1) {
            throw new IllegalArgumentException(Errors.noLabels(name(), targets));
        }
        float[] probabilities = new float[targets.size() * classes];
        for (int i = 0; i < targets.size(); i++) {
            int label = targets.ints()[i];
            if (label < 0 || label >= classes) {
                throw new IllegalArgumentException(Errors.otherClass(name(), label, classes));
            }
            probabilities[i * classes + label] = 1;
        }
        return Tensor.of(probabilities, Shape.of(targets.size(), classes));
    }

    private double beta(Rng random) {
        double one = gamma(random);
        double other = gamma(random);
        return one + other == 0 ? random.below(2) : one / (one + other);
    }

    /** From the gamma distribution of α (Marsaglia, Tsang, "A simple method for generating gamma variables", 2000). */
    private double gamma(Rng random) {
        double boost = alpha < 1 ? StrictMath.pow(1 - random.between(0, 1), 1 / alpha) : 1;
        double d = (alpha < 1 ? alpha + 1 : alpha) - 1.0 / 3;
        double c = 1 / Math.sqrt(9 * d);
        while (true) {
            double x = normal(random);
            double v = 1 + c * x;
            double cube = v * v * v;
            double u = 1 - random.between(0, 1);
            if (v > 0 && StrictMath.log(u) < 0.5 * x * x + d - d * cube + d * StrictMath.log(cube)) {
                return boost * d * cube;
            }
        }
    }

    private static double normal(Rng random) {
        double radius = Math.sqrt(-2 * StrictMath.log(1 - random.between(0, 1)));
        return radius * StrictMath.cos(2 * Math.PI * random.between(0, 1));
    }

    @Override
    public String toString() {
        return name() + "(" + alpha + ", " + classes + ")";
    }
}
