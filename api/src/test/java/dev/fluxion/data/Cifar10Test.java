package dev.fluxion.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.fluxion.Tensor;
import dev.fluxion.ir.Shape;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class Cifar10Test {
    @TempDir
    Path dir;

    @Test
    void readsFilesInOrderFromTheFolderOrItsParent() throws IOException {
        Path home = Files.createDirectory(dir.resolve("cifar-10-batches-bin"));
        for (int i = 1; i <= 5; i++) {
            Files.write(home.resolve("data_batch_" + i + ".bin"), records(i, i + 4));
        }
        Files.write(home.resolve("test_batch.bin"), records(0));
        for (Path folder : List.of(dir, home)) {
            ImageDataset train = Cifar10.train(folder);
            assertThat(train).hasToString("10 images of 3×32×32 in 10 classes");
            assertThat(train.batch(0, 1, 2, 9).targets()).isEqualTo(Tensor.labels(1, 5, 2, 9));
            assertThat(Cifar10.test(folder).size()).isEqualTo(1);
        }
        assertThat(Cifar10.test(dir).classes())
                .startsWith("airplane", "automobile")
                .endsWith("ship", "truck");
    }

    /** Records with a label of a kind before that of the class. */
    @Test
    void aHundredClassesAreRead() throws IOException {
        Path home = Files.createDirectory(dir.resolve("cifar-100-binary"));
        byte[] record = new byte[3074];
        record[0] = 19;
        record[1] = 99;
        record[2 + 1024] = 51;
        Files.write(home.resolve("train.bin"), record);
        ImageDataset train = Cifar100.train(dir);
        assertThat(train).hasToString("1 images of 3×32×32 in 100 classes");
        assertThat(train.classes().get(train.label(0))).isEqualTo("worm");
        assertThat(train.image(0).at(1, 0, 0)).isEqualTo(51 / 255f);
        record[1] = 100;
        Path bad = Files.write(home.resolve("test.bin"), record);
        assertThatThrownBy(() -> Cifar100.test(home)).hasMessage(bad + ": label 100 of image 0 is outside [0, 100)");
    }

    /** Torchvision fetches this version, into these folders. */
    @Test
    void theVersionForPythonIsRead() throws IOException {
        Path ten = Files.createDirectory(dir.resolve("cifar-10-batches-py"));
        for (int i = 1; i <= 5; i++) {
            Files.write(ten.resolve("data_batch_" + i), CifarPickles.of("labels", i, i + 4));
        }
        for (Path folder : List.of(dir, ten)) {
            ImageDataset train = Cifar10.train(folder);
            assertThat(train.batch(0, 1, 2, 9).targets()).isEqualTo(Tensor.labels(1, 5, 2, 9));
            assertThat(train.image(9).at(0, 0, 0)).isEqualTo(1 / 255f);
        }
        Path hundred = Files.createDirectory(dir.resolve("cifar-100-python"));
        Files.write(hundred.resolve("train"), CifarPickles.of("fine_labels", 99));
        assertThat(Cifar100.train(dir).label(0)).isEqualTo(99);
        Files.write(hundred.resolve("test"), CifarPickles.of("coarse_labels", 19));
        assertThatThrownBy(() -> Cifar100.test(dir))
                .hasMessage(hundred.resolve("test")
                        + ": this is no file of CIFAR's version for Python: it has no list 'fine_labels'");
        assertThatThrownBy(() -> Cifar10.test(dir))
                .hasMessageEndingWith(
                        "lacks test_batch.bin, looked for in it and in folders cifar-10-batches-bin and cifar-10-batches-py within");
    }

    /** What a pickle would call is a name and no more; what these files do not have is refused. */
    @Test
    void otherPicklesAreRefused() throws IOException {
        String good = new String(CifarPickles.of("labels", 3), StandardCharsets.ISO_8859_1);
        refusedPickle(good.replace("numpy.core.multiarray\n_reconstruct", "posix\nsystem"), "it has no array 'data'");
        refusedPickle("\u0080\2cposix\nsystem\nU\2ls\u0085R.", "it holds no dictionary");
        refusedPickle("\u0080\4\u0095.", "the opcode 0x95 is none that these files have");
        refusedPickle(good.replace("M\0\f", "M\0\r"), "its array 'data' is not 1 times 3072 bytes");
        refusedPickle(good.replace("K\3e", "K\3K\4e"), "its array 'data' is not 2 times 3072 bytes");
        refusedPickle(good.replace("K\3e", "U\1xe"), "'labels' holds something else than numbers");
        refusedPickle(good + ".", "something follows its end");
        for (int length = 1; length < good.length(); length = length < 400 ? length + 1 : length + 97) {
            Path cut = file(good.substring(0, length).getBytes(StandardCharsets.ISO_8859_1));
            assertThatThrownBy(() -> Cifar10.read(List.of(cut))).isInstanceOf(DataFileException.class);
        }
        refusedPickle(
                new String(CifarPickles.of("labels", 10), StandardCharsets.ISO_8859_1),
                "label 10 of image 0 is outside [0, 10)");
    }

    private void refusedPickle(String content, String message) throws IOException {
        Path file = file(content.getBytes(StandardCharsets.ISO_8859_1));
        assertThatThrownBy(() -> Cifar10.read(List.of(file)))
                .isInstanceOf(DataFileException.class)
                .hasMessageStartingWith(file + ": ")
                .hasMessageContaining(message);
    }

    @Test
    void pixelsAreChannelByChannel() throws IOException {
        byte[] record = records(3);
        record[1] = (byte) 255;
        record[1 + 1024] = 51;
        record[1 + 2 * 1024 + 33] = 102;
        Tensor image = Cifar10.read(List.of(file(record))).image(0);
        assertThat(image.shape()).isEqualTo(Shape.of(3, 32, 32));
        assertThat(image.at(0, 0, 0)).isEqualTo(1f);
        assertThat(image.at(1, 0, 0)).isEqualTo(51 / 255f);
        assertThat(image.at(2, 1, 1)).isEqualTo(102 / 255f);
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 3072, 3074, 6145, 6147})
    void refusesAnythingButWholeRecords(int bytes) throws IOException {
        Path file = file(new byte[bytes]);
        assertThatThrownBy(() -> Cifar10.read(List.of(file)))
                .isInstanceOf(DataFileException.class)
                .hasMessage(file + ": expected one or more records of 3073 bytes, found " + bytes + " bytes");
    }

    @Test
    void refusesFilesCutAnywhere() throws IOException {
        byte[] two = records(1, 2);
        IntStream near = IntStream.of(0, 1, 2, 3071, 3072, 3074, 3075, 6144, 6145);
        IntStream far = IntStream.iterate(37, n -> n < two.length, n -> n + 37);
        for (int n : IntStream.concat(near, far).toArray()) {
            Path cut = file(Arrays.copyOf(two, n));
            assertThatThrownBy(() -> Cifar10.read(List.of(cut))).isInstanceOf(DataFileException.class);
        }
    }

    @Test
    void refusesLabelsAboveNine() throws IOException {
        Path file = file(records(9, 10));
        assertThatThrownBy(() -> Cifar10.read(List.of(file)))
                .isInstanceOf(DataFileException.class)
                .hasMessage(file + ": label 10 of image 1 is outside [0, 10)");
    }

    @Test
    void saysWhatIsMissing() throws IOException {
        assertThatThrownBy(() -> Cifar10.test(dir))
                .isInstanceOf(DataFileException.class)
                .hasMessage(dir + ": the folder lacks test_batch.bin, looked for in it and in folders"
                        + " cifar-10-batches-bin and cifar-10-batches-py within");
        Files.write(dir.resolve("data_batch_1.bin"), records(1));
        Files.write(dir.resolve("data_batch_4.bin"), records(1));
        assertThatThrownBy(() -> Cifar10.train(dir))
                .isInstanceOf(DataFileException.class)
                .hasMessageContaining("the folder lacks data_batch_2.bin, data_batch_3.bin, data_batch_5.bin, looked");
        assertThatThrownBy(() -> Cifar10.train(dir.resolve("none")))
                .isInstanceOf(DataFileException.class)
                .hasMessage(dir.resolve("none") + ": no such folder");
        assertThatThrownBy(() -> Cifar10.train(dir.resolve("data_batch_1.bin")))
                .hasMessage(dir.resolve("data_batch_1.bin") + ": expected a folder");
        Files.createDirectory(dir.resolve("test_batch.bin"));
        assertThatThrownBy(() -> Cifar10.test(dir)).hasMessageContaining("expected a regular file");
        assertThatIllegalArgumentException().isThrownBy(() -> Cifar10.read(List.of()));
    }

    private Path file(byte[] content) throws IOException {
        return Files.write(dir.resolve("file.bin"), content);
    }

    private static byte[] records(int... labels) {
        byte[] bytes = new byte[3073 * labels.length];
        for (int i = 0; i < labels.length; i++) {
            bytes[3073 * i] = (byte) labels[i];
        }
        return bytes;
    }
}
