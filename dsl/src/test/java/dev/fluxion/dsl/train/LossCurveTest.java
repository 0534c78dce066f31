package dev.fluxion.dsl.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.offset;

import java.io.ByteArrayInputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import javax.xml.parsers.DocumentBuilderFactory;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.w3c.dom.Element;
import org.w3c.dom.NodeList;

class LossCurveTest {
    private static final int PER_EPOCH = 400;

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 7, 400, 1999, 50_000})
    void draws_any_number_of_losses_within_the_picture(int count) throws Exception {
        Element svg = parse(curve(count, 3));

        NodeList lines = svg.getElementsByTagName("polyline");
        assertThat(lines.getLength()).isEqualTo(count == 0 ? 0 : 2);
        for (int i = 0; i < lines.getLength(); i++) {
            String[] points = ((Element) lines.item(i)).getAttribute("points").split(" ");
            assertThat(points).hasSizeBetween(1, 1500);
            for (String point : points) {
                assertThat(Double.parseDouble(point.split(",")[0])).isBetween(70.0, 780.0);
                assertThat(Double.parseDouble(point.split(",")[1])).isBetween(44.0, 384.0);
            }
        }
    }

    @Test
    void labels_axes_with_round_numbers_and_marks_epochs() throws Exception {
        assertThat(texts(parse(curve(800, 2.4f))))
                .contains("0", "0.5", "1", "1.5", "2", "200", "400", "600", "800", "iteration", "loss")
                .contains("epoch 1", "epoch 2", "loss of each batch", "mean of the last 20")
                .doesNotContain("2.5", "epoch 3");
    }

    @Test
    void what_came_before_a_checkpoint_counts() throws Exception {
        LossCurve curve = new LossCurve();
        for (int i = 800; i < 1200; i++) {
            curve.iteration(new TrainingListener.Iteration(i / PER_EPOCH, 9, i % PER_EPOCH, PER_EPOCH, 0.1, 1));
        }
        curve.epoch(new TrainingListener.Epoch(2, 9, 0.1, 1, Map.of(), 1));

        Element svg = parse(curve);

        assertThat(texts(svg)).contains("epoch 3", "1200").doesNotContain("epoch 1");
        String first = ((Element) svg.getElementsByTagName("polyline").item(0)).getAttribute("points");
        assertThat(Double.parseDouble(first.split(",")[0])).isEqualTo(70 + 710 * 801 / 1200.0, offset(0.1));
    }

    @ParameterizedTest
    @ValueSource(floats = {0, 1e-20f, 3e30f, -1})
    void draws_losses_of_any_size(float loss) throws Exception {
        assertThat(texts(parse(curve(10, loss)))).hasSizeBetween(10, 40);
    }

    @Test
    void remembers_and_saves(@TempDir Path folder) throws Exception {
        LossCurve curve = curve(1025, 2);
        curve.losses()[0] = 99;

        curve.save(folder.resolve("loss.svg"));

        assertThat(curve.losses()).hasSize(1025).startsWith(2f).endsWith(2f / 1025);
        assertThat(Files.readString(folder.resolve("loss.svg"))).isEqualTo(curve.svg());
    }

    private static LossCurve curve(int count, float first) {
        LossCurve curve = new LossCurve();
        for (int i = 0; i < count; i++) {
            curve.iteration(
                    new TrainingListener.Iteration(i / PER_EPOCH, 9, i % PER_EPOCH, PER_EPOCH, 0.1, first / (i + 1)));
            if ((i + 1) % PER_EPOCH == 0) {
                curve.epoch(new TrainingListener.Epoch(i / PER_EPOCH, 9, 0.1, first, Map.of(), 1));
            }
        }
        return curve;
    }

    private static Element parse(LossCurve curve) throws Exception {
        byte[] bytes = curve.svg().getBytes(StandardCharsets.UTF_8);
        return DocumentBuilderFactory.newInstance()
                .newDocumentBuilder()
                .parse(new ByteArrayInputStream(bytes))
                .getDocumentElement();
    }

    private static String[] texts(Element svg) {
        NodeList texts = svg.getElementsByTagName("text");
        String[] found = new String[texts.getLength()];
        for (int i = 0; i < found.length; i++) {
            found[i] = texts.item(i).getTextContent();
        }
        return found;
    }
}
