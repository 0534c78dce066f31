package dev.fluxion.dsl.train;

import static dev.fluxion.dsl.layer.Layers.*;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.fluxion.Input;
import dev.fluxion.Layer;
import dev.fluxion.Tensor;
import dev.fluxion.dsl.layer.Seq;
import dev.fluxion.io.SafeTensors;
import dev.fluxion.io.TensorFileException;
import dev.fluxion.ir.Expr;
import dev.fluxion.ir.Shape;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Whatever is wrong with a file of a model is told in one exception. */
class BadModelFileTest {
    private static final String STRUCTURE = "fluxion.structure";
    private static final int BITS = Integer.getInteger("fluxion.bits", 101);
    private static final int MUTATIONS = Integer.getInteger("fluxion.mutations", 60);

    @TempDir
    private Path folder;

    private Path good;
    private SafeTensors.Contents contents;

    @BeforeEach
    void write() throws IOException {
        good = folder.resolve("good.fluxion");
        Seq net = Seq.of(linear(3, 4), batchNorm(4), relu(), layer("head()", (scope, x) -> x.reshape(
                        x.shape().dim(0) * 4, 1)
                .reshape(x.shape().dim(0), 4)
                .add(Expr.constant(Tensor.vector(1, 2, 3, 4)))));
        try (Model model = Model.of(net, Input.floats("x", 3))) {
            model.export(good, ModelCard.of().classNames("a", "b", "c", "d").text("author", "me"));
        }
        contents = SafeTensors.contents(good);
    }

    private void refused(String message, Map<String, Tensor> tensors, Map<String, String> texts) throws IOException {
        Path bad = folder.resolve("bad.fluxion");
        SafeTensors.write(bad, tensors, texts);
        assertThatThrownBy(() -> Model.open(bad))
                .isInstanceOf(IOException.class)
                .hasMessageStartingWith(bad + ": ")
                .hasMessageContaining(message);
    }

    private void text(String message, String key, String text) throws IOException {
        Map<String, String> texts = new LinkedHashMap<>(contents.metadata());
        texts.put(key, text);
        refused(message, contents.tensors(), texts);
    }

    /** The structure with each occurrence of something replaced. */
    private void structure(String message, String from, String to) throws IOException {
        String before = contents.metadata().get(STRUCTURE);
        assertThat(before).contains(from);
        text(message, STRUCTURE, before.replace(from, to));
    }

    @Test
    void otherFilesAreTold() throws IOException {
        refused("it has tensors only", contents.tensors(), Map.of());
        text("it was written in format 3, and this version of Fluxion reads formats up to 1", "fluxion.model", "3");
        text("it was written in format one", "fluxion.model", "one");
        Path text = Files.writeString(folder.resolve("text.fluxion"), "hello, I am no model at all");
        assertThatThrownBy(() -> Model.open(text)).isInstanceOf(TensorFileException.class);
        assertThatThrownBy(() -> Model.open(folder.resolve("none.fluxion"))).isInstanceOf(TensorFileException.class);
        assertThatThrownBy(() -> Model.open(null)).hasMessage("open: the file must not be null");
    }

    @Test
    void damagedTextsAreTold() throws IOException {
        text("damaged text 'fluxion.structure': at character 0", STRUCTURE, "");
        text("must not be deeper than 8", STRUCTURE, "[".repeat(100_000));
        text("expected the end", STRUCTURE, "{}{}");
        text("structure must be an object", STRUCTURE, "[]");
        text("structure lacks 'inputs'", STRUCTURE, "{}");
        text("structure has no 'colour'", STRUCTURE, "{\"colour\":1}");
        text("the name 'layer' comes twice", STRUCTURE, "{\"layer\":\"\",\"layer\":\"\"}");
        text("card lacks 'classNames'", "fluxion.card", "{\"vocabularies\":{}}");
        text("there are 2 class names, but a batch of one makes 1×4", "fluxion.card", card("\"a\",\"b\""));
        text("must not be blank and not be there twice", "fluxion.card", card("\"a\",\"a\""));
        text("card.classNames[0] must be a text", "fluxion.card", card("7"));
    }

