package dev.fluxion.files;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.fluxion.Tensor;
import dev.fluxion.data.DataFileException;
import dev.fluxion.data.DataLoader;
import dev.fluxion.data.SampleException;
import dev.fluxion.data.SequenceDataset;
import dev.fluxion.dsl.train.Vocabulary;
import dev.fluxion.ir.Shape;
import java.awt.Transparency;
import java.awt.color.ColorSpace;
import java.awt.color.ICC_Profile;
import java.awt.image.BufferedImage;
import java.awt.image.ColorModel;
import java.awt.image.ComponentColorModel;
import java.awt.image.DataBuffer;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.Random;
import java.util.zip.CRC32;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Folders of images and texts are data sets; what is no image or text is told with its file. */
class FoldersTest {
    @TempDir
    Path folder;

    private static BufferedImage image(int type, int width, int height) {
        BufferedImage image = new BufferedImage(width, height, type);
        for (int y = 0; y < height; y++) {
            for (int x = 0; x < width; x++) {
                if (image.getRaster().getNumBands() == 1) {
                    image.getRaster().setSample(x, y, 0, 30 * x + y);
                } else {
                    image.setRGB(x, y, 0xff000000 | 30 * x << 16 | 40 * y << 8 | 100);
                }
            }
        }
        return image;
    }

    private void write(String name, String format, BufferedImage image) throws IOException {
        Path file = folder.resolve(name);
        Files.createDirectories(file.getParent());
        assertThat(ImageIO.write(image, format, file.toFile())).isTrue();
    }

    /** Of 5, 6 and 5 bits, as some bitmaps are: white is 1 in each channel. */
    @Test
    void eachChannelIsCountedToItsOwnLargestNumber() throws IOException {
        BufferedImage white = new BufferedImage(2, 2, BufferedImage.TYPE_USHORT_565_RGB);
        white.setRGB(0, 0, 2, 2, new int[] {-1, -1, -1, -1}, 0, 2);
        write("white.png", "bmp", white);

        assertThat(ImageFiles.read(folder.resolve("white.png"), 3, 2, 2)).isEqualTo(Tensor.full(1, 1, 3, 2, 2));
    }

    @Test
    void fractionsAreNoPixels() throws IOException {
        ColorModel grey = new ComponentColorModel(
                ColorSpace.getInstance(ColorSpace.CS_GRAY), false, false, Transparency.OPAQUE, DataBuffer.TYPE_FLOAT);
        write("half.png", "tiff", new BufferedImage(grey, grey.createCompatibleWritableRaster(2, 2), false, null));

        assertThatThrownBy(() -> ImageFiles.read(folder.resolve("half.png"), 1, 2, 2))
                .isInstanceOf(DataFileException.class)
                .hasMessageEndingWith("expected whole numbers from 0 on of at most 16 bits but got numbers of 32 bits,"
                        + " which may be fractions or negative");
    }

