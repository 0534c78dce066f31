package dev.fluxion.engine;

import dev.fluxion.ir.DType;
import dev.fluxion.ir.Expr;
import dev.fluxion.ir.Legible;
import dev.fluxion.ir.Shape;
import java.util.Arrays;
import java.util.Collection;

/** Every message of this package. */
final class Errors {
    private Errors() {}

    static String threads(int count) {
        return "threads must be at least 1 but is " + count;
    }

    static String empty(Expr e) {
        return in(e.origin()) + "a program cannot compute on empty tensors, but " + e + " has no elements";
    }

    static String rank(Expr e, int most) {
        return in(e.origin()) + "a program computes on tensors of at most " + most + " axes, but " + e + " has "
                + e.shape().rank();
    }

    static String unknown(String kind, String name, Collection<String> known) {
        return "there is no " + kind + " '" + Legible.of(name) + "'; there are " + known;
    }

    static String shape(String name, Shape expected, Shape actual) {
        return "'" + name + "': expected shape " + expected + " but got " + actual;
    }

    static String count(String name, int expected, int actual) {
        return "'" + name + "': expected " + expected + " numbers but got " + actual;
    }

    static String type(String name, DType expected, DType actual) {
        return "'" + name + "': expected " + expected + " elements but got " + actual;
    }

    static String notFinite(String name, float value, int position, Shape shape) {
        return "'" + name + "' must be finite, but element " + Arrays.toString(index(position, shape)) + " is " + value;
    }

    static String tooLarge(String name, int value, int position, Shape shape, int most) {
        return "'" + name + "' must lie within ±" + most + ", but element " + Arrays.toString(index(position, shape))
                + " is " + value;
    }

    static String diverged(long step, String what, float value) {
        return "training stopped at step " + step + " before its update: " + what + " is " + value
                + "; the parameters are as they were before the step";
    }

    static String programClosed() {
        return "the program is closed";
    }

    static String parametersClosed() {
        return "the model's parameters are closed";
    }

    static String forksNoise() {
        return "a program that draws random numbers cannot be forked: its runs would draw from the same numbers";
    }

    static String runs(int count) {
        return "a profile needs at least 1 run but is to make " + count;
    }

    static String forksUpdates() {
        return "a program that changes parameters cannot be forked: its runs would change them twice";
    }

    static String busy(Thread owner) {
        return "the program is in use by thread '" + owner.getName()
                + "'; a program serves one thread at a time, fork one per thread";
    }

    static String parameterShape(String name, Shape declared, Shape used) {
        return "parameter '" + name + "' is declared with shape " + declared + " but the graph uses " + used;
    }

    static String notElementwise(Expr e) {
        return "an update rule must compute element by element, but uses " + e.op();
    }

    static String unwritten(String name) {
        return "input '" + name + "' has not been written";
    }

    private static int[] index(int position, Shape shape) {
        int[] index = shape.strides();
        for (int i = 0; i < index.length; i++) {
            index[i] = position / index[i] % shape.dim(i);
        }
        return index;
    }

    private static String in(String origin) {
        return origin.isEmpty() ? "" : origin + ": ";
    }
}
