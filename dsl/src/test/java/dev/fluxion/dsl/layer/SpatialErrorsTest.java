package dev.fluxion.dsl.layer;

import static dev.fluxion.dsl.layer.Layers.adaptiveAvgPool;
import static dev.fluxion.dsl.layer.Layers.adaptiveAvgPool1d;
import static dev.fluxion.dsl.layer.Layers.adaptiveMaxPool;
import static dev.fluxion.dsl.layer.Layers.avgPool;
import static dev.fluxion.dsl.layer.Layers.avgPool1d;
import static dev.fluxion.dsl.layer.Layers.avgPool3d;
import static dev.fluxion.dsl.layer.Layers.channelShuffle;
import static dev.fluxion.dsl.layer.Layers.conv;
import static dev.fluxion.dsl.layer.Layers.conv1d;
import static dev.fluxion.dsl.layer.Layers.conv3d;
import static dev.fluxion.dsl.layer.Layers.convTranspose;
import static dev.fluxion.dsl.layer.Layers.convTranspose1d;
import static dev.fluxion.dsl.layer.Layers.depthwise;
import static dev.fluxion.dsl.layer.Layers.fold;
import static dev.fluxion.dsl.layer.Layers.globalMaxPool;
import static dev.fluxion.dsl.layer.Layers.lpPool;
import static dev.fluxion.dsl.layer.Layers.lpPool1d;
import static dev.fluxion.dsl.layer.Layers.maxPool;
import static dev.fluxion.dsl.layer.Layers.maxPool1d;
import static dev.fluxion.dsl.layer.Layers.maxPool3d;
import static dev.fluxion.dsl.layer.Layers.maxUnpool;
import static dev.fluxion.dsl.layer.Layers.pad;
import static dev.fluxion.dsl.layer.Layers.pad1d;
import static dev.fluxion.dsl.layer.Layers.pixelShuffle;
import static dev.fluxion.dsl.layer.Layers.pixelUnshuffle;
import static dev.fluxion.dsl.layer.Layers.resize;
import static dev.fluxion.dsl.layer.Layers.separable;
import static dev.fluxion.dsl.layer.Layers.unfold;
import static dev.fluxion.dsl.layer.Layers.upsample;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.fluxion.Layer;
import dev.fluxion.Scope;
import dev.fluxion.ir.Expr;
import dev.fluxion.ir.Shape;
import dev.fluxion.ir.ShapeException;
import java.util.stream.Stream;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Layers over places refuse arguments and inputs that have no meaning, and say which, what they expected, and what came. */
class SpatialErrorsTest {
    private static final Shape IMAGES = Shape.of(2, 4, 6, 5);
    private static final Shape SEQUENCES = Shape.of(2, 4, 3);
    private static final Shape VOLUMES = Shape.of(2, 4, 2, 6, 5);
    private static final int MOST = Integer.MAX_VALUE;

    /** A layer, an input, and what the message has. */
    private record Misfit(Layer layer, Shape input, String message) {}

