package dev.fluxion.ir;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.management.ThreadMXBean;
import dev.fluxion.check.GradCheck;
import java.lang.management.ManagementFactory;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class GradientsTest {
    private final Expr x = Expr.input("x", Shape.of(3));
    private final Interpreter interpreter =
            new Interpreter().bind("x", new Value(Shape.of(3), new double[] {1, -2, 0.5}));

    private double[] gradient(Expr objective) {
        return interpreter.evaluate(Gradients.of(objective, List.of(x)).get(0)).data();
    }

    @Test
    void pathsThatForkAccumulate() {
        Expr y = x.square();
        assertThat(gradient(y.add(y).add(x).sum())).containsExactly(5, -7, 3);
        assertThat(gradient(x.mul(x).sum())).containsExactly(2, -4, 1);
    }

    @Test
    void aStoppedPathDoesNotCount() {
        assertThat(gradient(x.mul(x.stopGradient()).sum())).containsExactly(1, -2, 0.5);
    }

    @Test
    void whatIsNotConnectedHasGradientZero() {
        Expr z = Expr.input("z", Shape.of(2, 2));
        List<Expr> gradients = Gradients.of(x.sum(), List.of(z, x));
        assertThat(interpreter.evaluate(gradients.get(0))).isEqualTo(new Value(Shape.of(2, 2), new double[4]));
        assertThat(gradient(x.gt(0).sum())).containsExactly(0, 0, 0);
        assertThat(gradient(x.toInt().toFloat().sum())).containsExactly(0, 0, 0);
        assertThat(gradient(x.sign().sum())).containsExactly(0, 0, 0);
    }

    @Test
    void parametersInputsAndInnerExpressionsHaveGradients() {
        Expr w = Expr.parameter("w", Shape.of(3));
        interpreter.bind("w", new Value(Shape.of(3), new double[] {2, 3, 4}));
        Expr inner = x.mul(w);
        List<Value> g = interpreter.evaluate(Gradients.of(inner.square().sum(), List.of(inner, w, x)));
        assertThat(g.get(0).data()).containsExactly(4, -12, 4);
        assertThat(g.get(1).data()).containsExactly(4, 24, 2);
        assertThat(g.get(2).data()).containsExactly(8, -36, 16);
    }

    @Test
    void theObjectiveByItselfHasGradientOne() {
        Expr y = x.sum();
        assertThat(interpreter.evaluate(Gradients.of(y, List.of(y)).get(0)).item())
                .isEqualTo(1);
    }

    @Test
    void gradientsInheritTheOrigin() {
        Expr y = Origin.of("layer", "at Net.java:12", () -> x.exp()).sum();
        Expr gradient = Gradients.of(y, List.of(x)).get(0);
        assertThat(gradient.origin()).isEqualTo("layer");
        assertThat(gradient.place()).isEqualTo("at Net.java:12");
    }

    @Test
    void onlyScalarsAndFloatsAreDifferentiated() {
        assertThatThrownBy(() -> Gradients.of(x, List.of(x)))
                .isInstanceOf(ShapeException.class)
                .hasMessage(
                        "only a scalar can be differentiated, but the objective has shape 3; reduce it, as with mean()");
        Expr labels = Expr.input("labels", Shape.of(3), DType.INT);
        assertThatThrownBy(() -> Gradients.of(x.sum(), List.of(labels)))
                .hasMessage("only floating-point expressions have a gradient, but got integers: input(labels) : 3");
        Expr images = Expr.input("images", Shape.of(1, 1, 2, 2));
        Expr slope = Gradients.of(
                        images.maxPool(PoolSpec.of(Size.of(2))).square().sum(), List.of(images))
                .get(0);
        assertThatThrownBy(() -> Gradients.of(slope.square().sum(), List.of(images)))
                .isInstanceOf(UnsupportedOperationException.class)
                .hasMessage("maxPool has no second derivative in Fluxion; its gradient cannot be differentiated again");
    }

    @Test
    void whatDoesNotLeadToTheVariablesIsNotDifferentiated() {
        Expr images = Expr.input("images", Shape.of(1, 1, 2, 2));
        Expr slope = Gradients.of(
                        images.maxPool(PoolSpec.of(Size.of(2))).square().sum(), List.of(images))
                .get(0);
        assertThat(gradient(slope.square().sum().add(x.sum()))).containsExactly(1, 1, 1);
    }

    @Test
    void subgradientsAtKinks() {
        interpreter.bind("x", new Value(Shape.of(3), new double[] {0, 2, -3}));
        assertThat(gradient(x.relu().sum())).containsExactly(0, 1, 0);
        assertThat(gradient(x.abs().sum())).containsExactly(0, 1, -1);
        assertThat(gradient(x.leakyRelu(0.1).sum())).containsExactly(0.1, 1, 0.1);
        assertThat(gradient(x.max(0).sum())).containsExactly(0.5, 1, 0);
        assertThat(gradient(x.min(0).sum())).containsExactly(0.5, 0, 1);
        interpreter.bind("x", new Value(Shape.of(3), new double[] {2, 2, 1}));
        assertThat(gradient(x.maxOver(0))).containsExactly(0.5, 0.5, 0);
    }

    @Test
    void powersAreDifferentiableAtZero() {
        interpreter.bind("x", new Value(Shape.of(3), new double[] {0, 0, 0}));
        assertThat(gradient(x.pow(0).sum())).containsExactly(0, 0, 0);
        assertThat(gradient(x.pow(1).sum())).containsExactly(1, 1, 1);
        Expr exponents = Expr.input("b", Shape.of(3));
        interpreter.bind("b", new Value(Shape.of(3), new double[] {0, 1, 2}));
        assertThat(gradient(x.pow(exponents).sum())).containsExactly(0, 1, 0);
        Expr y = x.pow(2);
        for (int i = 0; i < 3; i++) {
            y = Gradients.of(y.sum(), List.of(x)).get(0);
        }
        assertThat(interpreter.evaluate(y).data()).containsExactly(0, 0, 0);
    }

    @Test
    void gradientsOfGradientsAgreeWithDifferences() {
        Expr v = Expr.input("v", Shape.of(2, 3));
        Expr w = Expr.parameter("w", Shape.of(3, 2));
        Expr loss = v.matmul(w).tanh().mul(v.matmul(w).sigmoid()).softplus().sum();
        second(loss, v, w);
        second(v.matmul(w).softmax(1).gelu().sum(), v, w);
        second(v.matmul(w).logSoftmax(0).square().sum(), v, w);
        second(v.exp().add(1).log().div(v.square().add(2).sqrt()).sum(), v);
        second(v.mul(0.3).exp().pow(w.reshape(2, 3).sin()).silu().sum(), v, w);
        second(v.erf().mul(v.cos()).sub(v.elu(1).reciprocal()).sum(), v);
    }

    /** Each result may be read by itself, several times, beside the others or not at all. */
    @Test
    void severalResultsHaveOneGradient() {
        Expr v = Expr.input("v", Shape.of(3, 4));
        Expr w = Expr.parameter("w", Shape.of(4));
        Expr y = v.layerNorm(w, w, 0.1);
        List<Expr> losses = List.of(
                y.square().sum(),
                y.result(1).square().sum(),
                y.result(2).sum(),
                y.mul(y.result(1)).sum().add(y.result(2).mul(y.result(2)).sum()));
        for (Expr part : losses) {
            Expr loss = part.add(w.square().mul(w).sum());
            first(loss, v, w);
            second(loss, v, w);
        }
        Expr mean = y.result(1);
        Expr gradient = Gradients.of(mean.mul(mean).sum(), List.of(mean)).get(0);
        interpreter.bind("v", new Value(v.shape(), new double[] {1, 2, 3, 4, 0, 0, 0, 0, 4, 4, 4, 8}));
        interpreter.bind("w", new Value(w.shape(), new double[] {1, 1, 1, 1}));
        assertThat(interpreter.evaluate(gradient).data()).containsExactly(5, 0, 10);
    }

    private static void first(Expr loss, Expr v, Expr w) {
        SplittableRandom random = new SplittableRandom(5);
        GradCheck.of(loss)
                .with("v", new Value(v.shape(), random.doubles(12, -1, 1).toArray()))
                .with("w", new Value(w.shape(), random.doubles(4, -1, 1).toArray()))
                .run()
                .orThrow();
    }

    /** Visits of nodes leave traces on the heap. */
    @Test
    void theGradientsOfManyParametersAreFoundInOneWalk() {
        walk(50);
        double few = walk(200) / 200.0;
        assertThat(walk(1600) / 1600.0).isLessThan(1.25 * few);
    }

    private static long walk(int layers) {
        ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        List<Expr> parameters = IntStream.range(0, layers)
                .mapToObj(i -> Expr.parameter("p" + i, Shape.of(2)))
                .toList();
        Expr loss = parameters.stream().reduce(Expr::mul).orElseThrow().sum();
        long before = threads.getCurrentThreadAllocatedBytes();
        assertThat(Gradients.of(loss, parameters)).hasSize(layers);
        return threads.getCurrentThreadAllocatedBytes() - before;
    }

    @Test
    void gradientsOfGradientsOfConvolutionsAgreeWithDifferences() {
        Expr image = Expr.input("v", Shape.of(1, 2, 4, 3));
        Expr w = Expr.parameter("w", Shape.of(2, 1, 2, 2));
        ConvSpec spec = new ConvSpec(Size.of(2, 1), Size.of(1), Size.of(1), 2);
        second(image.conv(w, spec).square().sum(), image, w);
        second(image.avgPool(PoolSpec.of(Size.of(2))).exp().sum(), image);
    }

    /** Checks the derivative of a random combination of the gradients. */
    private static void second(Expr loss, Expr... leaves) {
        SplittableRandom random = new SplittableRandom(3);
        List<Expr> gradients = Gradients.of(loss, Arrays.asList(leaves));
        Expr sum = Expr.constant(0);
        for (Expr g : gradients) {
            sum = sum.add(g.mul(Expr.uniform(1, g.shape())).sum());
        }
        GradCheck check = GradCheck.of(sum);
        for (Expr leaf : leaves) {
            double[] data = random.doubles(leaf.shape().size(), -1.5, 1.5).toArray();
            check = check.with(leaf == leaves[0] ? "v" : "w", new Value(leaf.shape(), data));
        }
        assertThat(check.run().orThrow().skipped()).isEmpty();
    }
}
