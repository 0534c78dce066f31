package dev.fluxion.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.fluxion.Tensor;
import dev.fluxion.ir.Shape;
import java.util.List;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class DatasetTest {
    private static final byte[] PIXELS = {0, 1, 2, 3, (byte) 128, (byte) 255, 7, 8, 9, 10, 11, 12};

    @Test
    void stacksRowsOfTensors() {
        Dataset data = Dataset.of(Tensor.of(new float[] {1, 2, 3, 4, 5, 6}, 3, 2), Tensor.vector(10, 20, 30));
        Batch batch = data.batch(2, 0, 2);
        assertThat(batch.inputs()).isEqualTo(Tensor.of(new float[] {5, 6, 1, 2, 5, 6}, 3, 2));
        assertThat(batch.targets()).isEqualTo(Tensor.vector(30, 10, 30));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Dataset.of(Tensor.zeros(3, 2), Tensor.zeros(2)))
                .withMessageContaining("3×2");
    }

    @Test
    void partsAreViewsThatStayInside() {
        Dataset part = DataLoaderTest.numbers(10).rows(3, 7);
        assertThat(part.size()).isEqualTo(4);
        assertThat(part.batch(3, 0).targets()).isEqualTo(Tensor.labels(6, 3));
        assertThat(part.take(2).batch(1).targets()).isEqualTo(Tensor.labels(4));
        assertBeyond(() -> part.batch(4), "batch: sample 4 is outside of [0, 4)");
        assertBeyond(() -> part.batch(-1), "batch: sample -1 is outside of [0, 4)");
        assertBeyond(() -> part.name(4), "name: sample 4 is outside of [0, 4)");
        assertBeyond(() -> part.select(0, 4), "select: sample 4 is outside of [0, 4)");
        assertBeyond(() -> part.take(5), "rows: [0, 5) is outside of [0, 4)");
        assertBeyond(() -> part.rows(3, 2), "rows: [3, 2) is outside of [0, 4)");
        assertBeyond(
                () -> Dataset.of(2, i -> new Batch(Tensor.zeros(1, 2), Tensor.zeros(1, 1)))
                        .batch(2),
                "batch: sample 2 is outside of [0, 2)");
        Dataset tensors = Dataset.of(Tensor.zeros(3, 2), Tensor.zeros(3, 1));
        assertBeyond(() -> tensors.batch(0, 3), "batch: sample 3 is outside of [0, 3)");
        assertBeyond(() -> Tensor.zeros(3, 2).rows(1, 4), "rows: [1, 4) is outside of [0, 3)");
    }

    private static void assertBeyond(ThrowingCallable call, String message) {
        assertThatThrownBy(call).isInstanceOf(IndexOutOfBoundsException.class).hasMessage(message);
    }

    @Test
    void imagesBecomeNumbersFrom0To1() {
        ImageDataset data = images();
        Batch batch = data.batch(1, 0);
        assertThat(batch.inputs().shape()).isEqualTo(Shape.of(2, 1, 2, 3));
        assertThat(batch.inputs().floats())
                .containsExactly(
                        7 / 255f,
                        8 / 255f,
                        9 / 255f,
                        10 / 255f,
                        11 / 255f,
                        12 / 255f,
                        0,
                        1 / 255f,
                        2 / 255f,
                        3 / 255f,
                        128 / 255f,
                        1);
        assertThat(batch.targets()).isEqualTo(Tensor.labels(0, 1));
        assertThat(data.image(1)).isEqualTo(batch.inputs().rows(0, 1).reshape(1, 2, 3));
        assertThat(data.label(0)).isEqualTo(1);
        assertThat(data.classes()).containsExactly("cat", "dog");
        assertThat(List.of(data.channels(), data.height(), data.width())).containsExactly(1, 2, 3);
        assertThat(data).hasToString("2 images of 1×2×3 in 2 classes");
    }

    @Test
    void partsOfImagesStayInside() {
        ImageDataset second = images().rows(1, 2);
        assertThat(second.label(0)).isZero();
        assertThat(second.batch(0)).isEqualTo(images().batch(1));
        assertThat(second.take(1).batch(0)).isEqualTo(images().batch(1));
        assertThat(images().take(1).batch(0)).isEqualTo(images().batch(0));
        assertBeyond(() -> second.label(1), "label: image 1 is outside of [0, 1)");
        assertBeyond(() -> second.image(-1), "image: image -1 is outside of [0, 1)");
        assertBeyond(() -> second.batch(1), "batch: image 1 is outside of [0, 1)");
        assertBeyond(() -> second.rows(0, 2), "rows: [0, 2) is outside of [0, 1)");
    }

    @Test
    void refusesImagesThatDoNotFit() {
        Shape image = Shape.of(1, 2, 3);
        byte[] labels = {0, 2};
        assertThatIllegalArgumentException()
                .isThrownBy(() -> ImageDataset.of(image, PIXELS, labels, List.of("a", "b")))
                .withMessage("label 2 of image 1 is outside [0, 2)");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> ImageDataset.of(image, new byte[11], labels, List.of("a", "b", "c")))
                .withMessage("2 images of 1×2×3 take 12 bytes of pixels, not 11");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> ImageDataset.of(Shape.of(2, 3), PIXELS, labels, List.of("a", "b", "c")))
                .withMessageContaining("channels×height×width");
    }

    @Test
    void mapsBatches() {
        Dataset mapped = images().map(Transforms.normalize(0.5f, 0.25f));
        assertThat(mapped.size()).isEqualTo(2);
        assertThat(mapped.batch(0).inputs().at(0, 0, 1, 2)).isEqualTo(2f);
        assertThatIllegalStateException()
                .isThrownBy(() -> images().map(b -> images().batch(0)).batch(0, 1))
                .withMessageContaining("made 1 of 2");
    }

    @Test
    void normalizesEachChannel() {
        Batch batch = new Batch(Tensor.of(new float[] {1, 2, 3, 4, 5, 6, 7, 8}, 2, 2, 2), Tensor.labels(0, 1));
        Batch out = Transforms.normalize(new float[] {1, 2}, new float[] {1, 2}).apply(batch);
        assertThat(out.inputs()).isEqualTo(Tensor.of(new float[] {0, 1, .5f, 1, 4, 5, 2.5f, 3}, 2, 2, 2));
        assertThat(batch.inputs().floats()[0]).isEqualTo(1);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Transforms.normalize(0, 1).apply(batch))
                .withMessageContaining("2×2×2");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Transforms.normalize(new float[2], new float[1]))
                .withMessageContaining("not 2 and 1");
    }

    @ParameterizedTest
    @ValueSource(floats = {0, -1, Float.NaN, Float.POSITIVE_INFINITY})
    void refusesABadDeviation(float std) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Transforms.normalize(0, std))
                .withMessageContaining("positive and finite");
    }

    private static ImageDataset images() {
        return ImageDataset.of(Shape.of(1, 2, 3), PIXELS, new byte[] {1, 0}, List.of("cat", "dog"));
    }
}