    static Stream<Misfit> misfits() {
        return Stream.of(
                new Misfit(
                        conv1d(3, 8, 5),
                        Shape.of(4, 20),
                        "conv1d(3, 8, 5) at SpatialErrorsTest.java: expected sequences N×C×L but got 4×20\n"
                                + "  add a batch axis in front, as in 1×4×20"),
                new Misfit(
                        conv1d(3, 8, 5),
                        Shape.of(2, 20, 3),
                        "expected 3 input channels but got 20 (input 2×20×3)\n"
                                + "  the input looks like N×L×C; put the channels"),
                new Misfit(conv1d(3, 8, 5), Shape.of(2, 3, 4), "did you mean conv1d(3, 8, 5).pad(1)?"),
                new Misfit(maxPool1d(2), IMAGES, "expected sequences N×C×L but got 2×4×6×5"),
                new Misfit(convTranspose(3, 8, 2), IMAGES, "expected 3 input channels but got 4 (input 2×4×6×5)"),
                new Misfit(convTranspose(6, 2).groups(3), IMAGES, "in 3 equal groups but got 4"),
                new Misfit(
                        convTranspose(8, 2).stride(2).outputPad(2),
                        IMAGES,
                        ".outputPad(2) must be smaller than the stride or the dilation, which are stride(2) and"
                                + " dilation(1)"),
                new Misfit(
                        convTranspose(8, 2).pad(4),
                        IMAGES,
                        "would make an extent of -1 of the 6 along axis -2, expected 1 to 2147483647"),
                new Misfit(convTranspose(8, 2).stride(MOST), IMAGES, "an extent of 10737418237 of the 6 along axis -2"),
                new Misfit(
                        convTranspose1d(8, 2).dilation(MOST).stride(9),
                        Shape.of(1, 2, 3),
                        "an extent of 2147483666 of the 3 along axis -1"),
                new Misfit(maxPool(7), IMAGES, "kernel 7 does not fit into images of height 6 and width 5"),
                new Misfit(
                        maxPool(3).dilation(4).pad(1),
                        IMAGES,
                        "kernel 3 with dilation 4 does not fit into images of height 6 and width 5 padded by 1"),
                new Misfit(
                        maxPool(2).dilation(8).pad(4),
                        IMAGES,
                        "each window must see an element of the input, but one along axis -2 sees nothing but padding"),
                new Misfit(
                        maxPool(1 << 20).stride(1 << 19).pad(1 << 19).ceilMode(true),
                        IMAGES,
                        "ceilMode(true) would add 524282 elements along an axis for windows that reach beyond the"
                                + " input"),
                new Misfit(
                        adaptiveAvgPool(MOST, 1),
                        IMAGES,
                        "would look at 4294967294 places along axis -2, expected at most"),
                new Misfit(
                        adaptiveMaxPool(2),
                        Shape.of(2, 4, 0, 5),
                        "expected at least one element along axis -2 but there is none"),
                new Misfit(
                        globalMaxPool(),
                        Shape.of(2, 4, 6, 0),
                        "expected at least one element along axis -1 but there is none"),
                new Misfit(
                        pad(0, 5, 0, 0).reflect(),
                        IMAGES,
                        "reflect() adds at most 4 elements on a side but axis -1 has 5 and is to get 0 before and 5"
                                + " behind"),
                new Misfit(pad(6).circular(), IMAGES, "circular() adds at most 5 elements on a side but axis -1 has 5"),
                new Misfit(
                        pad(-3),
                        IMAGES,
                        "would make an extent of 0 of the 6 along axis -2, expected 1 to 2147483647 and"),
                new Misfit(pad(0, 0, -7, 2), IMAGES, "no more cut off than is there"),
                new Misfit(pad(MOST), IMAGES, "an extent of 4294967300 of the 6 along axis -2"),
                new Misfit(pad(MOST / 3).replicate(), IMAGES, "would look at 1431655770 places along axis -2"),
                new Misfit(upsample(0.1), IMAGES, "would make an extent of 0 of the 6 along axis -2"),
                new Misfit(upsample(1e9), IMAGES, "an extent of 6.0E9 of the 6 along axis -2"),
                new Misfit(resize(3, MOST).bilinear(), IMAGES, "would look at 2147483647 places along axis -1"),
                new Misfit(resize(3, 3), Shape.of(2, 4, 6), "expected images N×C×H×W but got 2×4×6"),
                new Misfit(
                        conv(3, 8, 3),
                        Shape.of(1, 1, 3, 8, 8),
                        "but got 1×1×3×8×8\n  a model takes the shape of a sample, C, H, W, without a batch; volumes"),
                new Misfit(pixelShuffle(3), IMAGES, "expected a number of channels that 3² divides but got 4"),
                new Misfit(pixelShuffle(MOST), IMAGES, "that 2147483647² divides"),
                new Misfit(pixelUnshuffle(2), IMAGES, "expected a height and a width that 2 divides but got 6×5"),
                new Misfit(
                        lpPool(2, 9),
                        IMAGES,
                        ": kernel 9 does not fit into images of height 6 and width 5 padded by 0"),
                new Misfit(resize(3, MOST).bicubic(), IMAGES, "would look at 2147483647 places along axis -1"),
                new Misfit(unfold(7), IMAGES, "kernel 7 does not fit into images of height 6 and width 5 padded by 0"),
                new Misfit(unfold(2), Shape.of(2, 4, 6), "expected images N×C×H×W but got 2×4×6"),
                new Misfit(fold(4, 4, 3), Shape.of(2, 5, 4), "expected columns N×(C·9)×L but got 2×5×4"),
                new Misfit(fold(4, 4, 3), IMAGES, "expected columns N×(C·9)×L but got 2×4×6×5"),
                new Misfit(fold(4, 4, 2), Shape.of(2, 4, 8), "a column for each of 3×3 windows but got 2×4×8"),
                new Misfit(fold(4, 4, 2).pad(MOST), Shape.of(2, 4, 9), "would look at 4294967297 places along axis -2"),
                new Misfit(
                        fold(4, 4, 2).stride(MOST).pad(MOST),
                        Shape.of(2, 4, 9),
                        "would look at 4294967298 places along axis -1"),
                new Misfit(unfold(2).pad(MOST), IMAGES, "would look at 4294967299 places along axis -2"),
                new Misfit(
                        fold(1, 4, 2), Shape.of(2, 4, 8), "kernel 2 does not fit into images of height 1 and width 4"),
                new Misfit(channelShuffle(3), IMAGES, "expected input channels in 3 equal groups but got 4"),
                new Misfit(maxUnpool("at", 2), IMAGES, "'at'"),
                new Misfit(conv3d(3, 8, 2), IMAGES, "expected volumes N×C×D×H×W but got 2×4×6×5"),
                new Misfit(conv3d(3, 8, 2), VOLUMES, "expected 3 input channels but got 4 (input 2×4×2×6×5)"),
                new Misfit(conv3d(6, 2).groups(3), VOLUMES, "in 3 equal groups but got 4"),
                new Misfit(
                        conv3d(8, 2).dilation(2, 1, 1),
                        VOLUMES,
                        "kernel 2 with dilation 2×1×1 does not fit into volumes of depth 2 padded by 0"),
                new Misfit(
                        conv3d(8, 2).kernel(1, 9, 2),
                        VOLUMES,
                        "kernel 1×9×2 does not fit into volumes of height 6 padded by 0 (input 2×4×2×6×5)"),
                new Misfit(maxPool3d(3), VOLUMES, "kernel 3 does not fit into volumes of depth 2 padded by 0"),
                new Misfit(avgPool3d(2), IMAGES, "expected volumes N×C×D×H×W but got 2×4×6×5"),
                new Misfit(
                        avgPool3d(2).kernel(1, 1, 9),
                        VOLUMES,
                        "kernel 1×1×9 does not fit into volumes of width 5 padded"),
                new Misfit(
                        maxPool1d(3).dilation(2),
                        Shape.of(2, 4, 3),
                        "kernel 3 with dilation 2 does not fit into sequences of length 3 padded by 0 (input 2×4×3)"),
                new Misfit(avgPool1d(5), Shape.of(2, 4, 3), "kernel 5 does not fit into sequences of length 3"),
                new Misfit(
                        conv3d(3, 2).pad(MOST),
                        VOLUMES,
                        "would look at 4294967295 places along axis -3, expected at most"),
                new Misfit(convTranspose1d(8, 2).pad(4), SEQUENCES, "an extent of -4 of the 3 along axis -1, expected"),
                new Misfit(
                        conv1d(8, 2).pad(MOST), SEQUENCES, "an extent of 4294967297 of the 3 along axis -1, expected"),
                new Misfit(pad1d(-2), SEQUENCES, "an extent of -1 of the 3 along axis -1, expected"),
                new Misfit(pad1d(0, 3).reflect(), SEQUENCES, "at most 2 elements on a side but axis -1 has 3 and is"),
                new Misfit(pad1d(MOST / 3).replicate(), SEQUENCES, "would look at 1431655767 places along axis -1"),
                new Misfit(adaptiveAvgPool1d(MOST), SEQUENCES, "would look at 4294967294 places along axis -1"),
                new Misfit(adaptiveAvgPool1d(2), Shape.of(2, 4, 0), "expected at least one element along axis -1 but"),
                new Misfit(maxPool1d(2).dilation(8).pad(4), Shape.of(2, 4, 6), "one along axis -1 sees nothing but"),
                new Misfit(lpPool1d(2, 5), Shape.of(2, 4, 3), "kernel 5 does not fit into sequences of length 3"),
                new Misfit(conv1d(8, 5), Shape.of(2, 4, 3), "kernel 5 does not fit into sequences of length 3"));
    }

