package dev.fluxion.dsl.layer;

import static dev.fluxion.dsl.layer.Layers.alphaDropout;
import static dev.fluxion.dsl.layer.Layers.as;
import static dev.fluxion.dsl.layer.Layers.avgPool;
import static dev.fluxion.dsl.layer.Layers.bilinear;
import static dev.fluxion.dsl.layer.Layers.celu;
import static dev.fluxion.dsl.layer.Layers.concat;
import static dev.fluxion.dsl.layer.Layers.conv;
import static dev.fluxion.dsl.layer.Layers.cosineSimilarity;
import static dev.fluxion.dsl.layer.Layers.dropout;
import static dev.fluxion.dsl.layer.Layers.dropout2d;
import static dev.fluxion.dsl.layer.Layers.featureAlphaDropout;
import static dev.fluxion.dsl.layer.Layers.flatten;
import static dev.fluxion.dsl.layer.Layers.globalAvgPool;
import static dev.fluxion.dsl.layer.Layers.glu;
import static dev.fluxion.dsl.layer.Layers.hardSwish;
import static dev.fluxion.dsl.layer.Layers.hardTanh;
import static dev.fluxion.dsl.layer.Layers.linear;
import static dev.fluxion.dsl.layer.Layers.localResponseNorm;
import static dev.fluxion.dsl.layer.Layers.maxPool;
import static dev.fluxion.dsl.layer.Layers.maxUnpool;
import static dev.fluxion.dsl.layer.Layers.mish;
import static dev.fluxion.dsl.layer.Layers.pairwiseDistance;
import static dev.fluxion.dsl.layer.Layers.permute;
import static dev.fluxion.dsl.layer.Layers.prelu;
import static dev.fluxion.dsl.layer.Layers.product;
import static dev.fluxion.dsl.layer.Layers.rRelu;
import static dev.fluxion.dsl.layer.Layers.relu;
import static dev.fluxion.dsl.layer.Layers.relu6;
import static dev.fluxion.dsl.layer.Layers.repeat;
import static dev.fluxion.dsl.layer.Layers.reshape;
import static dev.fluxion.dsl.layer.Layers.residual;
import static dev.fluxion.dsl.layer.Layers.selu;
import static dev.fluxion.dsl.layer.Layers.sigmoid;
import static dev.fluxion.dsl.layer.Layers.softShrink;
import static dev.fluxion.dsl.layer.Layers.softplus;
import static dev.fluxion.dsl.layer.Layers.squeezeExcite;
import static dev.fluxion.dsl.layer.Layers.threshold;
import static dev.fluxion.dsl.layer.Layers.unflatten;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.fluxion.Layer;
import dev.fluxion.Scope;
import dev.fluxion.ir.DType;
import dev.fluxion.ir.Expr;
import dev.fluxion.ir.Shape;
import dev.fluxion.ir.ShapeException;
import java.util.Arrays;
import java.util.List;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;

class ErrorsTest {
    private static final Shape IMAGES = Shape.of(64, 3, 32, 32);

    @Test
    void aWrongNumberOfChannelsTellsTheWholeStory() {
        assertThat(misfit(TutorialNets.wrongChannels(), IMAGES)).isEqualTo("""
                conv(32, 64, 5).pad(2) at TutorialNets.java:49 (layer 4 of the model): \
                expected 32 input channels but got 16 (input 64×16×8×8)
                  0 conv(3, 16, 5).pad(2)   64×3×32×32 → 64×16×32×32
                  1 maxPool(2)              64×16×32×32 → 64×16×16×16
                  2 conv(16, 16, 5).pad(2)  64×16×16×16 → 64×16×16×16
                  3 maxPool(2)              64×16×16×16 → 64×16×8×8
                  did you mean conv(16, 64, 5).pad(2)?""");
    }

