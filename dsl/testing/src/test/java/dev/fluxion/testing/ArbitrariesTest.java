package dev.fluxion.testing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.fluxion.Scope;
import dev.fluxion.Tensor;
import dev.fluxion.ir.DType;
import dev.fluxion.ir.Expr;
import dev.fluxion.ir.Shape;
import java.util.Arrays;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;

/** What the arbitraries promise. */
class ArbitrariesTest {
    @Property
    void tensorsAreSmallAndInRange(@ForAll Tensor x) {
        assertThat(x.shape().rank()).isBetween(0, 4);
        assertThat(x.size()).isBetween(1, 64);
        for (float v : x.floats()) {
            assertThat(v).isBetween(-2f, 2f);
        }
    }

    @Property
    void shapesHaveTheirRanks(@ForAll("matrices") Shape shape) {
        assertThat(shape.rank()).isBetween(2, 3);
        assertThat(Arrays.stream(shape.dims())).allMatch(d -> d >= 1 && d <= 7);
    }

    @Provide
    Arbitrary<Shape> matrices() {
        return Shapes.of(2, 3, 7);
    }

    @Property
    void kinksAreAvoided(@ForAll("kinkless") Tensor x) {
        float[] sorted = x.floats().clone();
        Arrays.sort(sorted);
        for (int i = 0; i < sorted.length; i++) {
            assertThat(Math.abs(sorted[i])).isGreaterThanOrEqualTo(0.0099f);
            assertThat(Math.abs(sorted[i] - 1)).isGreaterThanOrEqualTo(0.0099f);
            assertThat(i == 0 || sorted[i] > sorted[i - 1]).isTrue();
        }
    }

    @Provide
    Arbitrary<Tensor> kinkless() {
        return Tensors.any()
                .ranks(1, 2)
                .extents(4)
                .elements(Elements.between(-1, 2).avoiding(0, 1).different());
    }

    @Property
    void labelsAreClasses(@ForAll @Targets(Targets.Kind.LABELS) LossCase c) {
        assertThat(c.target().dtype()).isEqualTo(DType.INT);
        assertThat(c.target().shape()).isEqualTo(c.output().shape().without(1));
        assertThat(Arrays.stream(c.target().ints()))
                .allMatch(label -> label >= 0 && label < c.output().shape().dim(1));
    }

    @Property
    void probabilitiesSumToOne(@ForAll @Targets(Targets.Kind.PROBABILITIES) LossCase c) {
        Expr target = Expr.input("target", c.target().shape());
        double[] sums = new dev.fluxion.ir.Interpreter()
                .bind("target", c.target().toValue())
                .evaluate(target.sum(1))
                .data();
        for (double sum : sums) {
            assertThat(sum).isCloseTo(1, within(1e-6));
        }
    }

    @Property
    void signsAndBits(
            @ForAll @Targets(Targets.Kind.SIGNS) LossCase signs, @ForAll @Targets(Targets.Kind.BITS) LossCase bits) {
        for (float v : signs.target().floats()) {
            assertThat(Math.abs(v)).isEqualTo(1);
        }
        for (float v : bits.target().floats()) {
            assertThat(v == 0 || v == 1).isTrue();
        }
    }

    @Property(tries = 200)
    void networksFitTheirInputs(@ForAll Network net) {
        Expr y = net.layers().apply(Scope.root(true), Expr.input("input", net.input()));
        assertThat(y.shape().dim(0)).isEqualTo(net.input().dim(0));
        assertThat(net.toString()).contains("Seq.of(", " for inputs ");
    }

    @Property
    void labelsOfTheirOwn(@ForAll("tenClasses") Tensor labels) {
        assertThat(Arrays.stream(labels.ints())).allMatch(label -> label >= 0 && label < 10);
    }

    @Provide
    Arbitrary<Tensor> tenClasses() {
        return Tensors.any().elements(Elements.labels(10));
    }

    @Example
    void whatCannotBeIsRefused() {
        assertThatThrownBy(() -> Elements.between(2, 1))
                .hasMessage("a range must be finite and not empty but is 2.0 to 1.0");
        assertThatThrownBy(() -> Elements.labels(0)).hasMessage("there must be at least 1 class but there are 0");
        assertThatThrownBy(() -> Tensors.any().ranks(3, 2))
                .hasMessage("ranks must be from 0 up, the least not above the most, but are 3 to 2");
        assertThatThrownBy(() -> Tensors.any().extents(0)).hasMessage("the largest extent must be at least 1 but is 0");
        assertThatThrownBy(() -> LossCases.labels().ranks(1, 2))
                .hasMessage(
                        "targets over classes need outputs N×C or N×C×…, of rank 2 at least, but the rank may be 1");
        assertThatThrownBy(() -> Tensors.of(2)
                        .elements(Elements.between(0, 0.001).avoiding(0))
                        .sample())
                .hasMessage("no number between 0.0 and 0.001 is far enough from those to avoid");
        assertThatThrownBy(() -> Tensors.of(64)
                        .elements(Elements.between(0, 0.0105).avoiding(0).different())
                        .sample())
                .hasMessage("there is no room between 0.0 and 0.0105 for 64 different numbers");
    }
}