    @Test
    void imagesAreReadInFoldersOfClasses() throws IOException {
        write("dog/b/2.PNG", "png", image(BufferedImage.TYPE_BYTE_GRAY, 4, 3));
        write("dog/a.png", "png", image(BufferedImage.TYPE_INT_RGB, 4, 3));
        write("cat/1.jpg", "jpg", image(BufferedImage.TYPE_INT_RGB, 4, 3));
        write("cat/2.png", "png", image(BufferedImage.TYPE_4BYTE_ABGR, 4, 3));
        Files.writeString(folder.resolve("cat/notes.txt"), "no image");
        Files.createDirectory(folder.resolve(".hidden"));
        ImageFolder images = ImageFolder.of(folder, 3, 4);
        assertThat(images).hasToString("4 images of [cat, dog]");
        assertThat(List.of(images.name(0), images.name(1), images.name(2), images.name(3)))
                .containsExactly("cat/1.jpg", "cat/2.png", "dog/a.png", "dog/b/2.PNG");
        assertThat(images.labels()).containsExactly(0, 0, 1, 1);
        Tensor made = images.batch(2, 3, 1, 0).inputs();
        assertThat(made.shape()).isEqualTo(Shape.of(4, 3, 3, 4));
        for (int y = 0; y < 3; y++) {
            for (int x = 0; x < 4; x++) {
                for (int i : new int[] {0, 2}) {
                    assertThat(made.at(i, 0, y, x)).isCloseTo(30 * x / 255f, within(1e-6f));
                    assertThat(made.at(i, 1, y, x)).isCloseTo(40 * y / 255f, within(1e-6f));
                    assertThat(made.at(i, 2, y, x)).isCloseTo(100 / 255f, within(1e-6f));
                }
                for (int c = 0; c < 3; c++) {
                    assertThat(made.at(1, c, y, x)).isCloseTo((30 * x + y) / 255f, within(1e-6f));
                }
                assertThat(made.at(3, 0, y, x)).isCloseTo(30 * x / 255f, within(0.2f));
            }
        }
        assertThat(images.batch(3).targets()).isEqualTo(Tensor.labels(1));
        assertThat(images.grey().batch(3).inputs().shape()).isEqualTo(Shape.of(1, 1, 3, 4));
        assertThat(images.select(3, 0).name(0)).isEqualTo("dog/b/2.PNG");
        assertThat(DataLoader.of(images).batch(3).prefetch(2).epoch(0)).hasSize(2);
    }

    /** As Pillow 12.3 reads what its {@code Image.new("CMYK", (8, 8), (200, 30, 90, 40)).save(…, optimize=True, quality=95)} wrote. */
    @Test
    void imagesForPrintHaveTheColoursOfOthers() throws IOException {
        byte[] inks = Base64.getDecoder()
                .decode(
                        "/9j/7gAOQWRvYmUAZAAAAAAA/9sAQwACAQEBAQECAQEBAgICAgIEAwICAgIFBAQDBAYFBgYGBQYGBgcJCAYHCQcGBggLCAkKCgoKCgYI"
                                + "CwwLCgwJCgoK/8AAFAgACAAIBEMRAE0RAFkRAEsRAP/EABUAAQEAAAAAAAAAAAAAAAAAAAkI/8QAFBABAAAAAAAAAAAAAAAAAAAA"
                                + "AP/aAA4EQwBNAFkASwAAPwA2zCKUK4//2Q==");
        Path file = folder.resolve("print.jpg");
        Files.write(file, inks);
        Tensor image = ImageFiles.read(file, 3, 8, 8);
        assertThat(image.at(0, 0, 3, 3) * 255).isCloseTo(46, within(0.5f));
        assertThat(image.at(0, 1, 3, 3) * 255).isCloseTo(190, within(0.5f));
        assertThat(image.at(0, 2, 3, 3) * 255).isCloseTo(139, within(0.5f));
        inks[17] = 2; // the other form, brightness and two colours in place of inks
        Files.write(file, inks);
        image = ImageFiles.read(file, 3, 8, 8);
        assertThat(image.at(0, 0, 3, 3) * 255).isCloseTo(125, within(0.5f));
        assertThat(image.at(0, 1, 3, 3) * 255).isCloseTo(215, within(0.5f));
        assertThat(image.at(0, 2, 3, 3) * 255).isCloseTo(24, within(0.5f));
        assertThat(ImageFiles.read(file, 1, 8, 8).at(0, 0, 3, 3))
                .isCloseTo((0.299f * 125 + 0.587f * 215 + 0.114f * 24) / 255, within(0.003f));
    }

