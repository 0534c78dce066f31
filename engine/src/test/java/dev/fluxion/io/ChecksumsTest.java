package dev.fluxion.io;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.fluxion.Tensor;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.AlphaChars;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.NotEmpty;
import net.jqwik.api.constraints.Size;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ChecksumsTest {
    private static final Map<String, String> TEXTS = Map.of("epoch", "3", "a\u0001\"\\", "ö \uD83D\uDE00");

    @TempDir
    Path dir;

    /** Wherever it is: in the length, a name, a key, a text, a type, a shape, an offset, space, a checksum or the data. */
    @Test
    void everyFlippedBitIsRefused() throws IOException {
        byte[] whole = written(Map.of("w", Tensor.vector(1)), Map.of("k", "\""));
        for (int bit = 0; bit < 8 * whole.length; bit++) {
            refused(flipped(whole, bit), "bit " + bit % 8 + " of byte " + bit / 8);
        }
    }

    @Property(tries = 20)
    void soItIsInAnyFile(
            @ForAll @Size(max = 4)
                    Map<@AlphaChars @NotEmpty String, @Size(max = 3) List<@IntRange(max = 4) Integer>> shapes,
            @ForAll @Size(max = 3) Map<@AlphaChars String, @AlphaChars String> texts,
            @ForAll long seed)
            throws IOException {
        dir = Files.createTempDirectory("flips");
        Random random = new Random(seed);
        Map<String, Tensor> tensors = new LinkedHashMap<>();
        shapes.forEach((name, dims) -> {
            Tensor tensor =
                    Tensor.zeros(dims.stream().mapToInt(Integer::intValue).toArray());
            Arrays.setAll(new Object[tensor.size()], i -> tensor.floats()[i] = random.nextFloat());
            tensors.put(name, tensor);
        });
        Map<String, String> all = new LinkedHashMap<>(TEXTS);
        all.putAll(texts);
        byte[] whole = written(tensors, all);
        for (int i = 0; i < 15; i++) {
            int bit = random.nextInt(8 * whole.length);
            refused(flipped(whole, bit), "bit " + bit);
            int near = Math.min(bit + 1 + random.nextInt(31), 8 * whole.length - 1);
            if (near > bit) {
                refused(flipped(flipped(whole, bit), near), "bits " + bit + " and " + near);
            }
            refused(Arrays.copyOf(whole, random.nextInt(whole.length)), "cut");
        }
        Files.delete(dir.resolve("x"));
        Files.delete(dir.resolve("file"));
        Files.delete(dir);
    }

    @Test
    void whatIsDamagedIsNamed() throws IOException {
        byte[] whole = written(samples(), TEXTS);
        String after = " is not the one that was written: the file is damaged, or another program changed it and kept "
                + "the metadata";
        assertThatThrownBy(() -> SafeTensors.read(file(flipped(whole, 8 * whole.length - 1))))
                .isInstanceOf(TensorFileException.class)
                .hasMessage(dir.resolve("file") + ": the checksum of tensor 'last\\u000a'" + after);
        String text = new String(whole, StandardCharsets.ISO_8859_1);
        assertThatThrownBy(() -> SafeTensors.metadata(file(flipped(whole, 8 * text.indexOf("epoch")))))
                .hasMessage(dir.resolve("file") + ": the checksum of its header" + after);
        assertThatThrownBy(() -> SafeTensors.metadata(file(flipped(whole, 8 * text.indexOf("fluxion.tensors")))))
                .hasMessage(dir.resolve("file") + ": the checksum of its header" + after);
    }

    /** Who asks for some tensors only is told of these only. */
    @Test
    void whatNobodyAsksForIsNotRead() throws IOException {
        byte[] whole = written(samples(), TEXTS);
        whole[whole.length - 1] ^= 1;
        assertThat(SafeTensors.read(file(whole), List.of("i")))
                .containsOnly(Map.entry("i", Tensor.labels(Integer.MIN_VALUE, 7)));
    }

    @Test
    void filesOfOthersHaveNone() throws IOException {
        byte[] other = Crafted.tensor("F32", "[1]", new byte[] {0, 0, 0, 0});
        assertThat(SafeTensors.read(file(other))).containsOnly(Map.entry("w", Tensor.vector(0)));
        other[other.length - 1] ^= 0x40;
        assertThat(SafeTensors.read(file(other))).containsOnly(Map.entry("w", Tensor.vector(2)));
    }

    @Test
    void theyAreNoTextsOfTheUser() throws IOException {
        Path file = dir.resolve("x");
        SafeTensors.write(file, samples(), TEXTS);
        assertThat(SafeTensors.read(file)).isEqualTo(samples());
        assertThat(SafeTensors.metadata(file)).isEqualTo(TEXTS);
        assertThatThrownBy(() -> SafeTensors.write(file, samples(), Map.of("fluxion.header.crc32c", "x")))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("a text cannot be named fluxion.header.crc32c, a checksum is");
    }

    private static Map<String, Tensor> samples() {
        Map<String, Tensor> tensors = new LinkedHashMap<>();
        tensors.put("0.weight", Tensor.of(new float[] {1, Float.NEGATIVE_INFINITY}, 2, 1));
        tensors.put("empty", Tensor.zeros(3, 0));
        tensors.put("i", Tensor.labels(Integer.MIN_VALUE, 7));
        tensors.put("last\n", Tensor.vector(1, 2));
        return tensors;
    }

    private void refused(byte[] content, String what) throws IOException {
        Path file = file(content);
        assertThatThrownBy(() -> SafeTensors.readWithNaN(file)).as(what).isInstanceOf(TensorFileException.class);
    }

    private static byte[] flipped(byte[] content, int bit) {
        byte[] flipped = content.clone();
        flipped[bit / 8] ^= (byte) (1 << bit % 8);
        return flipped;
    }

    private byte[] written(Map<String, Tensor> tensors, Map<String, String> texts) throws IOException {
        Path file = dir.resolve("x");
        SafeTensors.write(file, tensors, texts);
        return Files.readAllBytes(file);
    }

    private Path file(byte[] content) throws IOException {
        return Files.write(dir.resolve("file"), content);
    }
}
