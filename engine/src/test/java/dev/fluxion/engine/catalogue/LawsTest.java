package dev.fluxion.engine.catalogue;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.fluxion.ir.Contraction;
import dev.fluxion.ir.ConvSpec;
import dev.fluxion.ir.Expr;
import dev.fluxion.ir.Movement;
import dev.fluxion.ir.Normalised;
import dev.fluxion.ir.PoolSpec;
import dev.fluxion.ir.Pooling;
import dev.fluxion.ir.Reduction;
import dev.fluxion.ir.Shape;
import dev.fluxion.ir.Size;
import dev.fluxion.ir.Value;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.Function;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What operators have to do with each other. */
class LawsTest {
    private static final int CASES = 25;

    /** Checks that an expression made of a case has the value of the case's output. */
    private static void same(String row, Function<Case, Expr> other) {
        for (int seed = 0; seed < CASES; seed++) {
            Case c = OperatorCatalogue.row(row).at(seed);
            Value actual = c.interpreter().evaluate(other.apply(c));
            Close.check(row + ", seed " + seed, actual, c.expected(), 1e-12);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"softmax", "logSoftmax"})
    void aNormalisationEqualsItsDecomposition(String row) {
        same(row, c -> ((Normalised) c.output().op()).decomposed(c.leaf("x")));
    }

    @Test
    void softmaxSumsToOneAndDoesNotSeeShifts() {
        same("softmax", c -> {
            int axis = ((Normalised) c.output().op()).axis();
            Expr shifted = c.leaf("x").add(3.5).softmax(axis);
            return shifted.div(shifted.sumKeepDims(axis));
        });
    }

    @Test
    void logSoftmaxIsTheLogarithmOfSoftmax() {
        same(
                "logSoftmax",
                c -> c.leaf("x").softmax(((Normalised) c.output().op()).axis()).log());
    }

    @Test
    void transposingTwiceGivesTheOriginal() {
        same("input", c -> {
            Expr x = c.leaf("x");
            int[] order = new int[x.shape().rank()];
            Arrays.setAll(order, i -> (i + 1) % order.length);
            int[] inverse = new int[order.length];
            Arrays.setAll(inverse, i -> (i + order.length - 1) % order.length);
            return x.transpose(order).transpose(inverse);
        });
    }

    @Test
    void slicingUndoesPadding() {
        same("input", c -> {
            Expr x = c.leaf("x");
            return x.shape().rank() == 0
                    ? x
                    : x.pad(-1, 2, 1, 7).slice(-1, 2, 2 + x.shape().dim(-1));
        });
    }

    @Test
    void concatenatedSlicesGiveTheOriginal() {
        same("concat", c -> {
            int axis = ((Movement.Concat) c.output().op()).axis();
            List<Expr> slices = new ArrayList<>();
            for (int i = 0; i < c.output().shape().dim(axis); i++) {
                slices.add(c.output().slice(axis, i, i + 1));
            }
            return Expr.concat(axis, slices);
        });
    }

    @Test
    void theMinimumIsTheNegatedMaximumOfTheNegated() {
        same("min", c -> c.leaf("a").neg().max(c.leaf("b").neg()).neg());
    }

    @Test
    void aMaximumIsTheLargestOfSlices() {
        same("max over axes", c -> {
            Expr x = c.leaf("x");
            Expr result = x;
            for (int axis : ((Reduction) c.output().op()).axes()) {
                Expr largest = result.slice(axis, 0, 1);
                for (int i = 1; i < x.shape().dim(axis); i++) {
                    largest = largest.max(result.slice(axis, i, i + 1));
                }
                result = largest;
            }
            return result;
        });
    }

    @Test
    void aProductTransposedIsTheProductOfTheTransposedTheOtherWayRound() {
        same("matmul", c -> c.leaf("b")
                .transposeLast()
                .matmul(c.leaf("a").transposeLast())
                .transposeLast());
    }

    @Test
    void aPointwiseConvolutionIsAMatrixProduct() {
        same("conv", c -> {
            Contraction.Conv conv = (Contraction.Conv) c.output().op();
            Shape w = c.leaf("w").shape();
            Shape x = c.leaf("x").shape();
            if (w.dim(2) * w.dim(3) > 1 || !conv.spec().equals(ConvSpec.of())) {
                return c.output();
            }
            Expr weights =
                    c.leaf("w").reshape(1, w.dim(0), w.dim(1)).broadcastTo(Shape.of(x.dim(0), w.dim(0), w.dim(1)));
            return weights.matmul(c.leaf("x").reshape(x.dim(0), x.dim(1), -1))
                    .reshape(c.output().shape());
        });
    }

    @Test
    void aGroupedConvolutionIsOneConvolutionPerGroup() {
        same("conv", c -> {
            ConvSpec spec = ((Contraction.Conv) c.output().op()).spec();
            ConvSpec one = new ConvSpec(spec.stride(), spec.pad(), spec.dilation(), 1);
            int in = c.leaf("w").shape().dim(1);
            int out = c.leaf("w").shape().dim(0) / spec.groups();
            List<Expr> parts = new ArrayList<>();
            for (int g = 0; g < spec.groups(); g++) {
                Expr x = c.leaf("x").slice(1, g * in, (g + 1) * in);
                parts.add(x.conv(c.leaf("w").slice(0, g * out, (g + 1) * out), one));
            }
            return Expr.concat(1, parts);
        });
    }

    @Test
    void anAveragePoolingIsADepthwiseConvolutionWithEqualWeights() {
        same("avgPool", c -> {
            PoolSpec spec = ((Pooling) c.output().op()).spec();
            int channels = c.output().shape().dim(1);
            Size kernel = spec.kernel();
            Expr weights = Expr.constant(1.0 / (kernel.h() * kernel.w()))
                    .broadcastTo(Shape.of(channels, 1, kernel.h(), kernel.w()));
            return c.leaf("x").conv(weights, new ConvSpec(spec.stride(), spec.pad(), Size.of(1), channels));
        });
    }

    /** ⟨conv(x, w), g⟩ = ⟨x, convGradInput(g, w)⟩ = ⟨w, convGradWeight(x, g)⟩. */
    @Test
    void theGradientsOfAConvolutionAreItsAdjoints() {
        for (int seed = 0; seed < CASES; seed++) {
            Case c = OperatorCatalogue.row("convGradInput").at(seed);
            Contraction.ConvGradInput op =
                    (Contraction.ConvGradInput) c.output().op();
            Expr x = Expr.uniform(1, op.input());
            Expr dy = c.leaf("dy");
            Expr w = c.leaf("w");
            Expr dw = new Expr(new Contraction.ConvGradWeight(op.spec(), w.shape()), List.of(x, dy));
            List<Value> v = c.interpreter().evaluate(List.of(x.conv(w, op.spec()), dy, x, c.output(), w, dw));
            double inner = Close.dot(v.get(0), v.get(1));
            assertThat(Close.dot(v.get(2), v.get(3))).isCloseTo(inner, within(1e-10));
            assertThat(Close.dot(v.get(4), v.get(5))).isCloseTo(inner, within(1e-10));
        }
    }

    @Test
    void maxPoolingPicksElementsAndItsGradientPutsThemBack() {
        for (int seed = 0; seed < CASES; seed++) {
            Case c = OperatorCatalogue.row("maxPoolGrad").at(seed);
            double sum = Arrays.stream(c.expected().data()).sum();
            assertThat(sum).isCloseTo(Arrays.stream(c.inputs().get("dy").data()).sum(), within(1e-10));
        }
    }
}
