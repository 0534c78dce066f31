package dev.fluxion.data;

import static dev.fluxion.data.Augmentations.affine;
import static dev.fluxion.data.Augmentations.colorJitter;
import static dev.fluxion.data.Augmentations.crop;
import static dev.fluxion.data.Augmentations.cutmix;
import static dev.fluxion.data.Augmentations.cutout;
import static dev.fluxion.data.Augmentations.flip;
import static dev.fluxion.data.Augmentations.mixup;
import static dev.fluxion.data.Augmentations.rotation;
import static dev.fluxion.data.Augmentations.verticalFlip;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import dev.fluxion.Tensor;
import dev.fluxion.Tensors;
import dev.fluxion.ir.Shape;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.IntStream;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;

/** What augmentations and transforms make is what plain loops make of the same draws. */
class AugmentationsTest {
    private static final int N = 6;
    private static final Batch COLOURS = batch(3, 5, 7);
    private static final List<Augmentation> ALL = List.of(
            crop(4).padding(1),
            flip(),
            verticalFlip().probability(0.3),
            rotation(30),
            affine().degrees(10).shift(0.2).scale(0.7, 1.4).shear(20),
            colorJitter().brightness(0.4).contrast(0.4).saturation(0.4).hue(0.2),
            cutout(3),
            mixup(0.2, N),
            cutmix(1, N));

    private static Batch batch(int channels, int height, int width) {
        float[] x = new float[N * channels * height * width];
        for (int i = 0; i < x.length; i++) {
            x[i] = i * 37 % 101 / 101f;
        }
        return new Batch(
                Tensor.of(x, N, channels, height, width),
                Tensor.labels(IntStream.range(0, N).toArray()));
    }

    private static List<Rng> draws(long seed) {
        List<Rng> draws = new ArrayList<>();
        for (int i = 0; i < N; i++) {
            draws.add(new Rng(seed, i));
        }
        return draws;
    }

    private static Tensor made(Augmentation how, long seed) {
        return how.apply(COLOURS, draws(seed)).inputs();
    }

    @Test
    void everyOneDrawsKeepsItsBatchAndLeavesTheGivenOne() {
        Batch before = batch(3, 5, 7);
        for (Augmentation how : ALL) {
            Set<Tensor> different = new HashSet<>();
            for (int seed = 0; seed < 5; seed++) {
                Batch made = how.apply(COLOURS, draws(seed));
                assertThat(made.size()).isEqualTo(N);
                assertThat(made).as(how.toString()).isEqualTo(how.apply(COLOURS, draws(seed)));
                different.add(made.inputs());
                for (float x : made.inputs().floats()) {
                    assertThat(x).as(how.toString()).isBetween(0f, 1f);
                }
            }
            assertThat(different).as(how.toString()).hasSizeGreaterThan(2);
            assertThat(COLOURS).as(how.toString()).isEqualTo(before);
        }
    }

    @Test
    void cropsArePartsOfThePaddedImage() {
        Tensor made = made(crop(5, 6).padding(2), 3);
        Set<Integer> places = new HashSet<>();
        for (int i = 0; i < N; i++) {
            Rng random = new Rng(3, i);
            int top = random.below(5) - 2;
            int left = random.below(6) - 2;
            places.add(10 * top + left);
            for (int y = 0; y < 5; y++) {
                for (int x = 0; x < 6; x++) {
                    assertThat(made.at(i, 1, y, x)).isEqualTo(at(i, 1, y + top, x + left));
                }
            }
        }
        assertThat(places).hasSizeGreaterThan(2);
    }

    private static float at(int image, int channel, int y, int x) {
        return y < 0 || y >= 5 || x < 0 || x >= 7 ? 0 : COLOURS.inputs().at(image, channel, y, x);
    }

    @Test
    void flipsMirrorSomeImages() {
        int mirrored = 0;
        for (boolean vertical : new boolean[] {false, true}) {
            Tensor made = made(new Flip(vertical, 0.5), 4);
            for (int i = 0; i < N; i++) {
                boolean turned = new Rng(4, i).chance(0.5);
                mirrored += turned ? 1 : 0;
                for (int y = 0; y < 5; y++) {
                    for (int x = 0; x < 7; x++) {
                        assertThat(made.at(i, 2, y, x))
                                .isEqualTo(at(i, 2, turned && vertical ? 4 - y : y, turned && !vertical ? 6 - x : x));
                    }
                }
            }
        }
        assertThat(mirrored).isBetween(1, 2 * N - 1);
    }

