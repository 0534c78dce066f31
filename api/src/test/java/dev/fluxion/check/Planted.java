package dev.fluxion.check;

import dev.fluxion.ir.Expr;
import dev.fluxion.ir.Shape;
import java.util.function.UnaryOperator;
import java.util.random.RandomGenerator;
import java.util.stream.Stream;

/**
 * A gradient with a mistake that people make.
 *
 * @param mistake what is wrong with it
 * @param check the expression at drawn values
 * @param variable the input that the gradient is by
 * @param right the right gradient, from that of the expression's value
 * @param wrong the wrong one
 */
record Planted(String mistake, GradCheck check, String variable, UnaryOperator<Expr> right, UnaryOperator<Expr> wrong) {

    static Stream<Planted> all() {
        return Stream.of(
                        PlantedElementwise.rows(),
                        PlantedContractions.rows(),
                        PlantedMovements.rows(),
                        PlantedLosses.rows())
                .flatMap(s -> s);
    }

    /** The check by differentiation, of all inputs. */
    GradCheck derived() {
        return check;
    }

    GradCheck checkRight() {
        return check.gradient(variable, right).wrt(variable);
    }

    GradCheck checkWrong() {
        return check.gradient(variable, wrong).wrt(variable);
    }

    static GradCheck at(Expr expr, String... names) {
        GradCheck check = GradCheck.of(expr);
        for (String name : names) {
            check = check.draw(name, Planted::normal);
        }
        return check;
    }

    static void normal(float[] values, Shape shape, RandomGenerator random) {
        for (int i = 0; i < values.length; i++) {
            values[i] = (float) random.nextGaussian();
        }
    }

    static void positive(float[] values, Shape shape, RandomGenerator random) {
        for (int i = 0; i < values.length; i++) {
            values[i] = (float) random.nextDouble(0.5, 2);
        }
    }

    static void probability(float[] values, Shape shape, RandomGenerator random) {
        for (int i = 0; i < values.length; i++) {
            values[i] = (float) random.nextDouble(0.05, 0.95);
        }
    }

    static void sign(float[] values, Shape shape, RandomGenerator random) {
        for (int i = 0; i < values.length; i++) {
            values[i] = random.nextBoolean() ? 1 : -1;
        }
    }

    static void label(float[] values, Shape shape, RandomGenerator random) {
        for (int i = 0; i < values.length; i++) {
            values[i] = random.nextInt(4);
        }
    }

    @Override
    public String toString() {
        return mistake;
    }
}
