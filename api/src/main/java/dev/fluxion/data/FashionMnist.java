package dev.fluxion.data;

import java.nio.file.Path;
import java.util.List;

/**
 * Reads Fashion-MNIST, photographs of clothes in the format of {@link Mnist}, by Xiao, Rasul and Vollgraf: 60,000 images to learn from
 * and 10,000 to test with, 1×28×28.
 */
public final class FashionMnist {
    private static final String TORCHVISION = "FashionMNIST";
    private static final List<String> CLASSES = List.of(
            "T-shirt/top", "Trouser", "Pullover", "Dress", "Coat", "Sandal", "Shirt", "Sneaker", "Bag", "Ankle boot");

    private FashionMnist() {}

    /**
     * The images to learn from, in files that are called as those of {@link Mnist#train}, or in {@code FashionMNIST/raw} within.
     *
     * @throws DataFileException if a file is missing or not what it should be
     */
    public static ImageDataset train(Path folder) throws DataFileException {
        return Mnist.find(folder, "train", TORCHVISION, CLASSES);
    }

    /**
     * The images to test with.
     *
     * @throws DataFileException if a file is missing or not what it should be
     */
    public static ImageDataset test(Path folder) throws DataFileException {
        return Mnist.find(folder, "t10k", TORCHVISION, CLASSES);
    }
}