    /** Of a wide one the middle is left, or it is stretched. */
    @Test
    void anySizeBecomesTheOneThatIsAskedFor() throws IOException {
        write("x/wide.png", "png", image(BufferedImage.TYPE_BYTE_GRAY, 8, 2));
        write("x/small.png", "png", image(BufferedImage.TYPE_BYTE_GRAY, 1, 1));
        ImageFolder images = ImageFolder.of(folder, 2, 2).grey();
        Tensor middle = images.batch(1).inputs();
        assertThat(middle.at(0, 0, 0, 0)).isCloseTo(90 / 255f, within(1e-6f));
        assertThat(middle.at(0, 0, 1, 1)).isCloseTo(121 / 255f, within(1e-6f));
        Tensor stretched = images.stretched().batch(1).inputs();
        assertThat(stretched.at(0, 0, 0, 0)).isBetween(30 / 255f, 70 / 255f);
        assertThat(stretched.at(0, 0, 0, 1)).isBetween(140 / 255f, 180 / 255f);
        assertThat(images.batch(0).inputs()).isEqualTo(Tensor.zeros(1, 1, 2, 2));
    }

    @Test
    void whatIsNoImageIsToldWithItsFile() throws IOException {
        write("x/1.png", "png", image(BufferedImage.TYPE_INT_RGB, 4, 4));
        Files.writeString(folder.resolve("x/2.png"), "text");
        ImageFolder images = ImageFolder.of(folder, 4, 4);
        assertThatThrownBy(() -> images.batch(0, 1))
                .isInstanceOf(UncheckedIOException.class)
                .hasCauseInstanceOf(DataFileException.class)
                .hasMessage(folder.resolve("x/2.png") + ": no image: it begins neither as PNG nor as JPEG");
        for (int ahead : new int[] {0, 2}) {
            assertThatThrownBy(() -> DataLoader.of(images)
                            .batch(2)
                            .prefetch(ahead)
                            .epoch(0)
                            .forEach(batch -> {}))
                    .isInstanceOf(SampleException.class)
                    .hasMessageStartingWith("sample x/2.png: ");
        }
        Files.delete(folder.resolve("x/2.png"));
        assertThatThrownBy(() -> images.batch(1)).hasMessageEndingWith("2.png: no such file");
        assertThatThrownBy(() -> ImageFolder.of(folder.resolve("x"), 4, 4))
                .hasMessageEndingWith("x: expected a folder for each class within");
        Files.createDirectory(folder.resolve("y"));
        assertThatThrownBy(() -> ImageFolder.of(folder, 4, 4))
                .hasMessageEndingWith("y: no file that ends with .png, .jpg, .jpeg");
        assertThatThrownBy(() -> ImageFolder.of(folder.resolve("z"), 4, 4)).hasMessageEndingWith("z: no such folder");
        assertThatThrownBy(() -> ImageFolder.of(folder.resolve("x/1.png"), 4, 4))
                .hasMessageEndingWith("1.png: expected a folder");
        assertThatThrownBy(() -> ImageFolder.of(folder, 0, 4))
                .hasMessage("ImageFolder: the height must be at least 1 but is 0");
    }

    @Test
    void aSingleImageIsThatOfAFolder() throws IOException {
        write("x/1.png", "png", image(BufferedImage.TYPE_INT_RGB, 9, 7));
        Path file = folder.resolve("x/1.png");

        assertThat(ImageFiles.read(file, 3, 4, 5))
                .isEqualTo(ImageFolder.of(folder, 4, 5).first(1).inputs());
        assertThat(ImageFiles.read(file, 1, 4, 5))
                .isEqualTo(ImageFolder.of(folder, 4, 5).grey().first(1).inputs());
        assertThatThrownBy(() -> ImageFiles.read(file, 2, 4, 5))
                .hasMessage("ImageFiles: an image has 1 channel or 3, not 2");
        assertThatThrownBy(() -> ImageFiles.read(file, 1, 0, 5))
                .hasMessage("ImageFiles: the height must be at least 1 but is 0");
        assertThatThrownBy(() -> ImageFiles.read(folder.resolve("y.png"), 1, 4, 5))
                .isInstanceOf(DataFileException.class)
                .hasMessageEndingWith("y.png: no such file");
    }