    @Test
    void affineMapsGoForth() {
        assertThat(made(affine(), 1)).isEqualTo(COLOURS.inputs());
        RandomAffine how = affine().degrees(40).shift(0.2).scale(0.5, 1.5).shear(25);
        Tensor made = made(how, 2);
        for (int i = 0; i < N; i++) {
            Rng random = new Rng(2, i);
            double turn = Math.toRadians(random.between(-40, 40));
            double slant = Math.tan(Math.toRadians(random.between(-25, 25)));
            double scale = random.between(0.5, 1.5);
            double dx = random.between(-0.2, 0.2) * 7;
            double dy = random.between(-0.2, 0.2) * 5;
            // Where a pixel of the image goes to: sheared, turned, scaled, shifted.
            double a = scale * Math.cos(turn);
            double b = scale * (slant * Math.cos(turn) - Math.sin(turn));
            double c = scale * Math.sin(turn);
            double d = scale * (slant * Math.sin(turn) + Math.cos(turn));
            for (int y = 0; y < 5; y++) {
                for (int x = 0; x < 7; x++) {
                    double px = x - 3 - dx;
                    double py = y - 2 - dy;
                    double fromX = (d * px - b * py) / (a * d - b * c) + 3;
                    double fromY = (a * py - c * px) / (a * d - b * c) + 2;
                    int left = (int) Math.floor(fromX);
                    int top = (int) Math.floor(fromY);
                    double expected = 0;
                    for (int k = 0; k < 4; k++) {
                        int u = left + k % 2;
                        int v = top + k / 2;
                        expected += at(i, 1, v, u) * (1 - Math.abs(fromX - u)) * (1 - Math.abs(fromY - v));
                    }
                    assertThat((double) made.at(i, 1, y, x)).isCloseTo(expected, within(1e-6));
                }
            }
        }
    }

    /** The hues are those of Python's colorsys. */
    @Test
    void coloursAreThoseOfTheDefinition() {
        Batch one = new Batch(Tensor.of(new float[] {.2f, .9f, .6f, .1f, .4f, .5f}, 1, 3, 1, 2), Tensor.labels(0));
        Rng random = new Rng(5, 0);
        random.permutation(4);
        random.next();
        random.next();
        random.next();
        double turn = random.between(-0.5, 0.5);
        Tensor made = colorJitter().hue(0.5).apply(one, List.of(new Rng(5, 0))).inputs();
        double[][] pixels = {{.2, .6, .4}, {.9, .1, .5}};
        for (int i = 0; i < 2; i++) {
            double[] expected = turned(pixels[i], turn);
            for (int c = 0; c < 3; c++) {
                assertThat((double) made.at(0, c, 0, i)).isCloseTo(expected[c], within(1e-5));
            }
        }
        assertThat(turned(new double[] {.2, .6, .4}, .25)).containsExactly(new double[] {.2, .2, .6}, within(1e-12));
        assertThat(turned(new double[] {.9, .1, .5}, -.4)).containsExactly(new double[] {.1, .82, .9}, within(1e-12));
        for (int i = 0; i < N; i++) {
            Rng brighter = new Rng(6, i);
            brighter.permutation(4);
            double factor = brighter.between(0.5, 1.5);
            assertThat((double) made(colorJitter().brightness(0.5), 6).at(i, 0, 1, 1))
                    .isCloseTo(Math.min(1, factor * at(i, 0, 1, 1)), within(1e-6));
        }
        Batch grey = batch(1, 4, 4);
        assertThat(colorJitter().contrast(1).apply(grey, draws(1)).inputs()).isNotEqualTo(grey.inputs());
    }

