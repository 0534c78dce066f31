package dev.fluxion.dsl;

import dev.fluxion.ir.Given;
import dev.fluxion.ir.Shape;
import dev.fluxion.ir.ShapeException;
import dev.fluxion.ir.Size;

/** Checks of what layers are told and given; where one fails, the message has the layer and its place in the source. */
final class Arguments {
    private Arguments() {}

    static void requireAtLeast(Object what, Source source, String argument, int least, int actual) {
        if (actual < least) {
            throw new IllegalArgumentException(Errors.argument(what, source, argument, "at least " + least, actual));
        }
    }

    static void requireAtLeast(Object what, Source source, String argument, int least, Size actual) {
        if (actual.h() < least || actual.w() < least) {
            throw new IllegalArgumentException(Errors.argument(what, source, argument, "at least " + least, actual));
        }
    }

    static void requireFinite(Object what, Source source, String argument, double actual) {
        if (!Double.isFinite(actual)) {
            throw new IllegalArgumentException(Errors.argument(what, source, argument, "finite", Text.number(actual)));
        }
    }

    static void requireDivisor(Object what, Source source, int groups, String channels, int count) {
        if (count % groups != 0) {
            throw new IllegalArgumentException(
                    Errors.argument(what, source, "groups", "a divisor of the " + count + " " + channels, groups));
        }
    }

    /** The name if it can be part of a parameter's name. */
    static String requireName(Object what, Source source, String name) {
        Given.require(Errors.place(what, source), "the name", name);
        if (name.isBlank() || name.contains(".") || name.contains("#")) {
            throw new IllegalArgumentException(
                    Errors.argument(what, source, "the name", "not blank and without '.' and '#'", "\"" + name + "\""));
        }
        return name;
    }

    static void requireImages(Shape shape) {
        if (shape.rank() != 4) {
            throw new ShapeException(Errors.notImages(shape));
        }
    }
}