    /** As Pillow has it: the JDK fills the rest of such an image with grey. */
    @Test
    void anImageThatIsCutOffIsRefused() throws IOException {
        for (String format : List.of("png", "jpg")) {
            write("x/whole." + format, format, image(BufferedImage.TYPE_INT_RGB, 90, 70));
            byte[] whole = Files.readAllBytes(folder.resolve("x/whole." + format));
            Path part = folder.resolve("x/part." + format);
            for (int left : new int[] {whole.length / 2, whole.length * 9 / 10}) {
                Files.write(part, Arrays.copyOf(whole, left));
                assertThatThrownBy(() -> ImageFiles.read(part, 3, 70, 90))
                        .isInstanceOf(DataFileException.class)
                        .hasMessageContaining("part." + format + ": no image that can be read: ");
            }
        }
    }

    /** As Pillow reads them: a profile tells a screen what to show, and changes no number. */
    @Test
    void aProfileChangesNoColour() throws IOException {
        write("x/1.jpg", "jpg", image(BufferedImage.TYPE_INT_RGB, 8, 6));
        byte[] plain = Files.readAllBytes(folder.resolve("x/1.jpg"));
        byte[] profile = ICC_Profile.getInstance(ColorSpace.CS_LINEAR_RGB).getData();
        int behindHeader = 20;
        Path file = folder.resolve("x/2.jpg");
        Files.write(
                file,
                ByteBuffer.allocate(plain.length + profile.length + 18)
                        .put(plain, 0, behindHeader)
                        .putShort((short) 0xffe2)
                        .putShort((short) (profile.length + 16))
                        .put("ICC_PROFILE\0\1\1".getBytes(StandardCharsets.US_ASCII))
                        .put(profile)
                        .put(plain, behindHeader, plain.length - behindHeader)
                        .array());
        for (int channels : new int[] {1, 3}) {
            assertThat(ImageFiles.read(file, channels, 6, 8))
                    .isEqualTo(ImageFiles.read(folder.resolve("x/1.jpg"), channels, 6, 8));
        }
    }

    @Test
    void aLinkToAFolderAroundIsRefused() throws IOException {
        write("x/a/1.png", "png", image(BufferedImage.TYPE_INT_RGB, 4, 4));
        write("y/1.png", "png", image(BufferedImage.TYPE_INT_RGB, 4, 4));
        Files.createSymbolicLink(folder.resolve("y/more"), folder.resolve("x"));
        assertThat(ImageFolder.of(folder, 4, 4).labels()).containsExactly(0, 1, 1);
        for (String around : List.of("x/a", "x", "")) {
            Path link = Files.createSymbolicLink(folder.resolve("x/a/again"), folder.resolve(around));
            assertThatThrownBy(() -> ImageFolder.of(folder, 4, 4))
                    .isInstanceOf(DataFileException.class)
                    .hasMessageEndingWith("again: a link to a folder that it lies in");
            Files.delete(link);
        }
    }

    /** A file of a few bytes cannot ask for gigabytes. */
    @Test
    void aLargeImageIsRefusedBeforeItIsRead() throws IOException {
        write("x/1.png", "png", image(BufferedImage.TYPE_INT_RGB, 4, 4));
        Path file = folder.resolve("x/1.png");
        ByteBuffer bytes = ByteBuffer.wrap(Files.readAllBytes(file));
        CRC32 sum = new CRC32();
        bytes.putInt(16, 70_000).putInt(20, 70_000);
        sum.update(bytes.array(), 12, 17);
        bytes.putInt(29, (int) sum.getValue());
        Files.write(file, bytes.array());
        ImageFolder images = ImageFolder.of(folder, 4, 4);
        assertThatThrownBy(() -> images.batch(0))
                .hasMessageContaining("the image has 70000×70000 pixels, more than the 67108864 that a reader accepts");
    }

