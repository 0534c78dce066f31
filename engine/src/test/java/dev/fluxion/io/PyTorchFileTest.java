package dev.fluxion.io;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.fluxion.Tensor;
import dev.fluxion.ir.Shape;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Files that PyTorch wrote (see record_pytorch_files.py), and files that are written here. */
class PyTorchFileTest {
    @TempDir
    Path dir;

    @Test
    void viewsAreReadByTheirStrides() throws IOException {
        Map<String, Tensor> read = PyTorchFile.read(Torch.recorded("views.pth"));
        float[] transposed = new float[24];
        for (int i = 0; i < 24; i++) {
            transposed[i] = i % 2 * 12 + i / 2 % 3 * 4 + i / 6;
        }
        assertThat(read)
                .containsExactly(
                        Map.entry("transposed", Tensor.of(transposed, 4, 3, 2)),
                        Map.entry("part", Tensor.of(new float[] {4, 6, 8, 10, 16, 18, 20, 22}, 2, 2, 2)),
                        Map.entry("expanded", Tensor.vector(1, 1, 1, 1, 1)),
                        Map.entry("scalar", Tensor.scalar(2.5f)),
                        Map.entry("empty", Tensor.zeros(0, 3)),
                        Map.entry("tied", Tensor.of(eighths(0, 24, 1), 2, 3, 4)));
    }

    @Test
    void typesBecomeFloatsAndIntegers() throws IOException {
        Map<String, Tensor> read = PyTorchFile.read(Torch.recorded("types.pth"));
        Shape shape = Shape.of(2, 3, 4);
        int[] up = IntStream.range(0, 24).toArray();
        int[] down = IntStream.range(0, 24).map(i -> -i).toArray();
        Tensor numbers = Tensor.of(eighths(0, 24, 1), shape);
        assertThat(read)
                .as("complex is left out")
                .containsExactly(
                        Map.entry("half", Tensor.of(eighths(0, 24, 4), shape)),
                        Map.entry("bfloat16", numbers),
                        Map.entry("double", numbers),
                        Map.entry("long", Tensor.of(down, shape)),
                        Map.entry("int", Tensor.of(up, shape)),
                        Map.entry("short", Tensor.of(down, shape)),
                        Map.entry("char", Tensor.of(down, shape)),
                        Map.entry("byte", Tensor.of(up, shape)),
                        Map.entry(
                                "bool",
                                Tensor.of(
                                        IntStream.of(up).map(i -> i > 3 ? 1 : 0).toArray(), shape)));
    }

    /** As of {@code torch.imag(z.conj())}: the storage has the numbers with the other sign. */
    @Test
    void aNegatedTensorIsNotReadAsWhatItNegates() throws IOException {
        Path file = dir.resolve("negated.pth");
        String pickle = Torch.PICKLE.replace("\u0089NtR", "\u0089N}X\3\0\0\0neg\u0088stR");
        Files.write(file, Torch.file(pickle));
        assertThat(PyTorchFile.read(file)).isEmpty();
        assertThatThrownBy(() -> Loading.strict().load(file, Map.of("w", Shape.of(2)), weights -> {}))
                .hasMessageContaining("tensor 'w' has the element type F32 (negated or conjugated); only [");
        Files.write(file, Torch.file(pickle.replace('\u0088', '\u0089')));
        assertThat(PyTorchFile.read(file)).containsOnlyKeys("w");
    }

    @ParameterizedTest
    @ValueSource(strings = {"checkpoint.pth", "parameters.pth", "protocol4.pth"})
    void theStateDictIsFound(String name) throws IOException {
        assertThat(PyTorchFile.read(Torch.recorded(name))).isEqualTo(linear());
    }

    @Test
    void aKeyLeadsToADictionary() throws IOException {
        assertThat(PyTorchFile.read(Torch.recorded("checkpoint.pth"), "ema")).isEqualTo(linear());
        assertThat(PyTorchFile.read(Torch.recorded("two.pth"), "critic")).isEqualTo(linear());
        assertThatThrownBy(() -> PyTorchFile.read(Torch.recorded("checkpoint.pth"), "optimizer", "groups"))
                .hasMessageEndingWith("there is no dictionary 'groups'; there are [state]");
    }