    private static double[] turned(double[] rgb, double turn) {
        double most = Math.max(rgb[0], Math.max(rgb[1], rgb[2]));
        double range = most - Math.min(rgb[0], Math.min(rgb[1], rgb[2]));
        double hue = most == rgb[0]
                ? (rgb[1] - rgb[2]) / range / 6
                : most == rgb[1] ? (2 + (rgb[2] - rgb[0]) / range) / 6 : (4 + (rgb[0] - rgb[1]) / range) / 6;
        hue = (hue + turn + 2) % 1;
        int sector = (int) (hue * 6);
        double f = hue * 6 - sector;
        double p = most - range;
        double q = most - f * range;
        double t = most - (1 - f) * range;
        return switch (sector % 6) {
            case 0 -> new double[] {most, t, p};
            case 1 -> new double[] {q, most, p};
            case 2 -> new double[] {p, most, t};
            case 3 -> new double[] {p, q, most};
            case 4 -> new double[] {t, p, most};
            default -> new double[] {most, p, q};
        };
    }

    @Test
    void cutoutBlackensASquare() {
        Tensor made = made(cutout(3), 7);
        for (int i = 0; i < N; i++) {
            Rng random = new Rng(7, i);
            int top = random.below(5) - 1;
            int left = random.below(7) - 1;
            for (int y = 0; y < 5; y++) {
                for (int x = 0; x < 7; x++) {
                    boolean out = y >= top && y < top + 3 && x >= left && x < left + 3;
                    assertThat(made.at(i, 0, y, x)).isEqualTo(out ? 0 : at(i, 0, y, x));
                }
            }
        }
    }

    @Test
    void mixturesHaveTheTargetsOfTheirParts() {
        for (Mixing how : List.of(mixup(0.4, N), cutmix(1, N))) {
            Batch made = how.apply(COLOURS, draws(8));
            assertThat(made.targets().shape()).isEqualTo(Shape.of(N, N));
            for (int i = 0; i < N; i++) {
                int other = new Rng(8, i).below(N);
                float own = made.targets().at(i, i);
                float rest = other == i ? 0 : made.targets().at(i, other);
                assertThat(own + rest).isCloseTo(1, within(1e-6f));
                int own2 = 0;
                for (int y = 0; y < 5; y++) {
                    for (int x = 0; x < 7; x++) {
                        float pixel = made.inputs().at(i, 1, y, x);
                        if (how.cut()) {
                            own2 += pixel == at(i, 1, y, x) ? 1 : 0;
                            assertThat(pixel).isIn(at(i, 1, y, x), at(other, 1, y, x));
                        } else {
                            assertThat(pixel)
                                    .isCloseTo(own * at(i, 1, y, x) + (1 - own) * at(other, 1, y, x), within(1e-5f));
                        }
                    }
                }
                if (how.cut()) {
                    assertThat(own2).isEqualTo(Math.round(35 * own));
                }
            }
        }
    }

    /** The mean of beta(α, α) is 1/2, its variance 1 / (8α + 4). */
    @Test
    void theMixtureIsOfTheBetaDistribution() {
        for (double alpha : new double[] {0.2, 1, 3}) {
            Batch pair = new Batch(Tensor.of(new float[] {0, 1}, 2, 1, 1, 1), Tensor.labels(0, 1));
            double sum = 0;
            double squares = 0;
            int count = 0;
            for (int i = 0; i < 20_000; i++) {
                Tensor targets = mixup(alpha, 2)
                        .apply(pair, List.of(new Rng(i, 0), new Rng(i, 1)))
                        .targets();
                if (new Rng(i, 0).below(2) == 1) {
                    sum += targets.at(0, 0);
                    squares += (targets.at(0, 0) - 0.5) * (targets.at(0, 0) - 0.5);
                    count++;
                }
            }
            assertThat(sum / count).isCloseTo(0.5, within(0.02));
            assertThat(squares / count).isCloseTo(1 / (8 * alpha + 4), within(0.05 / (8 * alpha + 4)));
        }
    }