    /** Every image with some bytes changed or cut off is read, or refused as a data file. */
    @Test
    void noImageDoesAnythingElse() throws IOException {
        Random random = new Random(3);
        Files.createDirectories(folder.resolve("x"));
        Path file = Files.createFile(folder.resolve("x/1.png"));
        ImageFolder images = ImageFolder.of(folder, 8, 8);
        for (String format : List.of("png", "jpg")) {
            ByteArrayOutputStream out = new ByteArrayOutputStream();
            ImageIO.write(image(BufferedImage.TYPE_INT_RGB, 9, 7), format, out);
            byte[] good = out.toByteArray();
            int refused = 0;
            for (int draw = 0; draw < 300; draw++) {
                byte[] bad = Arrays.copyOf(good, random.nextInt(4) == 0 ? random.nextInt(good.length) : good.length);
                for (int i = random.nextInt(4); i > 0 && bad.length > 0; i--) {
                    bad[random.nextInt(bad.length)] = (byte) random.nextInt();
                }
                Files.write(file, bad);
                try {
                    for (float x : images.batch(0).inputs().floats()) {
                        assertThat(x).isBetween(0f, 1.000001f);
                    }
                } catch (UncheckedIOException e) {
                    assertThat(e).hasMessageContaining("1.png: ").hasCauseInstanceOf(DataFileException.class);
                    refused++;
                }
            }
            assertThat(refused).as(format).isPositive();
        }
    }

    @Test
    void textsAreIdsOfWords() throws IOException {
        Files.createDirectories(folder.resolve("good"));
        Files.createDirectories(folder.resolve("bad"));
        Files.writeString(folder.resolve("good/1.txt"), "Don't miss it: GREAT, great film! Gr\u00fc\u00dfe");
        Files.writeString(folder.resolve("bad/1.txt"), "a film. it is\n\na bore");
        Files.writeString(folder.resolve("bad/2.txt"), "...");
        Texts texts = Texts.read(folder);
        assertThat(texts).hasToString("3 texts of [bad, good]");
        assertThat(Texts.words(texts.text(2)))
                .containsExactly("don't", "miss", "it", "great", "great", "film", "gr\u00fc\u00dfe");
        Vocabulary words = texts.vocabulary(6);
        assertThat(words.tokens()).containsExactly("<pad>", "<unk>", "a", "film", "great", "it");
        SequenceDataset ids = texts.ids(words, 4).multipleOf(1);
        assertThat(ids.batch(0, 1, 2).inputs())
                .isEqualTo(Tensor.of(new int[] {2, 3, 5, 1, 1, 0, 0, 0, 1, 1, 5, 4}, Shape.of(3, 4)));
        assertThat(ids.labels()).containsExactly(0, 0, 1);
        assertThat(texts.select(2).classes()).containsExactly("bad", "good");
        Files.write(folder.resolve("bad/2.txt"), new byte[] {'a', (byte) 0xff});
        assertThatThrownBy(() -> Texts.read(folder)).hasMessageEndingWith("2.txt: not in UTF-8");
        Files.write(folder.resolve("bad/2.txt"), new byte[] {'a', 0});
        assertThatThrownBy(() -> Texts.read(folder)).hasMessageEndingWith("2.txt: not a text: it has a character 0");
        Path csv = Files.writeString(folder.resolve("t.csv"), "text,stars\nso so,2\nyes,10\n,1");
        Texts rated = Texts.of(Table.read(csv).select(1, 0), "text", "stars");
        assertThat(rated.classes()).containsExactly("2", "10");
        assertThat(rated.labels()).containsExactly(1, 0);
        Table all = Table.read(csv);
        assertThatThrownBy(() -> Texts.of(all, "text", "stars")).hasMessage("t.csv, line 4: column 'text' is missing");
    }
}