    @Test
    void aForgottenFlattenIsSuggested() {
        assertThat(misfit(Seq.of(maxPool(8), linear(48, 10)), IMAGES)).isEqualTo("""
                linear(48, 10) at ErrorsTest.java (layer 1 of the model): \
                expected 48 input features along the last axis but got 4 (input 64×3×4×4)
                  0 maxPool(8)  64×3×32×32 → 64×3×4×4
                  add flatten() before it""");
        assertThat(misfit(Seq.of(maxPool(8), linear(50, 10)), IMAGES))
                .endsWith("add flatten() before it and make it linear(48, 10)");
        assertThat(misfit(Seq.of(maxPool(8), linear(10)), IMAGES)).isEqualTo("""
                linear(10) at ErrorsTest.java (layer 1 of the model): \
                expected rows N×in or N×T×in, the input size being left out, but got 64×3×4×4
                  0 maxPool(8)  64×3×32×32 → 64×3×4×4
                  add flatten() before it""");
    }

    @Test
    void theRightLinearLayerIsSuggested() {
        assertThat(misfit(Seq.of(flatten(), linear(1024, 64)), IMAGES)).endsWith("did you mean linear(3072, 64)?");
        assertThat(misfit(linear(5, 2), Shape.of(5)))
                .isEqualTo("linear(5, 2) at ErrorsTest.java: expected a batch of rows N×in but got 5");
    }

    @Test
    void whatIsNotAnImageIsNamed() {
        assertThat(misfit(conv(3, 8, 3), Shape.of(3, 32, 32))).isEqualTo("""
                conv(3, 8, 3) at ErrorsTest.java: expected images N×C×H×W but got 3×32×32
                  add a batch axis in front, as in 1×3×32×32""");
        assertThat(hint(conv(1, 8, 3), Shape.of(1, 28, 28)))
                .isEqualTo("add an axis of channels after the batch, or a batch axis in front, as in 1×1×28×28");
        assertThat(misfit(conv(3, 8, 3), Shape.of(64, 32, 32, 3)))
                .endsWith("the input looks like N×H×W×C; put the channels before height and width");
        assertThat(misfit(globalAvgPool(), Shape.of(64, 10)))
                .isEqualTo("globalAvgPool() at ErrorsTest.java: expected images N×C×H×W but got 64×10");
        assertThat(misfit(avgPool(2), Shape.of(64, 10))).contains("expected images N×C×H×W but got 64×10");
    }

    @Test
    void aKernelThatDoesNotFitSuggestsPadding() {
        assertThat(misfit(conv(3, 8, 5), Shape.of(1, 3, 2, 3))).isEqualTo("""
                conv(3, 8, 5) at ErrorsTest.java: \
                kernel 5 does not fit into images of height 2 and width 3 padded by 0
                  did you mean conv(3, 8, 5).pad(2, 1)?""");
        assertThat(misfit(maxPool(2), Shape.of(1, 3, 1, 1)))
                .endsWith("the image is only 1×1 here; leave this layer or one before it out");
    }

    /** Numbers that no int holds are told, not computed with, and no padding beyond all bounds is proposed. */
    @Test
    void extremeGeometriesAreTold() {
        int most = Integer.MAX_VALUE;
        Shape image = Shape.of(1, 1, 10, 10);
        assertThat(misfit(conv(1, 1, 1).pad(most), image)).isEqualTo("""
                conv(1, 1, 1).pad(2147483647) at ErrorsTest.java: \
                conv pad 2147483647 needs padded images of at most 2147483647 rows and columns \
                but got 4294967304×4294967304 (input 1×1×10×10 padded by 2147483647)""");
        assertThat(misfit(conv(1, 1, 2).dilation(most), image)).isEqualTo("""
                conv(1, 1, 2).dilation(2147483647) at ErrorsTest.java: \
                kernel 2 with dilation 2147483647 \
                does not fit into images of height 10 and width 10 padded by 0""");
        assertThat(misfit(conv(1, 1, 3).dilation(most), image)).contains("does not fit");
        assertThatThrownBy(() -> maxPool(2).pad(1 << 30)).hasMessageContaining("at most half of the kernel 2");
        assertThatThrownBy(() -> maxPool(2).pad(most)).hasMessageContaining("at most half of the kernel 2");
        assertThat(misfit(avgPool(most).pad(most / 2), image)).contains("needs padded images of at most 2147483647");
    }