    @Test
    void oneOfSeveralInputsIsAugmented() {
        Tensors inputs = Tensors.of("photo", COLOURS.inputs()).with("age", Tensor.zeros(N, 1));
        Batch made = crop(2).on("photo").apply(new Batch(inputs, COLOURS.allTargets()), draws(1));
        assertThat(made.allInputs().get("photo")).isEqualTo(made(crop(2), 1));
        assertThat(made.allInputs().get("age")).isEqualTo(Tensor.zeros(N, 1));
        assertThat(made.targets()).isEqualTo(COLOURS.targets());
    }

    /** Recorded from torch.nn.functional.interpolate(mode="bilinear", antialias=True). */
    @Test
    void resizedImagesAreThoseOfPyTorch() {
        Batch one = new Batch(COLOURS.inputs().rows(0, 1), Tensor.labels(0));
        resized(one, 3, 4, 0.41334945f, 0.500990152f, 0.369335175f, 0.520105064f, 0.42642352f, 0.557359755f);
        resized(one, 1, 1, 0.492303133f);
        resized(one, 9, 10, 0, 0.201485142f, 0.45792082f, 0.714356482f, 0.320792168f, 0.227227688f, 0.483663291f);
        resized(one, 5, 3, 0.314002812f, 0.393127561f, 0.526874125f, 0.664073586f, 0.428072244f);
        resized(one, 12, 2, 0.346764922f, 0.479161859f, 0.376611769f, 0.47121805f, 0.476101369f);
        assertThat(Transforms.resize(5, 7).apply(COLOURS).inputs()).isEqualTo(COLOURS.inputs());
        Tensor middle = Transforms.centreCrop(3, 4).apply(COLOURS).inputs();
        assertThat(middle.at(2, 1, 0, 0)).isEqualTo(at(2, 1, 1, 1));
        assertThat(middle.shape()).isEqualTo(Shape.of(N, 3, 3, 4));
    }

    private static void resized(Batch one, int height, int width, float... expected) {
        Tensor made = Transforms.resize(height, width).apply(one).inputs();
        assertThat(made.shape()).isEqualTo(Shape.of(1, 3, height, width));
        for (int i = 0; i < expected.length; i++) {
            assertThat(made.floats()[i]).isCloseTo(expected[i], within(1e-6f));
        }
    }

    @Test
    void whatDoesNotFitIsTold() {
        assertThat(refused(() -> made(crop(9), 1)))
                .isEqualTo("crop(9, 9): the images are smaller, 5×7; resize them before, or pad");
        assertThat(refused(() -> Transforms.centreCrop(6, 7).apply(COLOURS)))
                .isEqualTo("centreCrop(6, 7): the images are smaller, 5×7; resize them before, or pad");
        Batch flat = new Batch(Tensor.zeros(2, 3), Tensor.labels(0, 1));
        for (Augmentation how : ALL) {
            assertThat(refused(() -> how.apply(flat, draws(1))))
                    .endsWith(": expected floats batch×channels×height×width, but got floats 2×3");
        }
        assertThat(refused(() -> colorJitter().hue(0.1).apply(batch(1, 4, 4), draws(1))))
                .isEqualTo("colorJitter: expected images of 3 channels, or of 1 for brightness and contrast alone, but"
                        + " got 1");
        assertThat(refused(() -> made(mixup(1, 3), 1))).isEqualTo("mixup: label 3 is outside [0, 3)");
        assertThat(refused(() -> cutout(0))).isEqualTo("cutout: the side must be at least 1 but is 0");
        assertThat(refused(() -> crop(0))).isEqualTo("crop: the height must be at least 1 but is 0");
        assertThat(refused(() -> flip().probability(1.5)))
                .isEqualTo("flip: probability must be in [0.0, 1.0] but is 1.5");
        assertThat(refused(() -> affine().scale(2, 1)))
                .isEqualTo("affine: the largest scale must be in [2.0, 100.0] but is 1.0");
        assertThat(refused(() -> rotation(Double.NaN))).isEqualTo("affine: degrees must be in [0.0, 180.0] but is NaN");
        assertThat(refused(() -> mixup(0, 3))).isEqualTo("mixup: alpha must be in [0.001, 1000.0] but is 0.0");
    }

    private static String refused(ThrowingCallable call) {
        return assertThatIllegalArgumentException().isThrownBy(call).actual().getMessage();
    }
}
