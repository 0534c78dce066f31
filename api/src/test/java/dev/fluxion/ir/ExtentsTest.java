package dev.fluxion.ir;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.math.BigInteger;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;

/** Extents, reaches and areas are those of unbounded integers, or refused. */
class ExtentsTest {
    private static final BigInteger MOST = BigInteger.valueOf(Integer.MAX_VALUE);

    /** Small numbers, powers of two and what is next to them, up to the largest int. */
    @Provide
    Arbitrary<Integer> extents() {
        Arbitrary<Integer> powers =
                Arbitraries.integers().between(0, 31).map(n -> (int) Math.min(1L << n, Integer.MAX_VALUE));
        Arbitrary<Integer> near = powers.flatMap(
                p -> Arbitraries.integers().between(Math.max(p - 2, 0), (int) Math.min(p + 2L, Integer.MAX_VALUE)));
        return Arbitraries.oneOf(Arbitraries.integers().between(0, 4), powers, near);
    }

    @Provide
    Arbitrary<Integer> positive() {
        return extents().filter(e -> e > 0);
    }

    @Provide
    Arbitrary<List<Integer>> lists() {
        return extents().list().ofMaxSize(5);
    }

    private static BigInteger big(long value) {
        return BigInteger.valueOf(value);
    }

    private static BigInteger product(int... factors) {
        return Arrays.stream(factors).mapToObj(ExtentsTest::big).reduce(BigInteger.ONE, BigInteger::multiply);
    }

    private static boolean isInt(BigInteger value) {
        return value.compareTo(MOST) <= 0;
    }

    /** The result; empty if it is refused as a shape, and no other exception is an answer. */
    private static <T> Optional<T> unlessRefused(Supplier<T> supplier) {
        try {
            return Optional.of(supplier.get());
        } catch (ShapeException refused) {
            return Optional.empty();
        }
    }

    @Property
    void aShapeCountsItsElements(@ForAll("lists") List<Integer> extents) {
        int[] dims = extents.stream().mapToInt(i -> i).toArray();
        Optional<Shape> shape = unlessRefused(() -> Shape.of(dims));
        assertThat(shape.isPresent()).isEqualTo(isInt(product(dims)));
        shape.ifPresent(s -> {
            assertThat(s.size()).isEqualTo(product(dims).intValueExact());
            for (int i = 0; i < dims.length && s.size() > 0; i++) {
                assertThat(s.strides()[i])
                        .isEqualTo(product(Arrays.copyOfRange(dims, i + 1, dims.length))
                                .intValueExact());
            }
        });
    }

    @Property
    void anOpenExtentFollowsOrIsRefused(
            @ForAll("lists") List<Integer> others, @ForAll @IntRange(max = 4) int open, @ForAll("extents") int size) {
        int[] to = new int[others.size() + 1];
        int at = Math.min(open, others.size());
        for (int i = 0; i < to.length; i++) {
            to[i] = i == at ? -1 : others.get(i < at ? i : i - 1);
        }
        BigInteger known = product(Arrays.stream(to).map(d -> d == -1 ? 1 : d).toArray());
        boolean whole = known.signum() > 0 && big(size).mod(known).signum() == 0;
        Optional<Shape> shape =
                unlessRefused(() -> Expr.input("x", Shape.of(size)).reshape(to).shape());
        if (whole && (isInt(known) || size == 0)) {
            assertThat(shape.orElseThrow().dim(at))
                    .isEqualTo(big(size).divide(known).intValueExact());
        } else {
            assertThat(shape).isEmpty();
        }
    }

    @Property
    void paddedAndStackedExtentsAreSums(
            @ForAll("extents") int extent, @ForAll("extents") int before, @ForAll("extents") int after) {
        BigInteger sum = big(extent).add(big(before)).add(big(after));
        Expr x = Expr.input("x", Shape.of(extent));
        Optional<Integer> padded =
                unlessRefused(() -> x.pad(0, before, after, 0).shape().dim(0));
        List<Expr> parts = List.of(x, Expr.input("y", Shape.of(before)), Expr.input("z", Shape.of(after)));
        Optional<Integer> stacked =
                unlessRefused(() -> Expr.concat(0, parts).shape().dim(0));
        Optional<Integer> expected = isInt(sum) ? Optional.of(sum.intValueExact()) : Optional.empty();
        assertThat(padded).isEqualTo(expected);
        assertThat(stacked).isEqualTo(expected);
    }

    /** The extent of a result; empty if the padded image is too large, or too small for the window. */
    private static Optional<BigInteger> places(int size, int kernel, int stride, int pad, int dilation) {
        BigInteger padded = big(size).add(big(pad).shiftLeft(1));
        BigInteger reach = big(kernel - 1).multiply(big(dilation)).add(BigInteger.ONE);
        BigInteger room = padded.subtract(reach);
        return isInt(padded) && room.signum() >= 0
                ? Optional.of(room.divide(big(stride)).add(BigInteger.ONE))
                : Optional.empty();
    }