    @Test
    void aRecurrentNetIsRead() throws IOException {
        Map<String, Tensor> read = PyTorchFile.read(Torch.recorded("lstm.pth"));
        assertThat(read).hasSize(16).containsEntry("weight_ih_l0", Tensor.of(eighths(0, 24, 8), 8, 3));
        assertThat(read.get("bias_hh_l1_reverse").shape()).isEqualTo(Shape.of(8));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "whole.pth | the file holds a Python object, torch.nn.modules.linear.Linear, where only tensors,",
                "list.pth | the file holds no dictionary of tensors; in Python, torch.save(model.state_dict(), file)",
                "long.pth | tensor 'w' holds 1099511627776 at element [1], which int32 cannot hold",
                "two.pth | several dictionaries of tensors, [generator, critic]; PyTorchFile.read(file, \"…\") reads",
                "old.pth | this is PyTorch's old form, a bare pickle as before version 1.6; in Python,"
            })
    void whatCannotBeReadIsTold(String name, String message) {
        Path file = Torch.recorded(name);
        assertThatThrownBy(() -> PyTorchFile.read(file))
                .isInstanceOf(TensorFileException.class)
                .hasMessageStartingWith(file + ": ")
                .hasMessageContaining(message);
    }

    @Test
    void readsWhatItWrote() throws IOException {
        Map<String, Tensor> tensors = new LinkedHashMap<>();
        tensors.put("größer.数", Tensor.of(new float[] {1, -0.0f, Float.MIN_VALUE, Float.POSITIVE_INFINITY}, 2, 2));
        tensors.put("labels", Tensor.labels(Integer.MIN_VALUE, 3));
        tensors.put("scalar", Tensor.scalar(3));
        tensors.put("none", Tensor.zeros(0, 70_000));
        tensors.put("many", Tensor.of(eighths(0, 600_000, 8), 300, 2000));
        Path file = dir.resolve("x.pth");
        PyTorchFile.write(file, tensors);
        assertThat(PyTorchFile.read(file)).containsExactlyEntriesOf(tensors);
        byte[] once = Files.readAllBytes(file);
        PyTorchFile.write(file, tensors);
        assertThat(file).as("the same tensors give the same bytes").hasBinaryContent(once);
        PyTorchFile.write(file, Map.of());
        assertThat(PyTorchFile.read(file)).isEmpty();
    }

    @Test
    void moreEntriesThanSixteenBitsCount() throws IOException {
        Map<String, Tensor> tensors = new LinkedHashMap<>();
        for (int i = 0; i < 0x10005; i++) {
            tensors.put("t" + i, Tensor.zeros(0));
        }
        tensors.put("last", Tensor.vector(1, 2));
        Path file = dir.resolve("x.pth");
        PyTorchFile.write(file, tensors);
        assertThat(PyTorchFile.read(file)).hasSize(tensors.size()).containsEntry("last", Tensor.vector(1, 2));
    }

    @Test
    void naNIsRefusedUnlessItIsAskedFor() throws IOException {
        Path file = dir.resolve("x.pth");
        Map<String, Tensor> tensors = Map.of("w", Tensor.vector(1, Float.NaN));
        PyTorchFile.write(file, tensors);
        assertThatThrownBy(() -> PyTorchFile.read(file))
                .hasMessageEndingWith("tensor 'w' is NaN at element [1]; readWithNaN reads it all the same");
        assertThat(PyTorchFile.readWithNaN(file)).isEqualTo(tensors);
    }

    @Test
    void aNameMustBeUnicode() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> PyTorchFile.write(dir.resolve("x"), Map.of("\ud800", Tensor.scalar(1))))
                .withMessageContaining("is not valid Unicode");
        assertThat(dir).isEmptyDirectory();
    }

    @Test
    void loadingTakesItByItsContent() throws IOException {
        Map<String, Shape> parameters = new LinkedHashMap<>();
        linear().forEach((name, tensor) -> parameters.put("0." + name, tensor.shape()));
        Map<String, Tensor> loaded = new LinkedHashMap<>();
        Path file = Files.copy(Torch.recorded("checkpoint.pth"), dir.resolve("weights.safetensors"));
        Loading how = Loading.strict().rename(name -> "0." + name);
        assertThat(how.load(file, parameters, loaded::putAll).complete()).isTrue();
        assertThat(loaded).containsOnlyKeys(parameters.keySet());
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Loading.strict().load(file, parameters, loaded::putAll))
                .withMessageContaining("the model's names are those of the file with '0.' in front");
        assertThatThrownBy(() -> Loading.strict().load(Torch.recorded("old.pth"), parameters, loaded::putAll))
                .hasMessageContaining("PyTorch's old form");
        LoadReport report = Loading.strict()
                .partial()
                .load(Torch.recorded("types.pth"), shapes(List.of("half", "double")), loaded::putAll);
        assertThat(report.cast()).isEqualTo(Map.of("half", "F16", "double", "F64"));
    }

    private static Map<String, Shape> shapes(List<String> names) {
        Map<String, Shape> shapes = new LinkedHashMap<>();
        names.forEach(name -> shapes.put(name, Shape.of(2, 3, 4)));
        return shapes;
    }

    private static Map<String, Tensor> linear() {
        Map<String, Tensor> tensors = new LinkedHashMap<>();
        tensors.put("weight", Tensor.of(eighths(0, 6, 8), 3, 2));
        tensors.put("bias", Tensor.vector(eighths(6, 3, 8)));
        return tensors;
    }

    private static float[] eighths(int from, int count, int of) {
        float[] numbers = new float[count];
        for (int i = 0; i < count; i++) {
            numbers[i] = (from + i) / (float) of;
        }
        return numbers;
    }
}
