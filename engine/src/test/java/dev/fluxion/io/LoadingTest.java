package dev.fluxion.io;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.fluxion.Tensor;
import dev.fluxion.ir.Shape;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LoadingTest {
    private static final String MIXED = "{'half':{'dtype':'F16','shape':[1],'data_offsets':[0,2]},"
            + "'count':{'dtype':'I64','shape':[1],'data_offsets':[2,10]},"
            + "'odd':{'dtype':'F8_E4M3','shape':[2],'data_offsets':[10,12]},"
            + "'brain':{'dtype':'BF16','shape':[],'data_offsets':[12,14]}}";

    @TempDir
    Path dir;

    private final Map<String, Tensor> loaded = new LinkedHashMap<>();
    private final Map<String, Shape> parameters = new LinkedHashMap<>();
    private Path file;

    @BeforeEach
    void writesAFile() throws IOException {
        parameters.put("0.weight", Shape.of(2, 1));
        parameters.put("0.bias", Shape.of(2));
        Map<String, Tensor> tensors = new LinkedHashMap<>();
        tensors.put("0.weight", Tensor.of(new float[] {1, 2}, 2, 1));
        tensors.put("0.bias", Tensor.vector(3, 4));
        file = dir.resolve("x");
        SafeTensors.write(file, tensors);
    }

    @Test
    void whatFitsIsLoaded() throws IOException {
        LoadReport report = load(Loading.strict());
        assertThat(loaded).isEqualTo(SafeTensors.read(file));
        assertThat(report.loaded()).containsExactly("0.weight", "0.bias");
        assertThat(report.complete()).isTrue();
        assertThat(report).hasToString("loaded 2 parameters");
    }

    @Test
    void namesNearbyAreProposed() throws IOException {
        parameters.remove("0.bias");
        parameters.put("0.biases", Shape.of(2));
        parameters.put("1.weight", Shape.of(2, 2));
        refused(
                Loading.strict(),
                "missing parameters: [0.biases, 1.weight]; unexpected parameters: [0.bias]; "
                        + "did you mean '0.bias' for '0.biases'?");
        LoadReport report = load(Loading.strict().partial());
        assertThat(report.near()).containsOnly(Map.entry("0.biases", "0.bias"));
        assertThat(report)
                .hasToString("loaded 1 parameters; missing parameters: [0.biases, 1.weight]; "
                        + "unexpected parameters: [0.bias]; did you mean '0.bias' for '0.biases'?");
    }

    @Test
    void namesMayBeChangedSeveralTimes() throws IOException {
        parameters.put("fc.weight", parameters.remove("0.weight"));
        parameters.put("fc.bias", parameters.remove("0.bias"));
        refused(
                Loading.strict(),
                "missing parameters: [fc.weight, fc.bias]; unexpected parameters: [0.weight, 0.bias]; "
                        + "did you mean '0.weight' for 'fc.weight', '0.bias' for 'fc.bias'?");
        assertThat(load(Loading.strict().rename(n -> "fc" + n).rename(n -> n.replace("fc0", "fc")))
                        .complete())
                .isTrue();
        assertThat(loaded).containsOnlyKeys("fc.weight", "fc.bias");
    }

    @Test
    void aRenameThatMakesNoSenseIsTold() {
        refused(Loading.strict().rename(n -> "0.bias"), "rename makes '0.bias' of both '0.weight' and '0.bias'");
        assertThatThrownBy(() -> load(Loading.strict().rename(n -> null)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("rename: the new name of '0.weight' must not be null");
        assertThatThrownBy(() -> Loading.strict().rename(null))
                .hasMessage("rename: the function for names must not be null");
        assertThatThrownBy(() -> new Loading(null, false, false))
                .hasMessage("Loading: the function for names must not be null");
    }

    /** A file of which nothing fits is the wrong one. */
    @Test
    void somethingMustFit() {
        parameters.clear();
        parameters.put("conv.weight", Shape.of(7));
        refused(Loading.strict().partial(), "no parameter has a name of the tensors [0.weight, 0.bias]");
    }

    @Test
    void shapesMustFitInPartToo() {
        parameters.put("0.weight", Shape.of(1, 2));
        refused(Loading.strict().partial(), "'0.weight': expected shape 1×2 but got 2×1");
    }

    /** The data is damaged, which nobody sees before the shapes fit. */
    @Test
    void shapesAreComparedBeforeDataIsRead() throws IOException {
        byte[] content = Files.readAllBytes(file);
        content[content.length - 1] ^= 1;
        Files.write(file, content);
        assertThatThrownBy(() -> load(Loading.strict()))
                .isInstanceOf(TensorFileException.class)
                .hasMessageContaining("the checksum of tensor '0.bias'");
        parameters.put("0.bias", Shape.of(3));
        refused(Loading.strict(), "'0.bias': expected shape 3 but got 2");
        parameters.remove("0.bias");
        assertThat(load(Loading.strict().partial()).loaded()).containsExactly("0.weight");
    }

    @Test
    void otherTypesAreCastOrTold() throws IOException {
        Files.write(file, Crafted.file(MIXED, 0, 0x3c, 7, 0, 0, 0, 0, 0, 0, 0, 1, 2, 0, 0x40));
        parameters.clear();
        parameters.put("half", Shape.of(1));
        parameters.put("brain", Shape.scalar());
        LoadReport report = load(Loading.strict().partial());
        assertThat(loaded).containsOnly(Map.entry("half", Tensor.vector(1)), Map.entry("brain", Tensor.scalar(2)));
        assertThat(report.cast()).containsOnly(Map.entry("half", "F16"), Map.entry("brain", "BF16"));
        assertThat(report)
                .hasToString("loaded 2 parameters; unexpected parameters: [count, odd]; "
                        + "cast to F32: [half of F16, brain of BF16]");
        parameters.put("count", Shape.of(1));
        parameters.put("odd", Shape.of(2));
        refused(
                Loading.strict(),
                "'count': expected FLOAT elements but got I64; tensor 'odd' has the element type F8_E4M3; "
                        + "only [F16, BF16, F32, F64, BOOL, U8, I8, U16, I16, U32, I32, U64, I64] can be read");
    }

    @Test
    void nanIsRefusedUnlessAskedFor() throws IOException {
        for (float bad : new float[] {Float.NaN, Float.NEGATIVE_INFINITY}) {
            SafeTensors.write(
                    file, Map.of("0.weight", Tensor.of(new float[] {1, bad}, 2, 1), "0.bias", Tensor.vector(3, 4)));
            refused(
                    Loading.strict(),
                    "'0.weight' must be finite, but element [1, 0] is " + bad
                            + "; Loading.withNaN() takes it all the same");
            load(Loading.strict().withNaN());
            assertThat(loaded).isEqualTo(SafeTensors.readWithNaN(file));
            loaded.clear();
        }
    }

    /** A name in a file may move the cursor of who reads the message, or be of any length. */
    @Test
    void namesArePrintedSafely() throws IOException {
        Map<String, Tensor> tensors = new LinkedHashMap<>();
        tensors.put("\u001b[2J\r\u202e", Tensor.vector(1));
        tensors.put("n".repeat(1000), Tensor.vector(1));
        for (int i = 0; i < 100; i++) {
            tensors.put("t" + i, Tensor.vector(1));
        }
        SafeTensors.write(file, tensors);
        refused(
                Loading.strict().partial(),
                "no parameter has a name of the tensors [\\u001b[2J\\u000d\\u202e, " + "n".repeat(80) + "…, "
                        + String.join(
                                ", ",
                                tensors.keySet().stream().skip(2).limit(18).toList())
                        + ", … and 82 more]");
    }

    @Test
    void soArePaths() throws IOException {
        Path odd = Files.createDirectory(dir.resolve("a\nb"));
        String escaped = dir + "/a\\u000ab";
        assertThatThrownBy(() -> SafeTensors.read(odd)).hasMessage(escaped + ": expected a regular file");
        Path within = odd.resolve("x");
        Files.copy(file, within);
        assertThatThrownBy(() -> Loading.strict().load(within, Map.of(), loaded::putAll))
                .hasMessage(escaped + "/x does not fit the model: unexpected parameters: [0.weight, 0.bias]");
    }

    private LoadReport load(Loading how) throws IOException {
        return how.load(file, parameters, loaded::putAll);
    }

    private void refused(Loading how, String message) {
        loaded.clear();
        assertThatThrownBy(() -> load(how))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage(file + " does not fit the model: " + message);
        assertThat(loaded).isEmpty();
    }
}
