package dev.fluxion.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import dev.fluxion.Tensor;
import dev.fluxion.ir.Shape;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import java.util.zip.CRC32;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class MnistTest {
    private static final byte[] IMAGES = join(ints(0x803, 2, 2, 3), new byte[] {0, 1, 2, 3, 4, -1, 6, 7, 8, 9, 10, 11});
    private static final byte[] LABELS = join(ints(0x801, 2), new byte[] {9, 3});

    @TempDir
    Path dir;

    @Test
    void readsPlainAndCompressedTheSame() throws IOException {
        ImageDataset plain = Mnist.read(file("i", IMAGES), file("l", LABELS));
        ImageDataset packed = Mnist.read(file("ip", gzip(IMAGES)), file("lp", gzip(LABELS)));
        assertThat(plain.shape()).isEqualTo(Shape.of(1, 2, 3));
        assertThat(plain.batch(0, 1).targets()).isEqualTo(Tensor.labels(9, 3));
        assertThat(plain.image(0).at(0, 1, 2)).isEqualTo(1f);
        assertThat(plain.image(1).at(0, 1, 0)).isEqualTo(9 / 255f);
        assertThat(packed.batch(0, 1)).isEqualTo(plain.batch(0, 1));
    }

    @ParameterizedTest
    @CsvSource({"-idx,''", "-idx,.gz", ".idx,''", ".idx,.gz"})
    void findsStandardNames(String mark, String end) throws IOException {
        file("train-images" + mark + "3-ubyte" + end, IMAGES);
        file("train-labels" + mark + "1-ubyte" + end, LABELS);
        file("t10k-images" + mark + "3-ubyte" + end, gzip(IMAGES));
        file("t10k-labels" + mark + "1-ubyte" + end, gzip(LABELS));
        assertThat(Mnist.train(dir).size()).isEqualTo(2);
        assertThat(Mnist.test(dir).size()).isEqualTo(2);
    }

    /** As torchvision keeps them; where both data sets are, each reader takes its own. */
    @Test
    void foldersOfTorchvisionAreRead() throws IOException {
        for (String within : List.of("MNIST/raw/", "FashionMNIST/raw/")) {
            Files.createDirectories(dir.resolve(within));
            file(within + "train-images-idx3-ubyte", IMAGES);
            file(within + "train-labels-idx1-ubyte.gz", gzip(LABELS));
            file(within + "t10k-images-idx3-ubyte", IMAGES);
            file(within + "t10k-labels-idx1-ubyte", LABELS);
        }
        assertThat(Mnist.train(dir).classes()).startsWith("0", "1");
        assertThat(Mnist.test(dir.resolve("MNIST")).size()).isEqualTo(2);
        assertThat(FashionMnist.train(dir).classes())
                .startsWith("T-shirt/top", "Trouser")
                .hasSize(10);
        assertThat(FashionMnist.test(dir.resolve("FashionMNIST")).size()).isEqualTo(2);
        Files.delete(dir.resolve("FashionMNIST/raw/train-images-idx3-ubyte"));
        assertThatThrownBy(() -> FashionMnist.train(dir))
                .hasMessageEndingWith("the folder lacks train-images-idx3-ubyte, looked for with - or . before idx,"
                        + " plain or as .gz, in it, in raw and in FashionMNIST/raw");
    }

    @Test
    void saysWhatIsMissing() throws IOException {
        String looked = ", looked for with - or . before idx, plain or as .gz, in it, in raw and in" + " MNIST/raw";
        assertThatThrownBy(() -> Mnist.train(dir))
                .isInstanceOf(DataFileException.class)
                .hasMessage(dir + ": the folder lacks train-images-idx3-ubyte, train-labels-idx1-ubyte" + looked);
        file("t10k-images.idx3-ubyte.gz", gzip(IMAGES));
        assertThatThrownBy(() -> Mnist.test(dir))
                .hasMessage(dir + ": the folder lacks t10k-labels-idx1-ubyte" + looked);
        Path labels = file("l", LABELS);
        assertThatThrownBy(() -> Mnist.train(dir.resolve("none")))
                .isInstanceOf(DataFileException.class)
                .hasMessage(dir.resolve("none") + ": no such folder");
        assertThatThrownBy(() -> Mnist.train(labels)).hasMessage(labels + ": expected a folder");
        assertThatThrownBy(() -> Mnist.read(dir.resolve("none"), labels))
                .isInstanceOf(DataFileException.class)
                .hasMessage(dir.resolve("none") + ": no such file");
        assertThatThrownBy(() -> Mnist.read(dir, labels))
                .isInstanceOf(DataFileException.class)
                .hasMessageContaining("expected a regular file");
    }

    /** As {@code cat a.gz b.gz} makes them, and tools that compress in blocks and end with an empty one. */
    @Test
    void readsGzipOfSeveralMembers() throws IOException {
        ImageDataset plain = Mnist.read(file("i", IMAGES), file("l", LABELS));
        Path labels = file("lp", join(gzip(Arrays.copyOf(LABELS, 9)), gzip(Arrays.copyOfRange(LABELS, 9, 10))));
        for (int cut = 0; cut <= IMAGES.length; cut++) {
            byte[] first = gzip(Arrays.copyOf(IMAGES, cut));
            byte[] second = gzip(Arrays.copyOfRange(IMAGES, cut, IMAGES.length));
            Path images = file("ip", join(join(first, second), gzip(new byte[0])));
            assertThat(Mnist.read(images, labels).batch(0, 1)).isEqualTo(plain.batch(0, 1));
        }
    }

    @Test
    void readsEveryFieldOfAGzipHeader() throws IOException {
        byte[] packed = gzip(IMAGES);
        ByteArrayOutputStream header = new ByteArrayOutputStream();
        header.write(packed, 0, 10);
        header.writeBytes(new byte[] {3, 0, 'x', 'y', 'z', 'n', 'a', 'm', 'e', 0, 's', 'a', 'y', 's', 0});
        byte[] fields = header.toByteArray();
        fields[3] = 0x1e;
        CRC32 sum = new CRC32();
        sum.update(fields);
        byte[] check = {(byte) sum.getValue(), (byte) (sum.getValue() >> 8)};
        byte[] content = Arrays.copyOfRange(packed, 10, packed.length);
        Path labels = file("l", LABELS);
        Path images = file("i", join(join(fields, check), content));
        assertThat(Mnist.read(images, labels).batch(1))
                .isEqualTo(Mnist.read(file("p", IMAGES), labels).batch(1));
        check[0] ^= 1;
        file("i", join(join(fields, check), content));
        assertThatThrownBy(() -> Mnist.read(images, labels)).hasMessageContaining("the header is not what its check");
    }

    static Stream<Arguments> hostileImages() {
        byte[] packed = gzip(IMAGES);
        byte[] badCheck = packed.clone();
        badCheck[packed.length - 6] ^= 1;
        return Stream.of(
                arguments(
                        "labels instead",
                        LABELS,
                        "expected the IDX magic number 0x00000803 (images), found 0x00000801"),
                arguments("floats instead", join(ints(0xd03, 2, 2, 3), new byte[12]), "found 0x00000d03"),
                arguments("empty", new byte[0], "ends inside its header of 16 bytes"),
                arguments("no image", ints(0x803, 0, 2, 3), "extents [0, 2, 3]"),
                arguments("negative extent", ints(0x803, -1, 2, 3), "extents [4294967295, 2, 3]"),
                arguments("overflow", ints(0x803, 65536, 65536, 65536), "more than the 1073741824 bytes"),
                arguments("overflow to the size", ints(0x803, 0x40000003, 4, 1), "more than the 1073741824 bytes"),
                arguments("promises much", ints(0x803, 2, 1 << 14, 1 << 15), "expected 1073741840 bytes, found 16"),
                arguments("promises many", ints(0x803, 1 << 20, 32, 32), "holds 1048576 images, but "),
                arguments(
                        "compressed, promises much",
                        gzip(ints(0x803, 2, 1 << 14, 1 << 15)),
                        "expected 1073741840 bytes, found 16"),
                arguments("trailing", join(IMAGES, new byte[1]), "goes on after the 28 bytes"),
                arguments("compressed trailing", gzip(join(IMAGES, new byte[9])), "goes on after the 28 bytes"),
                arguments("trailing after gzip", join(packed, new byte[5]), "what follows is not a gzip stream"),
                arguments("half a header after gzip", join(packed, Arrays.copyOf(packed, 5)), "it ends too early"),
                arguments("a second gzip stream", join(packed, gzip(new byte[1])), "goes on after the 28 bytes"),
                arguments("bomb", gzip(join(IMAGES, new byte[50_000_000])), "goes on after the 28 bytes"),
                arguments("gzip without content", Arrays.copyOf(packed, 3), "gzip stream is corrupt or cut short"),
                arguments("gzip check", badCheck, "gzip stream is corrupt or cut short"),
                arguments("other method", new byte[] {0x1f, (byte) 0x8b, 9, 0, 0, 0, 0, 0, 0, 0}, "corrupt"),
                arguments("one more", join(ints(0x803, 3, 2, 3), new byte[18]), "holds 3 images, but "));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("hostileImages")
    void refusesImages(String name, byte[] images, String message) throws IOException {
        Path file = file("images", images);
        Path labels = file("labels", LABELS);
        assertThatExceptionOfType(DataFileException.class)
                .isThrownBy(() -> Mnist.read(file, labels))
                .withMessageStartingWith(file + ": ")
                .withMessageContaining(message)
                .satisfies(e -> assertThat(e.path()).isEqualTo(file));
    }

    @Test
    void refusesLabelsOutOfRange() throws IOException {
        Path images = file("i", IMAGES);
        for (byte label : new byte[] {10, -1}) {
            Path labels = file("l", join(ints(0x801, 2), new byte[] {3, label}));
            assertThatThrownBy(() -> Mnist.read(images, labels))
                    .isInstanceOf(DataFileException.class)
                    .hasMessage(labels + ": label " + (label & 255) + " of image 1 is outside [0, 10)");
        }
        assertThatThrownBy(() -> Mnist.read(images, file("l", LABELS), List.of("a", "b")))
                .isInstanceOf(DataFileException.class)
                .hasMessageContaining("outside [0, 2)");
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void refusesFilesCutAnywhere(boolean compressed) throws IOException {
        byte[] images = compressed ? gzip(IMAGES) : IMAGES;
        byte[] labels = compressed ? gzip(LABELS) : LABELS;
        Path wholeImages = file("i", images);
        Path wholeLabels = file("l", labels);
        for (int n = 0; n < images.length; n++) {
            Path cut = file("cut", Arrays.copyOf(images, n));
            assertThatThrownBy(() -> Mnist.read(cut, wholeLabels)).isInstanceOf(DataFileException.class);
        }
        for (int n = 0; n < labels.length; n++) {
            Path cut = file("cut", Arrays.copyOf(labels, n));
            assertThatThrownBy(() -> Mnist.read(wholeImages, cut)).isInstanceOf(DataFileException.class);
        }
    }

    @Test
    void anyFlippedBitIsReadOrRefusedAsDocumented() throws IOException {
        byte[] packed = gzip(IMAGES);
        Path labels = file("l", LABELS);
        for (int bit = 0; bit < 8 * packed.length; bit++) {
            byte[] flipped = packed.clone();
            flipped[bit / 8] ^= (byte) (1 << bit % 8);
            try {
                Mnist.read(file("flipped", flipped), labels);
            } catch (DataFileException documented) {
                assertThat(documented).hasMessageContaining("flipped");
            }
        }
    }

    @Test
    void readsTheRealFiles() throws IOException {
        Path mnist = Path.of(System.getProperty("fluxion.data", "none"), "mnist");
        assumeTrue(Files.isDirectory(mnist), "optional data set missing: mnist");
        ImageDataset train = Mnist.train(mnist);
        assertThat(train).hasToString("60000 images of 1×28×28 in 10 classes");
        assertThat(train.batch(0, 1, 2, 3, 4).targets()).isEqualTo(Tensor.labels(5, 0, 4, 1, 9));
        ImageDataset test = Mnist.test(mnist);
        assertThat(test).hasToString("10000 images of 1×28×28 in 10 classes");
        assertThat(test.batch(0, 1, 2).targets()).isEqualTo(Tensor.labels(7, 2, 1));
        double sum = 0;
        for (Batch batch : DataLoader.of(train).batch(1000).epoch(0)) {
            for (float p : batch.inputs().floats()) {
                sum += p;
            }
        }
        assertThat(sum / 60_000 / 784).isBetween(0.13065, 0.13067);
    }

    private Path file(String name, byte[] content) throws IOException {
        return Files.write(dir.resolve(name), content);
    }

    static byte[] gzip(byte[] content) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        try (OutputStream gzip = new GZIPOutputStream(out)) {
            gzip.write(content);
        } catch (IOException e) {
            throw new AssertionError(e);
        }
        return out.toByteArray();
    }

    private static byte[] ints(int... values) {
        ByteBuffer out = ByteBuffer.allocate(4 * values.length);
        out.asIntBuffer().put(values);
        return out.array();
    }

    private static byte[] join(byte[] a, byte[] b) {
        byte[] both = Arrays.copyOf(a, a.length + b.length);
        System.arraycopy(b, 0, both, a.length, b.length);
        return both;
    }
}