    @Test
    void whatIsSuggestedKeepsAllThatWasWritten() {
        assertThat(hint(
                        conv(4, 8, 3, 5)
                                .stride(2, 1)
                                .pad(1)
                                .dilation(2)
                                .groups(2)
                                .bias(false)
                                .weightInit(Initializers.kaimingNormal())
                                .named("stem"),
                        Shape.of(1, 6, 32, 32)))
                .isEqualTo("did you mean conv(6, 8, 3, 5).stride(2, 1).pad(1).dilation(2).groups(2).bias(false)"
                        + ".weightInit(kaimingNormal()).named(\"stem\")?");
        assertThat(hint(conv(8, 5).kernel(5, 3).stride(2).biasInit(Initializers.zeros()), Shape.of(1, 3, 2, 2)))
                .isEqualTo("did you mean conv(8, 5).kernel(5, 3).stride(2).pad(2, 1).biasInit(zeros())?");
        assertThat(hint(conv(1, 4, 3).dilation(2).pad(1, 0), Shape.of(1, 1, 1, 4)))
                .isEqualTo("did you mean conv(1, 4, 3).pad(2, 1).dilation(2)?");
        assertThat(hint(linear(5, 2).bias(false).weightInit(Initializers.ones()).named("head"), Shape.of(3, 4)))
                .isEqualTo("did you mean linear(4, 2).bias(false).weightInit(ones()).named(\"head\")?");
        assertThat(hint(linear(5, 2).biasInit(Initializers.zeros()), IMAGES))
                .isEqualTo("add flatten() before it and make it linear(3072, 2).biasInit(zeros())");
    }

    @Test
    void nothingIsSuggestedForNothing() {
        assertThat(hint(conv(1, 8, 3), Shape.of(1, 0, 28, 28))).startsWith("conv(1, 8, 3) at ");
        assertThat(hint(linear(5, 8), Shape.of(1, 0))).startsWith("linear(5, 8) at ");
    }

    @Test
    void groupsAreSuggestedWhereTheyDivideTheChannels() {
        assertThat(hint(conv(4, 8, 3).groups(4), Shape.of(1, 2, 9, 9)))
                .isEqualTo("did you mean conv(2, 8, 3).groups(2)?");
        assertThat(hint(conv(4, 8, 3).groups(4), Shape.of(1, 1, 9, 9))).isEqualTo("did you mean conv(1, 8, 3)?");
        assertThat(hint(conv(1, 8, 3), Shape.of(1, 4, 9, 9))).isEqualTo("did you mean conv(4, 8, 3)?");
        assertThat(hint(conv(4, 8, 3).groups(2), Shape.of(1, 3, 9, 9))).startsWith("conv(4, 8, 3).groups(2) at ");
        assertThat(hint(conv(4, 8, 3).groups(4), Shape.of(1, 3, 9, 9))).startsWith("conv(4, 8, 3).groups(4) at ");
    }

    /** The last line of the message. */
    private static String hint(Layer layer, Shape input) {
        String[] lines = misfit(layer, input).split("\n");
        return lines[lines.length - 1].strip();
    }

    @Test
    void everySuggestedPaddingFits() {
        for (int extent = 1; extent < 6; extent++) {
            for (int kernel = extent + 1; kernel < 9; kernel++) {
                String message = misfit(conv(1, 1, kernel), Shape.of(1, 1, extent, extent));
                int pad = Integer.parseInt(message.replaceAll("(?s).*pad\\((\\d+)\\)\\?", "$1"));
                Expr x = Expr.input("x", Shape.of(1, 1, extent, extent));
                assertThat(conv(1, 1, kernel)
                                .pad(pad)
                                .apply(Scope.root(true), x)
                                .shape()
                                .dim(2))
                        .isBetween(1, 2);
            }
        }
    }

