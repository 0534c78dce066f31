package dev.fluxion.ir;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** Values computed with 50 digits, and what happens at the ends of the number line. */
class SpecialFunctionsTest {
    @ParameterizedTest
    @CsvSource({
        "0, 0",
        "1e-300, 1.1283791670955126022e-300",
        "1e-8, 1.1283791670955125599e-8",
        "0.1, 0.1124629160182848984",
        "0.5, 0.52049987781304653768",
        "0.79, 0.73610345382069111185",
        "0.81, 0.74800328059778959043",
        "1, 0.84270079294971486934",
        "1.5, 0.96610514647531072707",
        "2, 0.99532226501895273416",
        "2.5, 0.99959304798255504106",
        "3, 0.99997790950300141456",
        "4, 0.99999998458274209972",
        "5.5, 0.99999999999999264215"
    })
    void erf(double x, double expected) {
        check(UnaryFn.ERF, x, expected);
        check(UnaryFn.ERF, -x, -expected);
    }

    @ParameterizedTest
    @CsvSource({
        "-30.1, -7.2922283261371342291e-198",
        "-30, -1.4720141781444561179e-196",
        "-20.3, -1.3051366269427643524e-90",
        "-10, -7.619853024160526066e-23",
        "-5, -1.4332578593959695584e-6",
        "-3.39, -0.0011846799711657223718",
        "-2, -0.045500263896358414401",
        "-1.2, -0.13808360426604992686",
        "-1.1, -0.14923266704102093346",
        "-0.5, -0.15426876936299344818",
        "0, 0",
        "1e-10, 5.0000000003989424626e-11",
        "0.5, 0.34573123063700655182",
        "1, 0.84134474606854294859",
        "3, 2.9959503059051097164",
        "10, 10"
    })
    void gelu(double x, double expected) {
        check(UnaryFn.GELU, x, expected);
    }

    @ParameterizedTest
    @CsvSource({
        "-700, 9.8596765437597708567e-305",
        "-40, 4.2483542552915889863e-18",
        "-10, 0.000045398899216864646769",
        "-1, 0.31326168751822283405",
        "0, 0.69314718055994530942",
        "1e-5, 0.69315218057244530942",
        "1, 1.313261687518222834",
        "10, 10.000045398899216865",
        "30, 30.000000000000093576",
        "700, 700"
    })
    void softplus(double x, double expected) {
        check(UnaryFn.SOFTPLUS, x, expected);
    }

    @ParameterizedTest
    @CsvSource({
        "-700, 9.8596765437597708567e-305",
        "-40, 4.2483542552915889773e-18",
        "-10, 0.000045397868702434394505",
        "-1, 0.26894142136999512075",
        "0, 0.5",
        "1e-5, 0.50000249999999997917",
        "1, 0.73105857863000487925",
        "10, 0.99995460213129756561",
        "30, 0.99999999999990642377"
    })
    void sigmoid(double x, double expected) {
        check(UnaryFn.SIGMOID, x, expected);
    }

    @ParameterizedTest
    @CsvSource({
        "-700, -6.9017735806318395997e-302",
        "-10, -0.00045397868702434394505",
        "-1, -0.26894142136999512075",
        "0.5, 0.31122966560092728232",
        "10, 9.9995460213129756561"
    })
    void silu(double x, double expected) {
        check(UnaryFn.SILU, x, expected);
    }

    @ParameterizedTest
    @CsvSource({
        "GELU_TANH, -3, -0.0036373920817729943",
        "GELU_TANH, 0.5, 0.34571400982514394",
        "MISH, -20, -4.1223072406287619e-08",
        "MISH, -1, -0.30340146137410895",
        "MISH, 0.5, 0.37524521130489508",
        "MISH, 30, 30",
        "HARD_SWISH, -4, -0.0",
        "HARD_SWISH, -1, -0.33333333333333331",
        "HARD_SWISH, 1.5, 1.125",
        "HARD_SWISH, 4, 4"
    })
    void laterActivations(UnaryFn fn, double x, double expected) {
        assertThat(fn.apply(x, 0)).isCloseTo(expected, within(1e-14 * Math.abs(expected)));
    }