    private static String card(String names) {
        return "{\"classNames\":[" + names + "],\"vocabularies\":{}}";
    }

    @Test
    void graphsThatAreNoneAreTold() throws IOException {
        structure("there is no operator 'execute'", "\"op\":\"reshape\"", "\"op\":\"execute\"");
        structure("the attribute 'to' is missing", "\"to\":\"{4*e0},1\"", "\"two\":\"{4*e0},1\"");
        structure("there is no attribute 'colour'", "\"to\":\"{4*e0},1\"", "\"colour\":\"red\",\"to\":\"{4*e0},1\"");
        structure("is no formula of extents", "{4*e0}", "{4*e0");
        structure("there is no extent e9", "{4*e0}", "{4*e9}");
        structure("is beyond 64 bits", "{4*e0}", "{9223372036854775807*e0*e0+9223372036854775807}");
        structure("must lie within 32 bits", "{4*e0}", "{2147483648*e0}");
        structure("must have a layer and its place", "\"layers\":[", "\"layers\":[[],");
        structure("is not a node before it", "\"of\":[0,", "\"of\":[1000,");
        structure("must be a whole number below 2³¹", "\"of\":[0,", "\"of\":[99999999999,");
        structure("must be FLOAT or INT", "\"type\":\"FLOAT\",\"sample\"", "\"type\":\"DOUBLE\",\"sample\"");
        structure("but there is none", "\"inputs\":[{\"name\":\"x\"", "\"inputs\":[{\"name\":\"y\"");
        structure("of FLOAT 1×3, but it is", "\"sample\":[3]", "\"sample\":[5]");
        structure(
                "is a tensor that is not there",
                "\"tensor\":\"fluxion.constant.0\"",
                "\"tensor\":\"fluxion.constant.1\"");
        structure("its first output must be 'output'", "\"outputs\":{\"output\"", "\"outputs\":{\"exit\"");
        structure("it is called", "\"parameters\":{\"0.weight\"", "\"parameters\":{\"9.weight\"");
        structure("must be one of NEG,", "\"fn\":\"RELU\"", "\"fn\":\"RELUX\"");
    }

    @Test
    void sessionsThatDoNotGoOnAreTold() throws IOException {
        Layer net = Seq.of(embedding(7, 8), multiHeadAttention(8, 2).causal(), gru(8, 8), linear(8, 7));
        try (Model model = Model.of(net, Input.ints("ids", 20).varies(0, "T"))) {
            model.export(good);
        }
        contents = SafeTensors.contents(good);
        String text = contents.metadata().get(STRUCTURE);
        String sessions = text.substring(text.indexOf("\"sessions\":["));
        String session = sessions.substring(sessions.indexOf('[') + 1, sessions.lastIndexOf(']'));
        structure("sessions[1].extent must be told once", session + "]}", session + "," + session + "]}");
        structure("must be an extent that varies", "{\"extent\":\"T\"", "{\"extent\":\"U\"");
        structure("structure.sessions[0] has no 'others'", "\"states\":", "\"others\":");
        text("structure.sessions must be a list", STRUCTURE, text.replace(sessions, "\"sessions\":7}"));
        for (String list : List.of("histories", "states")) {
            String begin = "\"" + list + "\":[\"";
            int at = session.indexOf(begin) + begin.length();
            String name = session.substring(at, session.indexOf('"', at));
            String kept = begin + name + "\"";
            structure("kept as 'exit'", kept, begin + "exit\"");
            structure("kept as '" + name + "'", kept, kept + ",\"" + name + "\"");
            structure("kept as '" + name + "'", "\"" + name + " at once\"", "\"later\"");
            String taken =
                    text.replace("\"" + name + "\"", "\"ids\"").replace("\"" + name + " at once\"", "\"ids at once\"");
            text("the name 'ids' comes twice", STRUCTURE, taken);
        }
    }

