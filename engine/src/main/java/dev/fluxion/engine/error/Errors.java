package dev.fluxion.engine.error;

import dev.fluxion.engine.plan.Buffer;
import dev.fluxion.engine.plan.Step;
import dev.fluxion.ir.DType;
import dev.fluxion.ir.Expr;
import dev.fluxion.ir.Legible;
import dev.fluxion.ir.Shape;
import java.util.Arrays;
import java.util.Collection;
import java.util.Map;
import java.util.StringJoiner;

/** Every message of the engine. */
public final class Errors {
    private Errors() {}

    public static String threads(int most, int count) {
        return "threads must be from 1 to " + most + " but is " + count;
    }

    public static String empty(Expr e) {
        return in(e.origin()) + "a program cannot compute on empty tensors, but " + e + " has no elements";
    }

    public static String rank(Expr e, int most) {
        return in(e.origin()) + "a program computes on tensors of at most " + most + " axes, but " + e + " has "
                + e.shape().rank();
    }

    public static String requirement(String origin, String expectation, String position, Number value) {
        return in(origin) + expectation + ", but element " + position + " is " + value;
    }

    public static String index(String origin, int index, int position, int extent) {
        return in(origin) + "index " + index + " at position " + position + " is outside [0, " + extent + ")";
    }

    public static String tooLongForJava(Step step, String kernel, Buffer buffer) {
        return in(step.origin()) + "a kernel in Java (" + kernel + ") computes " + step.operator()
                + " on at most 2147483647 bytes at a time, but " + buffer.name() + " takes " + buffer.bytes();
    }

    public static String tooLongToCopy(String kind, Buffer buffer) {
        return "the " + kind + " '" + Legible.of(buffer.name())
                + "' is copied as a whole, which takes at most 2147483647 bytes," + " but it takes " + buffer.bytes();
    }

    public static String unknown(String kind, String name, Collection<String> known) {
        return "there is no " + kind + " '" + Legible.of(name) + "'; there are " + known;
    }

    public static String malformed(String stage, String faults) {
        return "the compiler's stage '" + stage + "' made what is not well-formed: " + faults;
    }

    public static String unknownRule(String property, String text, Collection<String> rules) {
        return "-D" + property + ": expected names of rules, each behind a minus, separated by commas, but got '"
                + Legible.of(text) + "'; there are " + rules;
    }

    public static String shape(String name, Shape expected, Shape actual) {
        return "'" + name + "': expected shape " + expected + " but got " + actual;
    }

    public static String count(String name, int expected, int actual) {
        return "'" + name + "': expected " + expected + " numbers but got " + actual;
    }

    public static String type(String name, DType expected, DType actual) {
        return "'" + name + "': expected " + expected + " elements but got " + actual;
    }

    public static String notFinite(String name, float value, int position, Shape shape) {
        return mustBeFinite(quoted(name), value, position, shape);
    }

    /** The same of what is told by more than a name. */
    public static String mustBeFinite(String what, float value, int position, Shape shape) {
        return what + " must be finite, but element " + Arrays.toString(index(position, shape)) + " is " + value;
    }

    public static String quoted(String name) {
        return "'" + name + "'";
    }

    public static String notAllowed(String name, boolean infinite, float value, int position, Shape shape) {
        return infinite
                ? "'" + name + "' may be infinite, but element " + Arrays.toString(index(position, shape)) + " is "
                        + value
                : notFinite(name, value, position, shape);
    }

    public static String initializerFailed(String name, RuntimeException reason) {
        return "the initializer of '" + name + "' failed: " + reason;
    }

    public static String firstValue(String name) {
        return quoted(name) + ", as its initializer gives it,";
    }

    public static String gradientOf(String name) {
        return "the gradient of '" + name + "'";
    }

    public static String nextValueOf(String name) {
        return "the next value of buffer '" + name + "'";
    }

    public static String otherRole(String name, boolean buffer) {
        return "'" + name + "' is declared as a " + (buffer ? "parameter" : "buffer") + " but the graph uses it as a "
                + (buffer ? "buffer" : "parameter");
    }

    public static String diverged(long step, String what, float value) {
        return "training stopped at step " + step + " before its update: " + what + " is " + value
                + "; the parameters are as they were before the step";
    }

    public static String scalarCount(Object rule, int count) {
        return optimizer(rule) + " asked for " + count + " scalars at first and for more later";
    }

    public static String scalarFailed(Object rule, int index, long step, double rate, RuntimeException reason) {
        return scalar(rule, index, step, rate) + " failed: " + reason + "; nothing has changed";
    }