    private static void check(UnaryFn fn, double x, double expected) {
        double error = Math.abs(fn.apply(x, 0) - expected);
        assertThat(error).as("%s(%s) = %s", fn, x, expected).isLessThanOrEqualTo(1e-15 * Math.abs(expected));
    }

    @ParameterizedTest
    @CsvSource({
        "SIGMOID, 0, 1",
        "TANH, -1, 1",
        "ERF, -1, 1",
        "SOFTPLUS, 0, 1e4",
        "GELU, 0, 1e4",
        "SILU, 0, 1e4",
        "GELU_TANH, 0, 1e4",
        "MISH, 0, 1e4",
        "HARD_SWISH, 0, 1e4",
        "RELU, 0, 1e4",
        "ABS, 1e4, 1e4",
        "SIGN, -1, 1"
    })
    void farFromZero(UnaryFn fn, double below, double above) {
        assertThat(fn.apply(-1e4, 0) + 0.0).isEqualTo(below);
        assertThat(fn.apply(1e4, 0)).isEqualTo(above);
        assertThat(slope(fn, -1e4)).isFinite();
        assertThat(slope(fn, 1e4)).isFinite();
    }

    @ParameterizedTest
    @CsvSource({
        "SIGMOID, 0, 1",
        "TANH, -1, 1",
        "ERF, -1, 1",
        "SOFTPLUS, 0, Infinity",
        "EXP, 0, Infinity",
        "RELU, 0, Infinity",
        "NEG, Infinity, -Infinity",
        "ABS, Infinity, Infinity",
        "RECIPROCAL, -0, 0"
    })
    void atInfinity(UnaryFn fn, double below, double above) {
        assertThat(fn.apply(Double.NEGATIVE_INFINITY, 0) + 0.0).isEqualTo(below + 0.0);
        assertThat(fn.apply(Double.POSITIVE_INFINITY, 0)).isEqualTo(above);
    }

    @ParameterizedTest
    @EnumSource(UnaryFn.class)
    void notANumberStaysNotANumber(UnaryFn fn) {
        assertThat(fn.apply(Double.NaN, 0.5)).isNaN();
    }

    @ParameterizedTest
    @EnumSource(
            value = BinaryFn.class,
            names = {"ADD", "SUB", "MUL", "DIV", "MAX", "MIN", "POW"})
    void notANumberSpoilsBothSides(BinaryFn fn) {
        assertThat(fn.apply(Double.NaN, 2)).isNaN();
        assertThat(fn.apply(2, Double.NaN)).isNaN();
    }

    @Test
    void notANumberWinsAMaximum() {
        Expr x = Expr.input("x", Shape.of(1, 1, 1, 3));
        Interpreter nan = new Interpreter().bind("x", new Value(x.shape(), new double[] {1, Double.NaN, 2}));
        assertThat(nan.evaluate(x.maxOver(3)).data()).containsOnly(Double.NaN);
        assertThat(nan.evaluate(x.maxPool(PoolSpec.of(Size.of(1, 3)))).item()).isNaN();
        assertThat(nan.evaluate(x.softmax(3)).data()).containsOnly(Double.NaN);
        assertThat(nan.evaluate(x.gt(0)).data()).containsExactly(1, 0, 1);
    }

    @Test
    void normalisationsDoNotOverflow() {
        Expr x = Expr.input("x", Shape.of(2));
        Interpreter far = new Interpreter().bind("x", new Value(x.shape(), new double[] {1e4, -1e4}));
        assertThat(far.evaluate(x.softmax(0)).data()).containsExactly(1, 0);
        assertThat(far.evaluate(x.logSoftmax(0)).data()).containsExactly(0, -2e4);
        Expr loss = x.logSoftmax(0).mul(Expr.iota(2).toFloat()).sum();
        assertThat(far.evaluate(Gradients.of(loss, List.of(x)).get(0)).data()).containsExactly(-1, 1);
    }

    private static double slope(UnaryFn fn, double at) {
        Expr x = Expr.input("x", Shape.scalar());
        Expr y = new Expr(new Elementwise.Unary(fn, 0), List.of(x));
        return new Interpreter()
                .bind("x", Value.scalar(at))
                .evaluate(Gradients.of(y, List.of(x)).get(0))
                .item();
    }
}
