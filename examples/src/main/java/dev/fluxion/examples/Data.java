package dev.fluxion.examples;

import dev.fluxion.data.Cifar10;
import dev.fluxion.data.ImageDataset;
import dev.fluxion.data.Mnist;
import dev.fluxion.data.SyntheticDigits;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * Images for training and for testing.
 *
 * @param name what they are
 * @param train the training images
 * @param test the test images
 */
record Data(String name, ImageDataset train, ImageDataset test) {
    private static final int DRAWN = 20_000;
    private static final int TRAIN_SEED = 1;
    private static final int TEST_SEED = 2;

    /** MNIST from a folder, or generated digits without one; {@code images} 0 means the usual number. */
    static Data digits(@Nullable Path folder, int images) throws IOException {
        if (folder == null) {
            int count = requireCount(images) == 0 ? DRAWN : images;
            return new Data(
                    "digits drawn by program",
                    SyntheticDigits.of(count, TRAIN_SEED),
                    SyntheticDigits.of(testImages(count), TEST_SEED));
        }
        Path mnist = within(folder, "mnist");
        return new Data("MNIST from " + mnist, Mnist.train(mnist), Mnist.test(mnist)).take(images);
    }

    /** CIFAR-10. */
    static Data photographs(@Nullable Path folder, int images) throws IOException {
        if (folder == null) {
            throw new FileNotFoundException("CIFAR-10 is not part of Fluxion. Get and unpack"
                    + " https://www.cs.toronto.edu/~kriz/cifar-10-binary.tar.gz (170 MB)"
                    + " and name the folder that has cifar-10-batches-bin in it: --data DIR or -Dfluxion.data=DIR");
        }
        Path cifar = within(folder, "cifar10");
        return new Data("CIFAR-10 from " + cifar, Cifar10.train(cifar), Cifar10.test(cifar)).take(images);
    }

    private static int requireCount(int images) {
        if (images < 0) {
            throw new IllegalArgumentException("images must be at least 0 but is " + images);
        }
        return images;
    }

    private static Path within(Path folder, String name) {
        return Files.isDirectory(folder.resolve(name)) ? folder.resolve(name) : folder;
    }

    private static int testImages(int images) {
        return Math.max(1, images / 5);
    }

    private Data take(int images) {
        return requireCount(images) == 0 || images >= train.size()
                ? this
                : new Data(name, train.take(images), test.take(Math.min(testImages(images), test.size())));
    }

    /** The name and the numbers of images. */
    @Override
    public String toString() {
        return String.format(
                "%s: %,d images %s to learn from, %,d to test with", name, train.size(), train.shape(), test.size());
    }
}
