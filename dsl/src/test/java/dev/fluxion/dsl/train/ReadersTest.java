package dev.fluxion.dsl.train;

import static dev.fluxion.dsl.layer.Layers.batchNorm;
import static dev.fluxion.dsl.layer.Layers.linear;

import dev.fluxion.Input;
import dev.fluxion.dsl.layer.Seq;
import dev.fluxion.gate.Corpus;
import dev.fluxion.io.SafeTensors;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/**
 * Files that once broke a reader, or nearly: {@code ReadersFuzz} looks for more. Checksums let no change of a whole file through, so
 * that texts within are changed and written with right ones, too.
 */
class ReadersTest {
    private static final SafeTensors.Contents MODEL = model();

    @TestFactory
    Stream<DynamicTest> everyFileIsReadOrRefused() {
        return Stream.of(
                        Corpus.of(ReadersTest.class, "checkpoint", IOException.class, ReadersTest::checkpoint),
                        Corpus.of(ReadersTest.class, "model", IOException.class, ReadersTest::model),
                        Corpus.of(ReadersTest.class, "state", IOException.class, ReadersTest::state),
                        Corpus.of(ReadersTest.class, "structure", IOException.class, ReadersTest::structure))
                .flatMap(tests -> tests);
    }

    private static SafeTensors.Contents model() {
        try (Model model = Model.of(Seq.of(linear(3, 4), batchNorm(4)), Input.floats("x", 3))) {
            Path file = Files.createTempFile("model", "");
            model.export(file);
            SafeTensors.Contents contents = SafeTensors.contents(file);
            Files.delete(file);
            return contents;
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    static void checkpoint(Path file) throws IOException {
        Checkpoint.load(file);
    }

    static void model(Path file) throws IOException {
        Model.open(file).close();
    }

    /** The texts of a checkpoint, a line each. */
    static void state(Path file) throws IOException {
        Map<String, String> texts = new LinkedHashMap<>();
        for (String line : text(file).split("\n", 64)) {
            int at = line.indexOf('=');
            if (at > 0 && !line.startsWith("fluxion.header") && !line.startsWith("fluxion.tensors")) {
                texts.put(line.substring(0, at), line.substring(at + 1));
            }
        }
        SafeTensors.write(file, Map.of(), texts);
        Checkpoint.load(file);
    }

    /** The structure of a model. */
    static void structure(Path file) throws IOException {
        Map<String, String> texts = new LinkedHashMap<>(MODEL.metadata());
        texts.put("fluxion.structure", text(file));
        SafeTensors.write(file, MODEL.tensors(), texts);
        Model.open(file).close();
    }

    private static String text(Path file) throws IOException {
        return new String(Files.readAllBytes(file), StandardCharsets.ISO_8859_1);
    }
}
