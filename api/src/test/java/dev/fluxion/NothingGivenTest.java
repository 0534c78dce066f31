package dev.fluxion;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.fluxion.data.Batch;
import dev.fluxion.data.Cifar10;
import dev.fluxion.data.Cifar100;
import dev.fluxion.data.DataLoader;
import dev.fluxion.data.Dataset;
import dev.fluxion.data.FashionMnist;
import dev.fluxion.data.ImageDataset;
import dev.fluxion.data.Mnist;
import dev.fluxion.data.Sampler;
import dev.fluxion.data.SyntheticDigits;
import dev.fluxion.data.Transforms;
import dev.fluxion.ir.DType;
import dev.fluxion.ir.Shape;
import dev.fluxion.ir.Value;
import java.nio.file.Path;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;

/** Where null is given instead of something that is needed, as an array, a tensor or a file, it is told instead of what. */
class NothingGivenTest {
    private static final Shape PIXEL = Shape.of(1, 1, 1);
    private static final Tensor ONE = Tensor.zeros(1, 2);
    private static final Dataset DATA = Dataset.of(ONE, ONE);

    @Test
    void whatATensorIsMadeOfIsThere() {
        String elements = "Tensor: the elements must not be null";
        String shape = "Tensor: the shape must not be null";
        String extents = "Shape: the extents must not be null";
        assertThat(refused(() -> Tensor.of((float[]) null, 1))).isEqualTo(elements);
        assertThat(refused(() -> Tensor.of((float[]) null, PIXEL))).isEqualTo(elements);
        assertThat(refused(() -> Tensor.of((int[]) null, PIXEL))).isEqualTo(elements);
        assertThat(refused(() -> Tensor.vector(null))).isEqualTo(elements);
        assertThat(refused(() -> Tensor.labels(null))).isEqualTo(elements);
        assertThat(refused(() -> Tensor.of(new float[1], (Shape) null))).isEqualTo(shape);
        assertThat(refused(() -> Tensor.of(new int[1], null))).isEqualTo(shape);
        assertThat(refused(() -> Tensor.of(null))).isEqualTo("Tensor: the value must not be null");
        assertThat(refused(() -> Tensor.zeros(null))).isEqualTo(extents);
        assertThat(refused(() -> Tensor.full(1, null))).isEqualTo(extents);
        assertThat(refused(() -> ONE.reshape(null))).isEqualTo("reshape: the extents must not be null");
        assertThat(refused(() -> ONE.at(null))).isEqualTo("at: the index must not be null");
        assertThat(refused(() -> new Value(null, new double[1]))).isEqualTo("Value: the shape must not be null");
        assertThat(refused(() -> new Value(PIXEL, null))).isEqualTo("Value: the elements must not be null");
    }

    @Test
    void whatAShapeIsMadeOfIsThere() {
        assertThat(refused(() -> Shape.of(null))).isEqualTo("Shape: the extents must not be null");
        assertThat(refused(() -> PIXEL.keeping(null))).isEqualTo("keeping: the axes must not be null");
        assertThat(refused(() -> PIXEL.without(null))).isEqualTo("without: the axes must not be null");
        assertThat(refused(() -> Shape.broadcast(null, PIXEL)))
                .isEqualTo("broadcast: the first shape must not be null");
        assertThat(refused(() -> Shape.broadcast(PIXEL, null)))
                .isEqualTo("broadcast: the second shape must not be null");
    }

    @Test
    void whatAnInputIsMadeOfIsThere() {
        assertThat(refused(() -> new Input(null, DType.INT, PIXEL, Map.of(), false)))
                .isEqualTo("Input: the name must not be null");
        assertThat(refused(() -> new Input("x", DType.INT, PIXEL, null, false)))
                .isEqualTo("Input: what varies must not be null");
        assertThat(refused(() -> new Input("x", DType.INT, PIXEL, Collections.singletonMap(null, "T"), false)))
                .isEqualTo("Input: an axis that varies must not be null");
        assertThat(refused(() -> new Input("x", DType.INT, PIXEL, Collections.singletonMap(0, null), false)))
                .isEqualTo("Input: the name of an extent must not be null");
        assertThat(refused(() -> Input.ints("x").varies(0, null)))
                .isEqualTo("varies: the name of the extent must not be null");
        assertThat(refused(() -> Input.ints("x").at(null))).isEqualTo("at: the extents must not be null");
        assertThat(refused(() -> Tensors.of(ONE).map(null))).isEqualTo("map: the function must not be null");
        assertThat(refused(() -> Tensors.of(ONE).map(x -> null))).isEqualTo("Tensors: '' must not be null");
    }

