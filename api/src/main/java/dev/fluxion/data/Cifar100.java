package dev.fluxion.data;

import java.nio.file.Path;
import java.util.List;

/**
 * Reads CIFAR-100 in its binary version: records of a label of 20 kinds, which is passed over, one of 100 classes, and 3072 bytes of
 * pixels as {@link Cifar10} has them. 50,000 photographs to learn from and 10,000 to test with, 3×32×32.
 */
public final class Cifar100 {
    private static final String FOLDER = "cifar-100-binary";
    private static final List<String> CLASSES = List.of("""
            apple aquarium_fish baby bear beaver bed bee beetle bicycle bottle bowl boy bridge bus
            butterfly camel can castle caterpillar cattle chair chimpanzee clock cloud cockroach couch crab
            crocodile cup dinosaur dolphin elephant flatfish forest fox girl hamster house kangaroo
            keyboard lamp lawn_mower leopard lion lizard lobster man maple_tree motorcycle mountain mouse
            mushroom oak_tree orange orchid otter palm_tree pear pickup_truck pine_tree plain plate poppy
            porcupine possum rabbit raccoon ray road rocket rose sea seal shark shrew skunk skyscraper
            snail snake spider squirrel streetcar sunflower sweet_pepper table tank telephone television
            tiger tractor train trout tulip turtle wardrobe whale willow_tree wolf woman worm
            """.strip().split("\\s+"));

    private Cifar100() {}

    /**
     * The images to learn from: {@code train.bin} in a folder, or in {@code cifar-100-binary} within.
     *
     * @throws DataFileException if the file is missing or not what it should be
     */
    public static ImageDataset train(Path folder) throws DataFileException {
        return read(folder, "train.bin");
    }

    /**
     * The images to test with: {@code test.bin}.
     *
     * @throws DataFileException if the file is missing or not what it should be
     */
    public static ImageDataset test(Path folder) throws DataFileException {
        return read(folder, "test.bin");
    }

    private static ImageDataset read(Path folder, String file) throws DataFileException {
        return CifarFiles.read(CifarFiles.find(folder, FOLDER, "cifar-100-python", file), 2, 1, CLASSES);
    }
}
