package dev.fluxion.data;

import dev.fluxion.ir.Size;

/**
 * Augmentations of images (batch, channels, height, width) for {@link DataLoader#augment}. What comes from outside of an image is 0,
 * black, so normalise after them: {@code augment(seed, crop(32).padding(4), flip(), normalize(mean, std))}.
 */
public final class Augmentations {
    private Augmentations() {}

    /** A part of this height and width, from anywhere in the image. */
    public static RandomCrop crop(int size) {
        return crop(size, size);
    }

    /** A part of a height and a width, from anywhere in the image. */
    public static RandomCrop crop(int height, int width) {
        return new RandomCrop(new Size(height, width), 0);
    }

    /** Half of the images with left and right exchanged. */
    public static Flip flip() {
        return new Flip(false, 0.5);
    }

    /** Half of the images upside down. */
    public static Flip verticalFlip() {
        return new Flip(true, 0.5);
    }

    /** Images turned about their middle by up to so many degrees, either way. */
    public static RandomAffine rotation(double degrees) {
        return new RandomAffine(degrees, 0, 1, 1, 0);
    }

    /** Images that are turned, shifted, scaled and sheared, as the options of {@link RandomAffine} say; without any, left as they are. */
    public static RandomAffine affine() {
        return rotation(0);
    }

    /** Images of red, green and blue in [0, 1] with other colours, as the options of {@link ColorJitter} say. */
    public static ColorJitter colorJitter() {
        return new ColorJitter(0, 0, 0, 0);
    }

    /** A black square of this side at any place, also partly outside of the image. */
    public static Cutout cutout(int size) {
        return new Cutout(size);
    }

    /**
     * Each image mixed with another one of its batch, x = λx₁ + (1 − λ)x₂, and its target likewise, with λ from the beta distribution
     * of (α, α). Labels become probabilities, N×classes, for {@code crossEntropyWithProbabilities()}; targets that are floats stay so.
     *
     * @param alpha above 0; 0.2 is usual
     * @param classes the number of classes
     */
    public static Mixing mixup(double alpha, int classes) {
        return new Mixing(false, alpha, classes);
    }

    /**
     * A rectangle of each image from another one of its batch, whose part of the area is 1 − λ, and targets mixed by the areas: see
     * {@link #mixup}.
     *
     * @param alpha above 0; 1 is usual
     * @param classes the number of classes
     */
    public static Mixing cutmix(double alpha, int classes) {
        return new Mixing(true, alpha, classes);
    }
}