    @Test
    void samplesAndTheirNumbersAreThere() {
        String inputs = "Batch: the inputs must not be null";
        String targets = "Batch: the targets must not be null";
        assertThat(refused(() -> new Batch(null, ONE))).isEqualTo(inputs);
        assertThat(refused(() -> new Batch(ONE, null))).isEqualTo(targets);
        assertThat(refused(() -> Dataset.of(null, ONE))).isEqualTo(inputs);
        assertThat(refused(() -> Dataset.of(ONE, null))).isEqualTo(targets);
        assertThat(refused(() -> DataLoader.of(null))).isEqualTo("DataLoader: the data set must not be null");
        assertThat(refused(() -> new DataLoader(null, 1, Sampler.inOrder(), false, List.of(), 0, 0)))
                .isEqualTo("DataLoader: the data set must not be null");
        assertThat(refused(() -> new DataLoader(DATA, 1, null, false, List.of(), 0, 0)))
                .isEqualTo("DataLoader: the order must not be null");
        String numbers = "batch: the numbers must not be null";
        assertThat(refused(() -> DATA.batch(null))).isEqualTo(numbers);
        assertThat(refused(() -> DATA.take(1).batch(null))).isEqualTo(numbers);
        assertThat(refused(() -> SyntheticDigits.of(1, 0).batch(null))).isEqualTo(numbers);
    }

    @Test
    void whatIsDoneWithSamplesIsThere() {
        assertThat(refused(() -> DATA.map(null))).isEqualTo("map: the function must not be null");
        assertThat(refused(() -> DATA.map(batch -> null).batch(0)))
                .isEqualTo("map: what the function gives must not be null");
        assertThat(refused(() -> Transforms.normalize(null, new float[1])))
                .isEqualTo("normalize: the means must not be null");
        assertThat(refused(() -> Transforms.normalize(new float[1], null)))
                .isEqualTo("normalize: the standard deviations must not be null");
    }

    @Test
    void whatImagesAreMadeOfIsThere() {
        byte[] one = new byte[1];
        List<String> classes = List.of("0");
        assertThat(refused(() -> ImageDataset.of(null, one, one, classes)))
                .isEqualTo("ImageDataset: the shape of an image must not be null");
        assertThat(refused(() -> ImageDataset.of(PIXEL, null, one, classes)))
                .isEqualTo("ImageDataset: the pixels must not be null");
        assertThat(refused(() -> ImageDataset.of(PIXEL, one, null, classes)))
                .isEqualTo("ImageDataset: the labels must not be null");
        assertThat(refused(() -> ImageDataset.of(PIXEL, one, one, null)))
                .isEqualTo("ImageDataset: the names of the classes must not be null");
    }

    @Test
    void filesAndFoldersAreThere() {
        Path file = Path.of("file");
        assertThat(refused(() -> Mnist.read(null, file))).isEqualTo("Mnist: the file of images must not be null");
        assertThat(refused(() -> Mnist.read(file, null))).isEqualTo("Mnist: the file of labels must not be null");
        assertThat(refused(() -> Mnist.read(file, file, null)))
                .isEqualTo("Mnist: the names of the classes must not be null");
        assertThat(refused(() -> Cifar10.read(null))).isEqualTo("Cifar10: the list of files must not be null");
        assertThat(refused(() -> Cifar10.read(Collections.singletonList(null))))
                .isEqualTo("read: the file must not be null");
        String folder = "read: the folder must not be null";
        assertThat(refused(() -> Mnist.train(null))).isEqualTo(folder);
        assertThat(refused(() -> Mnist.test(null))).isEqualTo(folder);
        assertThat(refused(() -> Cifar10.train(null))).isEqualTo(folder);
        assertThat(refused(() -> Cifar10.test(null))).isEqualTo(folder);
        assertThat(refused(() -> Cifar100.train(null))).isEqualTo(folder);
        assertThat(refused(() -> Cifar100.test(null))).isEqualTo(folder);
        assertThat(refused(() -> FashionMnist.train(null))).isEqualTo(folder);
        assertThat(refused(() -> FashionMnist.test(null))).isEqualTo(folder);
    }

    private static String refused(ThrowingCallable make) {
        return catchThrowableOfType(IllegalArgumentException.class, make).getMessage();
    }
}
