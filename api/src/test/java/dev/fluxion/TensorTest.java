package dev.fluxion;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.fluxion.ir.DType;
import dev.fluxion.ir.Shape;
import dev.fluxion.ir.ShapeException;
import dev.fluxion.ir.Value;
import org.junit.jupiter.api.Test;

class TensorTest {
    @Test
    void wrapsItsArray() {
        float[] data = {1, 2, 3, 4, 5, 6};
        Tensor t = Tensor.of(data, 2, 3);
        assertThat(t.floats()).isSameAs(data);
        assertThat(t.at(1, 0)).isEqualTo(4);
        assertThat(t.reshape(3, 2).floats()).isSameAs(data);
        assertThat(t.rows(1, 2)).isEqualTo(Tensor.of(new float[] {4, 5, 6}, 1, 3));
        assertThat(t.dtype()).isEqualTo(DType.FLOAT);
    }

    @Test
    void holdsIntegers() {
        Tensor t = Tensor.labels(3, 1, 2);
        assertThat(t.dtype()).isEqualTo(DType.INT);
        assertThat(t.ints()).containsExactly(3, 1, 2);
        assertThat(t.at(2)).isEqualTo(2);
        assertThat(t.rows(1, 3)).isEqualTo(Tensor.labels(1, 2));
        assertThat(t.toValue()).isEqualTo(new Value(Shape.of(3), new double[] {3, 1, 2}));
    }

    @Test
    void equalityIsByShapeTypeAndElements() {
        assertThat(Tensor.vector(1, 2)).isEqualTo(Tensor.vector(1, 2)).hasSameHashCodeAs(Tensor.vector(1, 2));
        assertThat(Tensor.vector(1, 2)).isNotEqualTo(Tensor.vector(1, 2).reshape(2, 1));
        assertThat(Tensor.vector(1, 2)).isNotEqualTo(Tensor.labels(1, 2));
    }

    @Test
    void argmaxIsTheFirstLargestOfEachRow() {
        assertThat(Tensor.of(new float[] {1, 3, 3, 9, 0, 2}, 2, 3).argmax()).containsExactly(1, 0);
    }

    @Test
    void argmaxIsTheFirstNaN() {
        float nan = Float.NaN;
        float infinite = Float.POSITIVE_INFINITY;
        float[] rows = {1, nan, 0, nan, infinite, nan, infinite, 2, nan, -infinite, -infinite, -1};
        assertThat(Tensor.of(rows, 4, 3).argmax()).containsExactly(1, 0, 2, 2);
    }

    @Test
    void aValueIsRoundedToFloat32() {
        assertThat(Tensor.of(Value.scalar(0.1)).item()).isEqualTo(0.1f);
    }

    /** What PyTorch 2 prints for the same numbers. */
    @Test
    void printsNumbersAsPyTorchDoes() {
        assertThat(Tensor.scalar(1.23456f)).hasToString("1.2346");
        assertThat(Tensor.scalar(1e-5f)).hasToString("1.0000e-05");
        assertThat(Tensor.scalar(1e-4f)).hasToString("1.0000e-04");
        assertThat(Tensor.scalar(1.01e-4f)).hasToString("0.0001");
        assertThat(Tensor.scalar(0)).hasToString("0.");
        assertThat(Tensor.scalar(-0f)).hasToString("-0.");
        assertThat(Tensor.scalar(Float.MIN_VALUE)).hasToString("1.4013e-45");
        assertThat(Tensor.scalar(-Float.MAX_VALUE)).hasToString("-3.4028e+38");
        assertThat(Tensor.vector(1, -2.5f)).hasToString("[ 1.0000, -2.5000] (2)");
        assertThat(Tensor.vector(1, 2, 3)).hasToString("[1., 2., 3.] (3)");
        assertThat(Tensor.vector(1e7f, 1)).hasToString("[1.0000e+07, 1.0000e+00] (2)");
        assertThat(Tensor.vector(1e8f, 1e8f)).hasToString("[100000000., 100000000.] (2)");
        assertThat(Tensor.vector(2e8f, 0)).hasToString("[2.0000e+08, 0.0000e+00] (2)");
        assertThat(Tensor.vector(2e-5f, 0)).hasToString("[2.0000e-05, 0.0000e+00] (2)");
        assertThat(Tensor.vector(1000.5f, 1)).hasToString("[1.0005e+03, 1.0000e+00] (2)");
        assertThat(Tensor.vector(1000, 1)).hasToString("[1000.,    1.] (2)");
        assertThat(Tensor.vector(1001, 1)).hasToString("[1.0010e+03, 1.0000e+00] (2)");
        assertThat(Tensor.vector(0.99999f, 9.99999f)).hasToString("[ 1.0000, 10.0000] (2)");
        assertThat(Tensor.vector(99999.96f, 1)).hasToString("[1.0000e+05, 1.0000e+00] (2)");
        assertThat(Tensor.labels(3, -10)).hasToString("[  3, -10] (2, int)");
        assertThat(Tensor.labels(0, Integer.MIN_VALUE)).hasToString("[          0, -2147483648] (2, int)");
        assertThat(Tensor.zeros(0, 3)).hasToString("[] (0×3)");
    }

