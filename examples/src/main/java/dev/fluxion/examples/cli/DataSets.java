package dev.fluxion.examples.cli;

import dev.fluxion.data.Cifar10;
import dev.fluxion.data.Cifar100;
import dev.fluxion.data.DataFileException;
import dev.fluxion.data.FashionMnist;
import dev.fluxion.data.ImageDataset;
import dev.fluxion.data.Mnist;
import dev.fluxion.data.Split;
import dev.fluxion.data.SyntheticDigits;
import dev.fluxion.files.Fetch;
import dev.fluxion.files.ImageFolder;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Locale;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/** The built-in data sets. */
enum DataSets {
    /** Digits that are drawn by program. */
    DIGITS(null, null, null),
    /** Handwritten digits. */
    MNIST(Mnist::train, Mnist::test, Fetch::mnist),
    /** Clothes. */
    FASHION_MNIST(FashionMnist::train, FashionMnist::test, Fetch::fashionMnist),
    /** Photographs of ten kinds. */
    CIFAR10(Cifar10::train, Cifar10::test, Fetch::cifar10),
    /** Photographs of a hundred kinds. */
    CIFAR100(Cifar100::train, Cifar100::test, Fetch::cifar100),
    /** Images of the user's, in a folder for each class. */
    IMAGES(null, null, null);

    private static final int DRAWN = 20_000;
    private static final double TO_LEARN_FROM = 0.8;

    private final @Nullable Reader train;
    private final @Nullable Reader test;
    private final @Nullable Supplier<Fetch> fetch;

    /** What a user may say. */
    static final class Names extends ArrayList<String> {
        private static final long serialVersionUID = 1L;

        Names() {
            super(Arrays.stream(DataSets.values()).map(DataSets::toString).toList());
        }
    }

    /** Finds one by what a user says. */
    static final class Converter implements ITypeConverter<DataSets> {
        @Override
        public DataSets convert(String name) {
            return Arrays.stream(DataSets.values())
                    .filter(one -> one.toString().equals(name))
                    .findFirst()
                    .orElseThrow(() -> new TypeConversionException(
                            "expected one of " + String.join(", ", new Names()) + " but was '" + name + "'"));
        }
    }

    private interface Reader {
        ImageDataset read(Path folder) throws DataFileException;
    }

    DataSets(@Nullable Reader train, @Nullable Reader test, @Nullable Supplier<Fetch> fetch) {
        this.train = train;
        this.test = test;
        this.fetch = fetch;
    }

    /**
     * Reads it.
     *
     * @param folder where its files are, if somebody knows
     * @param samples how many are wanted to learn from; 0 for all
     * @param side the height and width of images of the user's
     */
    TrainingData read(@Nullable Path folder, boolean isFetched, int samples, int side) throws IOException {
        if (this == DIGITS) {
            return digits(samples);
        }
        if (this == IMAGES) {
            return images(folder, side).take(samples);
        }
        Path files = isFetched && fetch != null ? fetched(fetch.get()) : require(folder);
        if (train == null || test == null) {
            throw new IllegalStateException("nothing reads " + this);
        }
        ImageDataset known = train.read(files);
        return new TrainingData(this + " from " + files, known, test.read(files), known.classes()).take(samples);
    }

    private static TrainingData digits(int samples) {
        int count = samples == 0 ? DRAWN : samples;
        ImageDataset known = SyntheticDigits.of(count, 1);
        ImageDataset unseen = SyntheticDigits.of(Math.max(1, count / 5), 2);
        return new TrainingData("digits drawn by program", known, unseen, known.classes());
    }

    private TrainingData images(@Nullable Path folder, int side) throws IOException {
        ImageFolder all = ImageFolder.of(require(folder), side, side);
        Split split = Split.stratified(all.labels(), TO_LEARN_FROM, 0);
        return new TrainingData(
                "images from " + folder, all.select(split.train()), all.select(split.test()), all.classes());
    }

    private Path require(@Nullable Path folder) {
        if (folder == null) {
            throw new IllegalArgumentException(
                    fetch == null
                            ? this + " needs a folder with a folder for each class: --data DIR"
                            : this + " needs its files: --data DIR, or --fetch to download them");
        }
        Path own = folder.resolve(toString());
        return fetch != null && own.toFile().isDirectory() ? own : folder;
    }

    private static Path fetched(Fetch fetch) throws IOException {
        AtomicBoolean isShown = new AtomicBoolean();
        try {
            return fetch.progress(part -> {
                        isShown.set(true);
                        System.err.printf("\r%s: %,d of %,d bytes", part.file(), part.bytes(), part.total());
                    })
                    .folder();
        } finally {
            if (isShown.get()) {
                System.err.println();
            }
        }
    }

    /** As the user writes it. */
    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }
}
