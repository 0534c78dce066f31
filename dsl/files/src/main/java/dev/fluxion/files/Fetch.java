package dev.fluxion.files;

import dev.fluxion.data.DataFileException;
import dev.fluxion.ir.Given;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;

/**
 * Fetches a data set when {@link #folder()} is called, and never else: {@code Mnist.train(Fetch.mnist().folder())}. What is there already
 * is not fetched again; each file has the SHA-256 that is known of it, or is not taken. A download that broke off goes on where it was,
 * and a file appears only when it is whole.
 *
 * @param name the folder within the cache
 * @param sums the names of the files and their SHA-256, in hexadecimal digits
 * @param unpacked what is unpacked of them, where they are archives (.tar.gz); empty for nothing
 * @param mirrors the addresses that the names of files are put behind, in the order in which they are tried
 * @param cache where data sets are kept, at first what {@code -Dfluxion.cache} says, or {@code .cache/fluxion} in the user's home
 * @param offline whether nothing may be fetched, at first what {@code -Dfluxion.offline=true} says
 * @param progress is told of each part that has come
 */
public record Fetch(
        String name,
        Map<String, String> sums,
        List<String> unpacked,
        List<String> mirrors,
        Path cache,
        boolean offline,
        Consumer<Progress> progress) {
    private static final String FETCH = "Fetch";

    /**
     * How far a download is.
     *
     * @param file the name of the file
     * @param bytes how many bytes are there
     * @param total how many there will be, −1 if nobody knows
     */
    public record Progress(String file, long bytes, long total) {}

    /** Copies the collections. */
    public Fetch {
        Given.require(FETCH, "the name", name);
        sums = Map.copyOf(Given.require(FETCH, "the checksums", sums));
        unpacked = List.copyOf(Given.require(FETCH, "what is unpacked", unpacked));
        mirrors = List.copyOf(Given.require(FETCH, "the mirrors", mirrors));
        Given.require(FETCH, "the cache", cache);
        Given.require(FETCH, "the progress", progress);
    }

    private static Fetch of(String name, Map<String, String> sums, List<String> unpacked, String... mirrors) {
        String cache = System.getProperty("fluxion.cache");
        return new Fetch(
                name,
                sums,
                unpacked,
                List.of(mirrors),
                cache == null ? Path.of(System.getProperty("user.home"), ".cache", "fluxion") : Path.of(cache),
                Boolean.getBoolean("fluxion.offline"),
                part -> {});
    }

    private static Map<String, String> idx(String images, String labels, String testImages, String testLabels) {
        return Map.of(
                "train-images-idx3-ubyte.gz", images,
                "train-labels-idx1-ubyte.gz", labels,
                "t10k-images-idx3-ubyte.gz", testImages,
                "t10k-labels-idx1-ubyte.gz", testLabels);
    }

    /** MNIST, 11 MB, for {@link dev.fluxion.data.Mnist}. */
    public static Fetch mnist() {
        return of(
                "mnist",
                idx(
                        "440fcabf73cc546fa21475e81ea370265605f56be210a4024d2ca8f203523609",
                        "3552534a0a558bbed6aed32b30c495cca23d567ec52cac8be1a0730e8010255c",
                        "8d422c7b0a1c1c79245a5bcf07fe86e33eeafee792b84584aec276f5a2dbc4e6",
                        "f7ae60f92e00ec6debd23a6088c31dbd2371eca3ffa0defaefb259924204aec6"),
                List.of(),
                "https://ossci-datasets.s3.amazonaws.com/mnist/",
                "https://storage.googleapis.com/cvdf-datasets/mnist/");
    }

    /** Fashion-MNIST, 30 MB, for {@link dev.fluxion.data.FashionMnist}. */
    public static Fetch fashionMnist() {
        return of(
                "fashion-mnist",
                idx(
                        "3aede38d61863908ad78613f6a32ed271626dd12800ba2636569512369268a84",
                        "a04f17134ac03560a47e3764e11b92fc97de4d1bfaf8ba1a3aa29af54cc90845",
                        "346e55b948d973a97e58d2351dde16a484bd415d4595297633bb08f03db6a073",
                        "67da17c76eaffca5446c3361aaab5c3cd6d1c2608764d35dfb1850b086bf8dd5"),
                List.of(),
                "https://raw.githubusercontent.com/zalandoresearch/fashion-mnist/master/data/fashion/",
                "http://fashion-mnist.s3-website.eu-central-1.amazonaws.com/");
    }

    /** CIFAR-10, 170 MB, for {@link dev.fluxion.data.Cifar10}. */
    public static Fetch cifar10() {
        List<String> files = new ArrayList<>(List.of("cifar-10-batches-bin/test_batch.bin"));
        for (int i = 1; i <= 5; i++) {
            files.add("cifar-10-batches-bin/data_batch_" + i + ".bin");
        }
        return of(
                "cifar10",
                Map.of("cifar-10-binary.tar.gz", "c4a38c50a1bc5f3a1c5537f2155ab9d68f9f25eb1ed8d9ddda3db29a59bca1dd"),
                files,
                "https://www.cs.toronto.edu/~kriz/");
    }

    /** CIFAR-100, 169 MB, for {@link dev.fluxion.data.Cifar100}. */
    public static Fetch cifar100() {
        return of(
                "cifar100",
                Map.of("cifar-100-binary.tar.gz", "58a81ae192c23a4be8b1804d68e518ed807d710a4eb253b1f2a199162a40d8ec"),
                List.of(
                        "cifar-100-binary/train.bin",
                        "cifar-100-binary/test.bin",
                        "cifar-100-binary/fine_label_names.txt"),
                "https://www.cs.toronto.edu/~kriz/");
    }

    /** This with another folder for data sets. */
    public Fetch cache(Path folder) {
        return new Fetch(name, sums, unpacked, mirrors, folder, offline, progress);
    }

    /** This, which fetches nothing, or may. */
    public Fetch offline(boolean whether) {
        return new Fetch(name, sums, unpacked, mirrors, cache, whether, progress);
    }

    /** This with other addresses that the names of files are put behind, in the order in which they are tried. */
    public Fetch mirrors(String... addresses) {
        return new Fetch(name, sums, unpacked, Given.all("mirrors", "an address", addresses), cache, offline, progress);
    }

    /** This, which tells how far it is. */
    public Fetch progress(Consumer<Progress> listener) {
        return new Fetch(name, sums, unpacked, mirrors, cache, offline, listener);
    }

    /**
     * The folder with the data set, which is fetched if it is not there.
     *
     * @throws DataFileException if a file is not there and may not be fetched, or no mirror gives it as it should be; the message has what
     *     each of them did
     */
    public Path folder() throws DataFileException {
        Path folder = cache.resolve(name);
        if (!unpacked.isEmpty() && unpacked.stream().allMatch(file -> Files.isRegularFile(folder.resolve(file)))) {
            return folder;
        }
        try {
            Files.createDirectories(folder);
            for (Map.Entry<String, String> file : sums.entrySet()) {
                Path target = folder.resolve(file.getKey());
                if (!Download.isThere(target, file.getValue())) {
                    fetch(target, file.getValue());
                }
                if (!unpacked.isEmpty()) {
                    Tar.unpack(target, unpacked, folder);
                }
            }
            return folder;
        } catch (DataFileException e) {
            throw e;
        } catch (IOException e) {
            throw new DataFileException(folder, Errors.unreadable(e), e);
        }
    }

    private void fetch(Path target, String sum) throws DataFileException {
        if (offline) {
            throw new DataFileException(target, Errors.offline());
        }
        List<IOException> failures = new ArrayList<>();
        List<String> told = new ArrayList<>();
        for (String mirror : mirrors) {
            String address = mirror + target.getFileName();
            try {
                new Download(address, target, sum, progress).run();
                return;
            } catch (IOException e) {
                failures.add(e);
                told.add(address + ": " + e.getMessage());
            }
        }
        DataFileException none = new DataFileException(target, Errors.noMirror(told));
        failures.forEach(none::addSuppressed);
        throw none;
    }
}