    @Test
    void unequalResidualsSuggestAShortcut() {
        assertThat(misfit(Seq.of(residual(conv(3, 8, 3).pad(1))), IMAGES)).isEqualTo("""
                residual(…) at ErrorsTest.java (layer 0 of the model): \
                the body makes 64×8×32×32 but the input it is added to is 64×3×32×32
                  0.body conv(3, 8, 3).pad(1)  64×3×32×32 → 64×8×32×32
                  add .shortcut(conv(3, 8, 1))""");
        assertThat(misfit(residual(conv(3, 8, 3).pad(1).stride(2)), IMAGES))
                .endsWith("add .shortcut(conv(3, 8, 1).stride(2))");
        assertThat(misfit(residual(conv(3, 3, 3)), IMAGES))
                .endsWith("pad the convolutions of the body so that they keep height and width");
        assertThat(misfit(residual(conv(3, 8, 3).pad(1)).shortcut(conv(3, 4, 1)), IMAGES))
                .contains("the body makes 64×8×32×32 but the shortcut it is added to is 64×4×32×32");
    }

    @Test
    void branchesThatDoNotJoinAreNamed() {
        assertThat(misfit(concat(conv(3, 8, 1), conv(3, 8, 3)), IMAGES))
                .startsWith("concat(2 branches) at ErrorsTest.java: branches must agree in all extents but the "
                        + "channels, axis 1, but branch 0 makes 64×8×32×32 and branch 1 makes 64×8×30×30");
    }

    @Test
    void branchesThatAreNoFactorsAreNamed() {
        assertThat(misfit(product(conv(3, 8, 1), sigmoid()), IMAGES))
                .startsWith("product(2 branches) at ErrorsTest.java: branches must agree in all extents, but branch 0 "
                        + "makes 64×8×32×32 and branch 1 makes 64×3×32×32");
    }

    @Test
    void aLambdaIsNamedByTheSequence() {
        Layer net =
                Seq.of(flatten(), Seq.of((scope, x) -> x.reshape(7, 7), relu()).named("odd"));
        assertThat(misfit(net, IMAGES)).isEqualTo("""
                lambda at ErrorsTest.java (layer odd.0 of the model): \
                cannot reshape 64×3072 (196608 elements) to 7×7 (49)
                  0 flatten()  64×3×32×32 → 64×3072""");
    }

    @Test
    void aLayerWithinALambdaTellsItsMisfitOnce() {
        Layer net = Seq.of((scope, x) -> linear(7, 1).apply(scope, x));
        assertThat(misfit(net, Shape.of(2, 5)))
                .isEqualTo("linear(7, 1) at ErrorsTest.java (layer 0 of the model): expected 7 input features along "
                        + "the last axis but got 5 (input 2×5)\n  did you mean linear(5, 1)?");
    }

    @Test
    void placesOfAPoolingAreIntegersInTheShapeOfWhatIsPutBack() {
        assertThat(misfit(Seq.of(as("at"), maxUnpool("at", 2)), IMAGES))
                .contains(
                        "maxUnpool(\"at\", 2) at ErrorsTest.java (layer 1 of the model): expected 'at' to be 64×3×32×32 integers, "
                                + "as indices(\"at\") of a maxPool makes them, but it is 64×3×32×32 numbers");
        assertThat(misfit(Seq.of(maxPool(2).indices("at"), maxPool(2), maxUnpool("at", 2)), IMAGES))
                .contains(
                        "expected 'at' to be 64×3×8×8 integers, as indices(\"at\") of a maxPool makes them, but it is 64×3×16×16\n");
    }

    @Test
    void rangesAndExponentsHaveBounds() {
        assertThat(refused(() -> rRelu(0.5, 0.25)))
                .isEqualTo("rRelu(0.5, 0.25) at ErrorsTest.java: upper must be at least 0.5 but is 0.25");
        assertThat(refused(() -> rRelu(Double.NaN, 1))).contains("lower must be finite but is NaN");
        assertThat(refused(() -> pairwiseDistance("y").p(0.5)))
                .isEqualTo("pairwiseDistance(\"y\") at ErrorsTest.java: p must be at least 1 but is 0.5");
        assertThat(refused(() -> pairwiseDistance("y").eps(Double.POSITIVE_INFINITY)))
                .contains("eps must be finite");
        assertThat(refused(() -> repeat(0, relu())))
                .isEqualTo("repeat at ErrorsTest.java: count must be at least 1 but is 0");
        assertThat(refused(() -> repeat(2, relu().named("one")))).contains("are both called 'one'");
        assertThat(refused(() -> featureAlphaDropout(1.5))).contains("p must be");
    }