    @Test
    void aTieGoesToTheEvenDigit() {
        assertThat(Tensor.vector(0.03125f, 0.09375f)).hasToString("[0.0312, 0.0938] (2)");
        assertThat(Tensor.vector(1.03125e9f, 1.00005e9f)).hasToString("[1.0312e+09, 1.0000e+09] (2)");
    }

    @Test
    void nanAndInfinitiesHaveNoSayInTheStyle() {
        float inf = Float.POSITIVE_INFINITY;
        assertThat(Tensor.vector(Float.NaN, inf, 1)).hasToString("[nan, inf, 1.] (3)");
        assertThat(Tensor.vector(Float.NaN, -inf, 0.5f)).hasToString("[   nan,   -inf, 0.5000] (3)");
        assertThat(Tensor.vector(Float.NaN, 1e-5f)).hasToString("[       nan, 1.0000e-05] (2)");
        assertThat(Tensor.scalar(Float.NaN)).hasToString("nan");
    }

    @Test
    void onlyWhatIsShownDecidesTheStyle() {
        float[] data = new float[100];
        data[50] = 1e-5f;
        assertThat(Tensor.vector(data)).hasToString("[0., 0., 0., …, 0., 0., 0.] (100)");
    }

    @Test
    void alignsColumns() {
        assertThat(Tensor.of(new float[] {1, -2, 30, 4.5f}, 2, 2))
                .hasToString("[[ 1.0000, -2.0000],\n [30.0000,  4.5000]] (2×2)");
        assertThat(Tensor.of(new float[] {1, -2, 30, 4}, 2, 2)).hasToString("[[ 1., -2.],\n [30.,  4.]] (2×2)");
    }

    @Test
    void separatesMatrices() {
        assertThat(Tensor.of(new float[] {1, 2, 3, 4}, 2, 1, 2)).hasToString("[[[1., 2.]],\n [[3., 4.]]] (2×1×2)");
    }

    @Test
    void leavesOutTheMiddleOfLongAxes() {
        assertThat(Tensor.zeros(100)).hasToString("[0., 0., 0., …, 0., 0., 0.] (100)");
        assertThat(Tensor.zeros(11, 1).toString().lines()).hasSize(7).contains(" …,");
    }

    @Test
    void oneExtentOfAReshapeFollows() {
        Tensor x = Tensor.vector(1, 2, 3, 4, 5, 6);
        assertThat(x.reshape(-1, 2)).isEqualTo(Tensor.of(x.floats(), 3, 2));
        assertThat(Tensor.labels(1, 2, 3, 4).reshape(2, -1).shape()).isEqualTo(Shape.of(2, 2));
        assertThatThrownBy(() -> x.reshape(4, -1)).isInstanceOf(ShapeException.class);
        assertThatThrownBy(() -> x.reshape(-1, -1)).isInstanceOf(ShapeException.class);
        assertThatThrownBy(() -> x.reshape(-2, -3)).isInstanceOf(ShapeException.class);
    }

    @Test
    void saysWhatDoesNotFit() {
        assertThatThrownBy(() -> Tensor.of(new float[3], 2, 2))
                .hasMessage("shape 2×2 holds 4 elements but the array has 3");
        assertThatThrownBy(() -> Tensor.of(new float[] {1, 2, 3}))
                .hasMessage("a scalar holds one element but the array has 3; Tensor.vector(…) makes a vector");
        assertThatThrownBy(() -> Tensor.labels(1).floats())
                .hasMessage("a tensor of integers (1) has no floats; read ints()");
        assertThatThrownBy(() -> Tensor.vector(1).ints())
                .hasMessage("a tensor of floats (1) has no ints; read floats()");
        assertThatThrownBy(() -> Tensor.vector(1).at(1)).hasMessage("index [1] is outside shape 1");
        assertThatThrownBy(() -> Tensor.vector(1).at()).hasMessage("index [] is outside shape 1");
        assertThatThrownBy(() -> Tensor.vector(1, 2).item())
                .hasMessage("item() needs a tensor of one element but its shape is 2");
    }
}