    @Test
    void weightsThatDoNotFitAreTold() throws IOException {
        Map<String, Tensor> tensors = new LinkedHashMap<>(contents.tensors());
        tensors.remove("0.weight");
        refused("the weights [0.weight] are missing", tensors, contents.metadata());
        tensors.put("0.weight", Tensor.zeros(4, 9));
        refused("parameter(0.weight) of FLOAT 4×3, but the tensor of this name is", tensors, contents.metadata());
        tensors.put("0.weight", Tensor.of(new int[12], Shape.of(4, 3)));
        refused("parameter(0.weight) of FLOAT 4×3", tensors, contents.metadata());
        tensors.put("0.weight", Tensor.full(Float.POSITIVE_INFINITY, 4, 3));
        refused("0.weight", tensors, contents.metadata());
        tensors.put("0.weight", Tensor.zeros(4, 3));
        tensors.put("extra", Tensor.zeros(1));
        refused("nothing is known of the tensors [extra]", tensors, contents.metadata());
    }

    @Test
    void everyChangedBitIsFound() throws IOException {
        byte[] bytes = Files.readAllBytes(good);
        Path bad = folder.resolve("bad.fluxion");
        for (int bit = 0; bit < 8 * bytes.length; bit += BITS) {
            byte[] changed = bytes.clone();
            changed[bit / 8] ^= (byte) (1 << bit % 8);
            Files.write(bad, changed);
            assertThatThrownBy(() -> Model.open(bad).close()).isInstanceOf(IOException.class);
        }
        for (int length = 0; length < bytes.length; length += 397) {
            Files.write(bad, Arrays.copyOf(bytes, length));
            assertThatThrownBy(() -> Model.open(bad).close()).isInstanceOf(IOException.class);
        }
    }

    /** A structure with right checksums in which anything is changed is refused, or is a model. */
    @Test
    void anyChangeOfTheStructureIsRefusedOrAModel() throws IOException {
        SplittableRandom random = new SplittableRandom(5);
        String before = contents.metadata().get(STRUCTURE);
        String digits = "0123456789,{}[]\"e:-*x";
        Map<String, String> texts = new LinkedHashMap<>(contents.metadata());
        Path bad = folder.resolve("bad.fluxion");
        int models = 0;
        for (int i = 0; i < MUTATIONS; i++) {
            StringBuilder text = new StringBuilder(before);
            for (int n = random.nextInt(1, 3); n > 0; n--) {
                int at = random.nextInt(text.length());
                text.setCharAt(at, digits.charAt(random.nextInt(digits.length())));
            }
            texts.put(STRUCTURE, text.toString());
            SafeTensors.write(bad, contents.tensors(), texts);
            try (Model model = Model.open(bad)) {
                models++;
                model.predict(Tensor.full(1, 2, 3));
            } catch (IOException | IllegalArgumentException e) {
                assertThat(e.getMessage()).isNotBlank();
            }
        }
        assertThat(models).isBetween(1, MUTATIONS / 2);
    }

    @Test
    void whatCannotBeWrittenIsToldBefore() throws IOException {
        Path file = folder.resolve("not.fluxion");
        Layer odd = layer(
                "odd()",
                (scope, x) -> x.shape().dim(1) % 2 == 0 ? x.mul(2) : x.add(1).mul(3));
        try (Model model = Model.of(odd, Input.floats("x", 30, 3).varies(0, "T"))) {
            assertThatThrownBy(() -> model.export(file))
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageContainingAll("the structure cannot be written", "odd()", "BadModelFileTest.java");
        }
        try (Model model = Model.of(linear(3, 2), 3)) {
            assertThatThrownBy(() -> model.export(file, ModelCard.of().classNames("a")))
                    .hasMessageContaining("there are 1 class names");
            assertThatThrownBy(() -> model.export(file, ModelCard.of().text("fluxion.model", "7")))
                    .hasMessageContaining("begins with 'fluxion.'");
            assertThatThrownBy(() -> model.export(file, ModelCard.of().vocabulary("ids", new Vocabulary(List.of("a")))))
                    .hasMessageContaining("ids");
            assertThatThrownBy(() -> model.export(folder.resolve("no/folder.fluxion")))
                    .isInstanceOf(IOException.class);
        }
        assertThat(file).doesNotExist();
    }
}