    public static String scalarNotFinite(Object rule, int index, long step, double rate, double value) {
        return scalar(rule, index, step, rate) + " must be a number that float32 can hold but is " + value
                + "; nothing has changed";
    }

    private static String scalar(Object rule, int index, long step, double rate) {
        return "scalar " + (index + 1) + " of " + optimizer(rule) + ", at step " + step + " with learning rate " + rate
                + ",";
    }

    /** The optimizer as the user wrote it. */
    public static String optimizer(Object rule) {
        Class<?> type = rule.getClass();
        return type.isHidden() || type.isSynthetic() ? "the optimizer" : rule.toString();
    }

    public static String wouldOverflow(
            long step, String element, Map<String, Double> numbers, double rate, Object op, double result) {
        StringJoiner with = new StringJoiner(", ");
        numbers.forEach((name, x) -> with.add(name + " " + x.floatValue()));
        return "training stopped at step " + step + " before its update: " + element + ", with " + with
                + " and learning rate " + rate + ", the update's " + op + " would be " + result
                + ", which float32 cannot hold; the parameters are as they were before the step";
    }

    public static String spoilt(String optimizer, long step, String element) {
        return "step " + step + " of " + optimizer + " has made " + element
                + " infinite or NaN: the model is spoilt until all its weights are loaded or set";
    }

    public static String stateNotFinite(String slot) {
        return "what the training keeps in '" + slot
                + "' is infinite or NaN; restore the training, or begin another one";
    }

    public static String position(int position, Shape shape) {
        return Arrays.toString(index(position, shape));
    }

    public static String stepBegun() {
        return "this training is used by another thread, or by a scalar of its own optimizer, while it begins a step;"
                + " nothing has changed in that step";
    }

    public static String spoiltParameter(String name, double value, int position, Shape shape) {
        return "; parameter '" + name + "' is " + value + " at " + Arrays.toString(index(position, shape));
    }

    /** Where a number arose: in a value or, behind it, in a gradient. */
    public static String arose(Expr e, boolean gradient, double value, int position) {
        String index = Arrays.toString(index(position, e.shape()));
        String result = Double.isFinite(value)
                ? e.op() + " at " + index + " is " + value + ", which overflows float32"
                : e.op() + " is " + value + " at " + index;
        return "; it arose in " + (gradient ? "the gradient of " : "") + layer(e) + ": " + result;
    }

    public static String overflowed(Expr e, double largest) {
        return "; in double precision all numbers are finite: float32 overflowed on the way, most likely in " + layer(e)
                + ", whose " + e.op() + " is as large as " + (float) largest;
    }

    public static String notFound(Throwable reason) {
        return "; where it arose could not be found: " + reason;
    }

    private static String layer(Expr e) {
        return e.origin().isEmpty() ? "the graph" : e.place().isEmpty() ? e.origin() : e.origin() + " " + e.place();
    }

    public static String programClosed() {
        return "the program is closed";
    }

    public static String notBegun() {
        return "the first stage has not run, or another program of the same training has run since: run the first stage again, as forward does";
    }

    public static String changedSince() {
        return "parameters have been set, loaded or trained since the stages before this one ran: run the first stage again, as forward does";
    }

    public static String notRun() {
        return "there are no outputs to read: run the program first";
    }

    public static String takenOver() {
        return "another program of the same training has run since, in the same memory: run this one again before reading";
    }

    public static String stateClosed() {
        return "the training is closed";
    }

    public static String parametersClosed() {
        return "the model's parameters are closed";
    }

    public static String forksNoise() {
        return "a program that draws random numbers cannot be forked: its runs would draw from the same numbers";
    }

    public static String runs(int count) {
        return "a profile needs at least 1 run but is to make " + count;
    }

    public static String forksUpdates() {
        return "a program that changes parameters cannot be forked: its runs would change them twice";
    }

    public static String busy(Thread owner) {
        return "the program is in use by thread '" + owner.getName()
                + "'; a program, or a training, serves one thread at a time: fork a program of a prediction for each";
    }

    public static String parameterShape(String name, Shape declared, Shape used) {
        return "parameter '" + name + "' is declared with shape " + declared + " but the graph uses " + used;
    }

    public static String notOfRows(Object rule, String parameter) {
        return optimizer(rule) + " changes only the rows of " + parameter
                + " that a step reads. For that its gradient must be a sum of rows that nobody else reads, as with step, without"
                + " clipping, noise, accumulated gradients or other uses of the table, and the rule must bound what it computes";
    }

    public static String notElementwise(Expr e) {
        return "an update rule must compute element by element, but uses " + e.op();
    }

    public static String unwritten(String name) {
        return "input '" + name
                + "' has not been written since the program was made, or since another program of the same training ran";
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
