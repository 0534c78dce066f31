package dev.fluxion.dsl.metric;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.fluxion.Tensor;
import dev.fluxion.data.DataLoader;
import dev.fluxion.data.Dataset;
import dev.fluxion.dsl.layer.Layers;
import dev.fluxion.dsl.train.Model;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import javax.xml.parsers.DocumentBuilderFactory;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.w3c.dom.Document;

class ConfusionMatrixTest {
    /** Cats are three times right and once a dog, dogs are right, foxes and wolves neither come nor are predicted. */
    private static final DataLoader DATA = DataLoader.of(Dataset.of(
                    Tensor.of(new float[] {9, 0, 0, 8, 0, 0, 7, 1, 0, 0, 5, 1, 0, 2, 0, 0, 3, 1, 0, 3, 2}, 7, 3),
                    Tensor.labels(0, 0, 0, 0, 1, 1, -100)))
            .batch(2);

    private static ConfusionMatrix matrix(String... names) {
        ConfusionMatrix matrix = ConfusionMatrix.of(names);
        try (Model model = Model.of(Layers.identity(), 3)) {
            model.tally(DATA, matrix);
        }
        return matrix;
    }

    @Test
    void isPrintedAsATable() {
        assertThat(matrix("cat", "dog", "fox").toString()).isEqualTo("""
                        target \\ predicted  cat  dog  fox
                        cat                   3    1    0
                        dog                   0    2    0
                        fox                   0    0    0""");
        assertThat(matrix().toString()).isEqualTo("""
                        target \\ predicted  0  1  2
                        0                   3  1  0
                        1                   0  2  0
                        2                   0  0  0""");
    }

    /** A class that is absent has no value. */
    @Test
    void reportsTheUsualNumbers() {
        assertThat(matrix("cat", "dog", "fox").report()).isEqualTo("""
                                          precision  recall      f1  targets
                        cat                  1.0000  0.7500  0.8571        4
                        dog                  0.6667  1.0000  0.8000        2
                        fox                       –       –       –        0
                        accuracy                             0.8333        6
                        macro average        0.8333  0.8750  0.8286        6
                        weighted average     0.8889  0.8333  0.8381        6""");
    }

    @Test
    void nothingIsNaN() {
        assertThat(ConfusionMatrix.of().value()).isNaN();
        assertThat(ConfusionMatrix.of().toString()).isEqualTo("target \\ predicted");
        assertThat(ConfusionMatrix.of("a", "b").report()).contains("accuracy").contains("–");
        assertThat(ConfusionMatrix.of("a", "b").svg()).contains(">a<");
    }

    @Test
    void elementsAreYesOrNo() {
        ConfusionMatrix matrix = ConfusionMatrix.binary(0.5);
        matrix.add(Tensor.vector(0.5f, 0.75f, 1, 0, 1), Tensor.vector(1, 1, 0, 0, -100));
        assertThat(matrix.toString()).isEqualTo("""
                        target \\ predicted  no  yes
                        no                   1    1
                        yes                  1    1""");
    }

    @Test
    void isDrawn(@TempDir Path folder) throws Exception {
        ConfusionMatrix matrix = matrix("cat", "<dog> & co", "fox");
        Path file = folder.resolve("confusion.svg");
        matrix.save(file);
        assertThat(Files.readString(file)).isEqualTo(matrix.svg());
        Document picture = DocumentBuilderFactory.newInstance()
                .newDocumentBuilder()
                .parse(new ByteArrayInputStream(matrix.svg().getBytes(StandardCharsets.UTF_8)));
        assertThat(picture.getElementsByTagName("rect").getLength()).isEqualTo(1 + 9);
        assertThat(picture.getElementsByTagName("text").getLength()).isEqualTo(2 + 3 * 2 + 9);
        assertThat(picture.getElementsByTagName("text").item(7).getTextContent())
                .isEqualTo("<dog> & co");
        assertThat(matrix.svg()).contains("fill-opacity=\"0.750\"");
        Path nowhere = folder.resolve("nowhere").resolve("file.svg");
        assertThatThrownBy(() -> matrix.save(nowhere))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("the folder " + nowhere.getParent() + " does not exist");
        Thread.currentThread().interrupt();
        assertThatThrownBy(() -> matrix.save(file))
                .hasMessage(
                        file + ": cannot be written: the thread was interrupted; a file that was there is as it was");
        assertThat(Thread.interrupted()).isTrue();
        assertThat(file).content().isEqualTo(matrix.svg());
    }

    @Test
    void namesAreThoseOfAllClasses() {
        assertThatThrownBy(() -> matrix("cat", "dog"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("confusionMatrix: there are names for 2 classes but the outputs have 3");
        assertThatThrownBy(() -> ConfusionMatrix.of("cat", null))
                .hasMessage("confusionMatrix: name 1, after cat, must not be null");
    }

    @Test
    void matricesMerge() {
        ConfusionMatrix matrix = matrix();
        matrix.merge(matrix());
        assertThat(matrix.count(0, 0)).isEqualTo(6);
        ConfusionMatrix empty = ConfusionMatrix.of();
        empty.merge(matrix);
        empty.merge(ConfusionMatrix.of());
        assertThat(empty.count(0, 1)).isEqualTo(2);
    }
}
