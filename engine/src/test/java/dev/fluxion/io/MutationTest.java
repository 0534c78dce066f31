package dev.fluxion.io;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fluxion.Tensor;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.lifecycle.AfterContainer;
import net.jqwik.api.lifecycle.BeforeContainer;

/** Whatever a file holds, it is read or refused with a {@link TensorFileException} of a short message that prints. */
class MutationTest {
    private static final String PLAIN = "{'__metadata__':{'format':'pt'},"
            + "'a':{'dtype':'F16','shape':[2,1],'data_offsets':[0,4]},'b':{'dtype':'I64','shape':[],'data_offsets':[4,12]},"
            + "'c':{'dtype':'U8','shape':[3],'data_offsets':[12,15]},'d':{'dtype':'BF16','shape':[0],'data_offsets':[15,15]}}";

    private static Path dir = Path.of("");

    @BeforeContainer
    static void createFolder() throws IOException {
        dir = Files.createTempDirectory("mutations");
    }

    @AfterContainer
    static void deleteFolder() throws IOException {
        Files.deleteIfExists(dir.resolve("file"));
        Files.deleteIfExists(dir.resolve("own"));
        Files.deleteIfExists(dir);
    }

    @Property(tries = 300)
    void mutatedFiles(@ForAll long seed) throws IOException {
        Random random = new Random(seed);
        byte[] content = random.nextBoolean() ? own() : Crafted.file(PLAIN, new int[15]);
        for (int i = random.nextInt(4); i >= 0; i--) {
            content = mutated(content, random);
        }
        read(content);
    }

    @Property(tries = 300)
    void randomHeaders(@ForAll("headers") List<String> tokens, @ForAll byte[] data) throws IOException {
        byte[] header = ("{" + String.join("", tokens)).replace('\'', '"').getBytes(StandardCharsets.UTF_8);
        read(join(Crafted.littleEndian(8).putLong(header.length).array(), header, data));
    }

    @Property(tries = 200)
    void randomBytes(@ForAll byte[] content) throws IOException {
        read(content);
    }

    @Provide
    Arbitrary<List<String>> headers() {
        return Arbitraries.of(
                        "{",
                        "}",
                        "[",
                        "]",
                        ",",
                        ":",
                        " ",
                        "'",
                        "\\",
                        "0",
                        "1",
                        "8",
                        "999999999999999999",
                        "-1",
                        "2.5",
                        "null",
                        "'w'",
                        "'dtype'",
                        "'shape'",
                        "'data_offsets'",
                        "'__metadata__'",
                        "'F32'",
                        "'dtype':'F16'",
                        "'shape':[1,2]",
                        "'shape':[0]",
                        "'data_offsets':[0,4]",
                        "'data_offsets':[4,0]",
                        "[999999999,999999999]",
                        "'w':{'dtype':'F32','shape':[1],'data_offsets':[0,4]}",
                        "'k':'v'",
                        "\\ud800",
                        "\u0007",
                        "数")
                .list()
                .ofMaxSize(12);
    }

    private static byte[] own() throws IOException {
        Path file = dir.resolve("own");
        if (!Files.exists(file)) {
            SafeTensors.write(file, Map.of("w", Tensor.vector(1, 2), "i", Tensor.labels(3)), Map.of("k", "v"));
        }
        return Files.readAllBytes(file);
    }

    static byte[] mutated(byte[] content, Random random) {
        int at = random.nextInt(Math.max(1, content.length));
        int length = random.nextInt(Math.min(16, content.length - at + 1));
        byte[] before = Arrays.copyOf(content, at);
        byte[] piece = Arrays.copyOfRange(content, Math.min(at, content.length), at + length);
        byte[] after = Arrays.copyOfRange(content, Math.min(content.length, at + length), content.length);
        byte[] noise = new byte[length];
        random.nextBytes(noise);
        return switch (random.nextInt(5)) {
            case 0 -> join(before, noise, after);
            case 1 -> join(before, after);
            case 2 -> join(before, piece, piece, after);
            case 3 -> before;
            default -> join(before, noise, piece, after);
        };
    }

    private static void read(byte[] content) throws IOException {
        Path file = Files.write(dir.resolve("file"), content);
        try {
            SafeTensors.readWithNaN(file);
            SafeTensors.metadata(file);
            Loading.strict().load(file, Map.of(), values -> {});
        } catch (TensorFileException | IllegalArgumentException e) {
            String message = e.getMessage();
            assertThat(message).startsWith(file.toString()).hasSizeLessThan(2000);
            assertThat(message.chars().filter(c -> Character.isISOControl(c) || c == 0x202e))
                    .isEmpty();
            assertThat(e instanceof TensorFileException || message.contains("does not fit the model"))
                    .isTrue();
        }
    }

    private static byte[] join(byte[]... parts) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        for (byte[] part : parts) {
            out.writeBytes(part);
        }
        return out.toByteArray();
    }
}