    @ParameterizedTest
    @MethodSource("misfits")
    void anInputThatDoesNotFitIsNamed(Misfit misfit) {
        Expr x = Expr.input("x", misfit.input);
        ShapeException e = catchThrowableOfType(ShapeException.class, () -> misfit.layer.apply(Scope.root(true), x));
        assertThat(e).isNotNull();
        assertThat(text(e)).contains(misfit.message).contains(misfit.layer + " at SpatialErrorsTest.java");
        if (misfit.input.rank() != IMAGES.rank()) {
            assertThat(text(e)).doesNotContain("the image is only");
        }
        if (misfit.input.equals(SEQUENCES) || misfit.input.equals(VOLUMES)) {
            assertThat(text(e)).doesNotContain("image");
        }
    }

    /** A call, and the whole message. */
    private record Refused(ThrowingCallable call, String message) {}

    static Stream<Refused> refused() {
        return Stream.of(
                new Refused(
                        () -> conv1d(3, 8, 5).stride(2, 1),
                        "conv1d(3, 8, 5) at SpatialErrorsTest.java: stride must be one number, that along the"
                                + " sequence, but is 2, 1"),
                new Refused(
                        () -> conv(3, 8, 5).pad("full"),
                        "conv(3, 8, 5) at SpatialErrorsTest.java: pad must be a number, \"same\" or \"valid\" but is"
                                + " \"full\""),
                new Refused(
                        () -> conv(3, 8, 5).pad("same").stride(2),
                        "conv(3, 8, 5) at SpatialErrorsTest.java: stride must be 1 with pad(\"same\") but is 2"),
                new Refused(
                        () -> conv3d(3, 8, 5).pad("full"),
                        "conv3d(3, 8, 5) at SpatialErrorsTest.java: pad must be a number, \"same\" or \"valid\" but is"
                                + " \"full\""),
                new Refused(
                        () -> conv3d(3, 8, 5).stride(1, 2, 1).pad("same"),
                        "conv3d(3, 8, 5) at SpatialErrorsTest.java: stride must be 1 with pad(\"same\") but is 1×2×1"),
                new Refused(
                        () -> avgPool1d(2).dilation(2),
                        "avgPool1d(2) at SpatialErrorsTest.java: dilation is an option of maxPool1d"),
                new Refused(
                        () -> conv(3, 8, 5).dilation(MOST).pad("same"),
                        "conv(3, 8, 5) at SpatialErrorsTest.java: the padding of pad(\"same\") must be at most"
                                + " 2147483647 but is 8589934588"),
                new Refused(
                        () -> convTranspose(4, 9, 3).groups(2),
                        "convTranspose(4, 9, 3) at SpatialErrorsTest.java: groups must be a divisor of the 9 output"
                                + " channels but is 2"),
                new Refused(
                        () -> convTranspose(4, 8, 3).outputPad(-1),
                        "convTranspose(4, 8, 3) at SpatialErrorsTest.java: outputPad must be at least 0 but is -1"),
                new Refused(
                        () -> depthwise(0, 3),
                        "depthwise(0, 3) at SpatialErrorsTest.java: the number of channels must be at least 1 but is"
                                + " 0"),
                new Refused(
                        () -> separable(0, 3, 1),
                        "separable(0, 3, 1) at SpatialErrorsTest.java: in must be at least 1 but is 0"),
                new Refused(
                        () -> avgPool(2).dilation(2),
                        "avgPool(2) at SpatialErrorsTest.java: dilation is an option of maxPool"),
                new Refused(
                        () -> maxPool(2).countIncludePad(false),
                        "maxPool(2) at SpatialErrorsTest.java: countIncludePad is an option of avgPool"),
                new Refused(
                        () -> maxPool(2).divisor(3),
                        "maxPool(2) at SpatialErrorsTest.java: divisor is an option of avgPool"),
                new Refused(
                        () -> lpPool(0, 3),
                        "lpPool(0, 3) at SpatialErrorsTest.java: norm must be finite and not 0 but is 0"),
                new Refused(
                        () -> adaptiveAvgPool(0),
                        "adaptiveAvgPool(0) at SpatialErrorsTest.java: the size must be at least 1 but is 0"),
                new Refused(
                        () -> adaptiveAvgPool1d(0),
                        "adaptiveAvgPool1d(0) at SpatialErrorsTest.java: the size must be at least 1 but is 0"),
                new Refused(
                        () -> conv1d(8, 3).stride(0),
                        "conv1d(8, 3) at SpatialErrorsTest.java: stride must be at least 1 but is 0"),
                new Refused(
                        () -> pad(1).value(Double.NaN),
                        "pad(1) at SpatialErrorsTest.java: value must be a number but is NaN"),
                new Refused(
                        () -> upsample(-2),
                        "upsample(-2) at SpatialErrorsTest.java: scale must be above 0 but is -2.0"),
                new Refused(
                        () -> resize(0, 3),
                        "resize(0, 3) at SpatialErrorsTest.java: the size must be at least 1 but is 0×3"),
                new Refused(
                        () -> pixelShuffle(0),
                        "pixelShuffle(0) at SpatialErrorsTest.java: factor must be at least 1 but is 0"),
                new Refused(
                        () -> channelShuffle(0),
                        "channelShuffle(0) at SpatialErrorsTest.java: groups must be at least 1 but is 0"),
                new Refused(
                        () -> unfold(2).stride(0),
                        "unfold(2) at SpatialErrorsTest.java: stride must be at least 1 but is 0"),
                new Refused(
                        () -> fold(0, 3, 2),
                        "fold(0, 3, 2) at SpatialErrorsTest.java: the size must be at least 1 but is 0×3"),
                new Refused(
                        () -> fold(3, 3, 2).kernel(2, 0),
                        "fold(3, 3, 2).kernel(2, 0) at SpatialErrorsTest.java: kernel must be at least 1 but is 2×0"),
                new Refused(
                        () -> avgPool(2).indices("at"),
                        "avgPool(2) at SpatialErrorsTest.java: indices is an option of maxPool"),
                new Refused(
                        () -> maxPool(2).indices(" "),
                        "maxPool(2) at SpatialErrorsTest.java: indices must be a name but is \" \""),
                new Refused(
                        () -> maxUnpool("", 2),
                        "maxUnpool at SpatialErrorsTest.java: the name of the indices must be a name but is \"\""),
                new Refused(
                        () -> maxUnpool("at", 2).size(0, 3),
                        "maxUnpool(\"at\", 2) at SpatialErrorsTest.java: size must be at least 1 but is 0×3"),
                new Refused(
                        () -> conv3d(0, 3, 1),
                        "conv3d(0, 3, 1) at SpatialErrorsTest.java: in must be at least 1 but is 0"),
                new Refused(
                        () -> conv3d(4, 3, 1).pad(0, -1, 2),
                        "conv3d(4, 3, 1) at SpatialErrorsTest.java: pad must be at least 0 but is 0×-1×2"),
                new Refused(
                        () -> maxPool3d(2).pad(2),
                        "maxPool3d(2) at SpatialErrorsTest.java: pad must be at most half of the kernel 2 but is 2"),
                new Refused(
                        () -> maxPool3d(2).countIncludePad(false),
                        "maxPool3d(2) at SpatialErrorsTest.java: countIncludePad is an option of avgPool3d"));
    }

    @ParameterizedTest
    @MethodSource("refused")
    void anArgumentWithoutMeaningIsNamed(Refused refused) {
        Exception e = catchThrowableOfType(IllegalArgumentException.class, refused.call);
        assertThat(e).isNotNull();
        assertThat(text(e)).isEqualTo(refused.message);
    }

    /** The message without line numbers. */
    private static String text(Exception e) {
        return String.valueOf(e.getMessage()).replaceAll("SpatialErrorsTest\\.java:\\d+", "SpatialErrorsTest.java");
    }
}