    @Test
    void longTracesAreCut() {
        Layer[] layers = new Layer[20];
        Arrays.fill(layers, relu());
        layers[19] = reshape(3);
        String message = misfit(Seq.of(layers), Shape.of(2, 5));
        assertThat(message.lines()).hasSize(14);
        assertThat(message).contains("\n  … 7 layers before\n  7  relu()  2×5 → 2×5\n");
    }

    @Test
    void badArgumentsFailWhereTheyAreWritten() {
        assertThat(refused(() -> conv(3, 32, 0)))
                .isEqualTo("conv(3, 32, 0) at ErrorsTest.java: kernel must be at least 1 but is 0");
        assertThat(refused(() -> conv(0, 32, 3)))
                .isEqualTo("conv(0, 32, 3) at ErrorsTest.java: in must be at least 1 but is 0");
        assertThat(refused(() -> conv(3, -1, 3)))
                .isEqualTo("conv(3, -1, 3) at ErrorsTest.java: out must be at least 1 but is -1");
        assertThat(refused(() -> conv(3, 32, 5).pad(2, -1)))
                .isEqualTo("conv(3, 32, 5) at ErrorsTest.java: pad must be at least 0 but is 2×-1");
        assertThat(refused(() -> conv(3, 32, 5).stride(0))).contains("stride must be at least 1 but is 0");
        assertThat(refused(() -> conv(3, 32, 5).dilation(0))).contains("dilation must be at least 1 but is 0");
        assertThat(refused(() -> conv(3, 32, 5).groups(2)))
                .isEqualTo("conv(3, 32, 5) at ErrorsTest.java: "
                        + "groups must be a divisor of the 3 input channels but is 2");
        assertThat(refused(() -> linear(0, 3)))
                .isEqualTo("linear(0, 3) at ErrorsTest.java: in must be at least 1 but is 0");
        assertThat(refused(() -> linear(0))).contains("out must be at least 1 but is 0");
        assertThat(refused(() -> maxPool(2).pad(2)))
                .isEqualTo("maxPool(2) at ErrorsTest.java: pad must be at most half of the kernel 2 but is 2");
        assertThat(refused(() -> dropout(2))).isEqualTo("dropout(2) at ErrorsTest.java: p must be in [0, 1] but is 2");
        assertThat(refused(() -> dropout(Double.NaN))).contains("p must be in [0, 1] but is NaN");
        assertThat(refused(() -> relu().named("a.b")))
                .isEqualTo("relu() at ErrorsTest.java: the name must be not blank and without '.' and '#' "
                        + "but is \"a.b\"");
    }

    @Test
    void argumentsOfFunctionsAreTold() {
        assertThat(refused(() -> hardTanh(1, 1)))
                .isEqualTo("hardTanh(1, 1) at ErrorsTest.java: the upper bound must be above 1 but is 1");
        assertThat(refused(() -> hardTanh(Double.NaN, 1))).contains("the lower bound must be finite but is NaN");
        assertThat(refused(() -> celu(0)))
                .isEqualTo("celu(0) at ErrorsTest.java: alpha must be finite and above 0 but is 0");
        assertThat(refused(() -> softplus(0))).contains("softplus(0) at", "beta must be finite and not 0 but is 0");
        assertThat(refused(() -> softplus(1, Double.NaN))).contains("threshold must be finite but is NaN");
        assertThat(refused(() -> softShrink(-1))).contains("lambda must be finite and at least 0 but is -1");
        assertThat(refused(() -> threshold(Double.NaN, 0))).contains("threshold must be finite but is NaN");
        assertThat(refused(() -> prelu(0))).contains("the number of weights must be at least 1 but is 0");
        assertThat(refused(() -> alphaDropout(-1)))
                .isEqualTo("alphaDropout(-1) at ErrorsTest.java: p must be in [0, 1] but is -1");
        assertThat(refused(() -> localResponseNorm(0))).contains("size must be at least 1 but is 0");
        assertThat(refused(() -> squeezeExcite(0, 1))).contains("the number of channels must be at least 1 but is 0");
        assertThat(refused(() -> squeezeExcite(1, 0))).contains("squeeze must be at least 1 but is 0");
        assertThat(refused(() -> bilinear(2, 0, 1))).contains("other must be at least 1 but is 0");
        assertThat(refused(() -> cosineSimilarity(" "))).contains("the other value must be a name but is \" \"");
    }

