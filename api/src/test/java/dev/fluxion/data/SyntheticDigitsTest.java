package dev.fluxion.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.fluxion.Tensor;
import dev.fluxion.ir.Shape;
import java.util.Arrays;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class SyntheticDigitsTest {
    @Test
    void hasTheFormOfMnist() {
        ImageDataset data = SyntheticDigits.of(1000, 1);
        assertThat(data.size()).isEqualTo(1000);
        assertThat(data.shape()).isEqualTo(Shape.of(1, 28, 28));
        assertThat(data.classes()).hasSize(10);
    }

    @Test
    void everyTenImagesHoldEachDigit() {
        ImageDataset data = SyntheticDigits.of(995, 4);
        for (int from = 0; from < 990; from += 10) {
            assertThat(IntStream.range(from, from + 10).map(data::label))
                    .containsExactlyInAnyOrder(0, 1, 2, 3, 4, 5, 6, 7, 8, 9);
        }
    }

    @Test
    void anImageDependsOnSeedAndIndexOnly() {
        ImageDataset few = SyntheticDigits.of(25, 3);
        assertThat(SyntheticDigits.of(60, 3).take(25).batch(all(25))).isEqualTo(few.batch(all(25)));
        assertThat(SyntheticDigits.of(25, 4).batch(all(25))).isNotEqualTo(few.batch(all(25)));
    }

    @Test
    void isTheSameOnEveryMachine() {
        int hash = Arrays.hashCode(
                SyntheticDigits.of(500, 7).batch(all(500)).inputs().floats());
        assertThat(hash).isEqualTo(PINNED);
    }

    @Test
    void digitsLieInTheMiddleAndFillTheBox() {
        ImageDataset data = SyntheticDigits.of(500, 2);
        for (int i = 0; i < data.size(); i++) {
            Tensor image = data.image(i);
            double mass = 0;
            double x = 0;
            double y = 0;
            int bright = 0;
            for (int row = 0; row < 28; row++) {
                for (int column = 0; column < 28; column++) {
                    float p = image.at(0, row, column);
                    if (p > 0.4) {
                        bright++;
                        mass += p;
                        x += p * column;
                        y += p * row;
                        assertThat(Math.min(Math.min(row, 27 - row), Math.min(column, 27 - column)))
                                .isGreaterThanOrEqualTo(1);
                    }
                }
            }
            assertThat(bright).as("bright pixels of image %s", i).isBetween(12, 300);
            assertThat(x / mass).isBetween(8.0, 19.0);
            assertThat(y / mass).isBetween(8.0, 19.0);
        }
    }

    /** A crude classifier by the nearest mean image: far above chance, far below what a network reaches. */
    @Test
    void aMeanImageTellsDigitsApartOnlyPartly() {
        ImageDataset learn = SyntheticDigits.of(2000, 1);
        double[][] means = new double[10][28 * 28];
        for (int i = 0; i < learn.size(); i++) {
            float[] p = learn.image(i).floats();
            for (int j = 0; j < p.length; j++) {
                means[learn.label(i)][j] += p[j] / 200;
            }
        }
        ImageDataset test = SyntheticDigits.of(1000, 2);
        long right = IntStream.range(0, test.size())
                .filter(i -> nearest(means, test.image(i).floats()) == test.label(i))
                .count();
        assertThat(right).isBetween(500L, 900L);
    }

    @Test
    void refusesImpossibleCounts() {
        assertThat(SyntheticDigits.of(0, 1).size()).isZero();
        assertThatIllegalArgumentException().isThrownBy(() -> SyntheticDigits.of(-1, 1));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> SyntheticDigits.of(Integer.MAX_VALUE, 1))
                .withMessageContaining("at most 2739137 digits");
    }

    private static final int PINNED = -635027997;

    private static int nearest(double[][] means, float[] image) {
        int best = 0;
        double least = Double.MAX_VALUE;
        for (int digit = 0; digit < means.length; digit++) {
            double distance = 0;
            for (int i = 0; i < image.length; i++) {
                distance += (means[digit][i] - image[i]) * (means[digit][i] - image[i]);
            }
            if (distance < least) {
                least = distance;
                best = digit;
            }
        }
        return best;
    }

    private static int[] all(int count) {
        return IntStream.range(0, count).toArray();
    }
}