    @Property(tries = 3000)
    void convolutionsHaveTheirPlaces(
            @ForAll("extents") int h,
            @ForAll @IntRange(min = 1, max = 9) int w,
            @ForAll("positive") int kernel,
            @ForAll("positive") int stride,
            @ForAll("extents") int pad,
            @ForAll("positive") int dilation) {
        ConvSpec spec = new ConvSpec(Size.of(stride, 1), Size.of(pad, 0), Size.of(dilation, 1), 1);
        Expr weights = Expr.input("w", Shape.of(1, 1, kernel, 1));
        Optional<Integer> actual = unlessRefused(() -> Expr.input("x", Shape.of(1, 1, h, w))
                .conv(weights, spec)
                .shape()
                .dim(2));
        Optional<BigInteger> expected = isInt(product(Math.max(h, 1), w))
                ? places(h, kernel, stride, pad, dilation).filter(p -> isInt(p.multiply(big(w))))
                : Optional.empty();
        assertThat(actual).isEqualTo(expected.map(BigInteger::intValueExact));
    }

    @Property(tries = 3000)
    void poolingsHaveTheirPlaces(
            @ForAll @IntRange(min = 1, max = 9) int h,
            @ForAll("extents") int w,
            @ForAll("positive") int kernel,
            @ForAll("positive") int stride,
            @ForAll("extents") int pad) {
        boolean half = big(pad).shiftLeft(1).compareTo(big(kernel)) <= 0;
        Optional<PoolSpec> spec =
                unlessRefused(() -> new PoolSpec(Size.of(1, kernel), Size.of(1, stride), Size.of(0, pad)));
        assertThat(spec.isPresent()).isEqualTo(half);
        spec.ifPresent(s -> {
            Optional<Integer> actual = unlessRefused(() ->
                    Expr.input("x", Shape.of(1, 1, h, w)).maxPool(s).shape().dim(3));
            Optional<BigInteger> expected = isInt(product(h, Math.max(w, 1)))
                    ? places(w, kernel, stride, pad, 1).filter(p -> isInt(p.multiply(big(h))))
                    : Optional.empty();
            assertThat(actual).isEqualTo(expected.map(BigInteger::intValueExact));
        });
    }

    /** Products of channels and groups that an int does not hold do not turn into the number of channels. */
    @Test
    void groupsTimesChannelsAreExact() {
        ConvSpec spec = new ConvSpec(Size.of(1), Size.of(0), Size.of(1), (1 << 30) + 1);
        assertThatThrownBy(() -> Expr.input("x", Shape.of(1, 4, 1, 1))
                        .conv(Expr.input("w", Shape.of((1 << 30) + 1, 1, 1, 1)).reshape((1 << 30) + 1, 1, 1, 1), spec))
                .hasMessage("expected 1073741825 input channels but got 4 (input 1×4×1×1)");
        ConvSpec many = new ConvSpec(Size.of(1), Size.of(0), Size.of(1), 1 << 30);
        assertThatThrownBy(() -> Expr.input("x", Shape.of(1, 4, 1, 1))
                        .conv(Expr.input("w", Shape.of(0, (1 << 30) + 1, 1, 1)), many))
                .hasMessageContaining("expected 1152921505680588800 input channels but got 4");
    }

    /** Windows of more elements than an int counts: the sum, divided by all of them, and the largest. */
    @Property(tries = 200)
    void windowsOfManyElements(@ForAll @IntRange(min = 1, max = 5) int h, @ForAll("positive") int kernel) {
        int pad = kernel / 2;
        PoolSpec spec = new PoolSpec(Size.of(kernel), Size.of(kernel), Size.of(pad));
        Optional<Expr> pooled =
                unlessRefused(() -> Expr.parameter("x", Shape.of(1, 1, h, h)).avgPool(spec));
        pooled.ifPresent(mean -> {
            double[] data = new double[h * h];
            Arrays.setAll(data, i -> i + 1);
            Interpreter interpreter = new Interpreter().bind("x", new Value(Shape.of(1, 1, h, h), data));
            double share = 1 / product(kernel, kernel).doubleValue();
            double[] shares = new double[data.length];
            double covered = 0;
            for (int i = 0; i < data.length; i++) {
                shares[i] = Math.max(i / h, i % h) + (long) pad
                                < (long) mean.shape().dim(2) * kernel
                        ? share
                        : 0;
                covered += shares[i] * data[i];
            }
            double total = Arrays.stream(interpreter.evaluate(mean).data()).sum();
            assertThat(total).isCloseTo(covered, within(1e-12 * covered));
            Expr gradient = Gradients.of(mean.sum(), List.of(mean.input(0))).get(0);
            assertThat(interpreter.evaluate(gradient).data()).isEqualTo(shares);
        });
    }
}