    @Test
    void inputsThatDoNotFitFunctionsAreTold() {
        assertThat(misfit(glu(), Shape.of(2, 5))).isEqualTo("""
                glu() at ErrorsTest.java: \
                expected two halves along axis -1 but its extent is 5 (input 2×5)""");
        assertThat(misfit(prelu(4), IMAGES)).isEqualTo("""
                prelu(4) at ErrorsTest.java: expected 4 input channels but got 3 (input 64×3×32×32)
                  did you mean prelu(3)?""");
        assertThat(misfit(squeezeExcite(4, 2), IMAGES)).endsWith("did you mean squeezeExcite(3, 2)?");
        assertThat(misfit(squeezeExcite(2), Shape.of(3, 8, 8))).endsWith("in front, as in 1×3×8×8");
        assertThat(misfit(localResponseNorm(3), Shape.of(2, 3)))
                .contains("expected inputs N×C×L or N×C×H×W but got 2×3");
        assertThat(misfit(dropout2d(0.5), Shape.of(2, 3))).contains("expected inputs N×C×L or N×C×H×W but got 2×3");
        assertThat(misfit(unflatten(1, 2, 5), Shape.of(2, 12))).contains("unflatten(1, 2, 5) at", "2×12", "2×2×5");
        assertThat(misfit(unflatten(2, 2, 5), Shape.of(2, 12))).contains("axis 2");
        assertThat(misfit(permute(0, 1), IMAGES)).contains("permute(0, 1) at", "64×3×32×32");
        Layer similar = Seq.of(as("y"), linear(3), cosineSimilarity("y"));
        assertThat(misfit(similar, Shape.of(2, 4))).contains("cosineSimilarity(\"y\") at", "2×3", "2×4");
        assertThat(misfit(cosineSimilarity("y"), Shape.of(2, 4))).contains("cosineSimilarity(\"y\") at", "'y'");
        Layer twice = Seq.of(as("other"), linear(3), bilinear(3, 5, 1));
        assertThat(misfit(twice, Shape.of(2, 4))).contains("expected 'other' to be 2×5 but it is 2×4");
        assertThat(misfit(Seq.of(as("other"), bilinear(3, 4, 1)), Shape.of(2, 5)))
                .endsWith("but got 5 (input 2×5)\n  0 as(\"other\")  2×5 → 2×5\n  did you mean bilinear(5, 4, 1)?");
        for (Layer function : List.of(relu6(), hardSwish(), mish(), threshold(1, 2), softplus(2), celu(), selu())) {
            ShapeException e = catchThrowableOfType(
                    ShapeException.class, () -> function.apply(Scope.root(true), Expr.input("x", IMAGES, DType.INT)));
            assertThat(e.getMessage()).contains(function + " at").containsPattern("INT|integers");
        }
    }

    @Test
    void groupsOfInferredChannelsAreCheckedWhenBuilt() {
        assertThat(misfit(conv(4, 3).groups(2), IMAGES))
                .contains("expected input channels in 2 equal groups but got 3 (input 64×3×32×32)");
    }

    @Test
    void integersAreNotImages() {
        Expr x = Expr.input("x", IMAGES, DType.INT);
        ShapeException e = catchThrowableOfType(ShapeException.class, () -> relu().apply(Scope.root(true), x));
        assertThat(e.getMessage()).contains("relu needs floating-point operands but got integers 64×3×32×32");
    }

    /** The message with the line numbers of this file left out. */
    private static String misfit(Layer layer, Shape input) {
        ShapeException e = catchThrowableOfType(
                ShapeException.class, () -> layer.apply(Scope.root(true), Expr.input("input", input)));
        return withoutLines(e.getMessage());
    }

    private static String refused(ThrowingCallable make) {
        return withoutLines(
                catchThrowableOfType(IllegalArgumentException.class, make).getMessage());
    }

    private static String withoutLines(String message) {
        return message.replaceAll("ErrorsTest\\.java:\\d+", "ErrorsTest.java");
    }
}
