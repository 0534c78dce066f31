package dev.fluxion.dsl.layer;

import dev.fluxion.Initializer;
import dev.fluxion.Layer;
import dev.fluxion.dsl.CallSite;
import dev.fluxion.dsl.internal.Checks;
import dev.fluxion.dsl.internal.Numbers;
import dev.fluxion.dsl.internal.Text;
import dev.fluxion.ir.Given;
import dev.fluxion.ir.Shape;
import dev.fluxion.ir.ShapeException;
import dev.fluxion.ir.Size;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.IntFunction;

/** Checks the arguments and inputs of layers. A message names the layer and its call site. */
final class Arguments {
    private Arguments() {}

    static void requireAtLeast(Object what, CallSite callSite, String argument, int least, int actual) {
        Numbers.requireAtLeast(Text.place(what, callSite), argument, least, actual);
    }

    static void requireFinite(Object what, CallSite callSite, String argument, double actual) {
        Numbers.requireFinite(Text.place(what, callSite), argument, actual);
    }

    static void requireNotZero(Object what, CallSite callSite, String argument, double actual) {
        Numbers.require(
                Double.isFinite(actual) && actual != 0,
                Text.place(what, callSite),
                argument,
                "finite and not 0",
                actual);
    }

    static void requireInit(Object what, CallSite callSite, String argument, Initializer initializer) {
        Given.require(Text.place(what, callSite), argument, initializer);
    }

    static void requireDivisor(Object what, CallSite callSite, String argument, int divisor, String parts, int count) {
        if (count % divisor != 0) {
            throw new IllegalArgumentException(
                    Errors.argument(what, callSite, argument, "a divisor of the " + count + " " + parts, divisor));
        }
    }

    /** Checks what every layer has: a place in the user's program, and a name or an empty one. */
    static void requireIdentity(String what, String named, CallSite callSite) {
        Given.require(what, "the call site", callSite);
        if (!Given.require(Text.place(what, callSite), "the name", named).isEmpty()) {
            requireName(what, callSite, named);
        }
    }

    static void requireSizes(String what, CallSite callSite, Size... sizes) {
        for (Size size : sizes) {
            Given.require(Text.place(what, callSite), "a size", size);
        }
    }

    /** The name if it can be part of a parameter's name. */
    static String requireName(Object what, CallSite callSite, String name) {
        Given.require(Text.place(what, callSite), "the name", name);
        if (name.isBlank() || name.contains(".") || name.contains("#")) {
            throw new IllegalArgumentException(Errors.argument(
                    what, callSite, "the name", "not blank and without '.' and '#'", "\"" + name + "\""));
        }
        return name;
    }

    /** The name of a value if it is one. */
    static String requireValueName(Object what, CallSite callSite, String argument, String name) {
        if (Given.require(Text.place(what, callSite), argument, name).isBlank()) {
            throw new IllegalArgumentException(Errors.argument(what, callSite, argument, "a name", "\"" + name + "\""));
        }
        return name;
    }

    static void requireImages(Shape shape) {
        if (shape.rank() != 4) {
            throw new ShapeException(Errors.notImages(shape));
        }
    }

    static void requireSequences(int width, Shape shape) {
        if (shape.rank() != 3 || shape.dim(2) != width) {
            throw new ShapeException(Errors.notSequences(width, shape));
        }
    }

    /** A copy of the parts of a layer, none of which is null. */
    static List<Layer> layers(String what, CallSite callSite, String part, List<Layer> layers) {
        return Checks.present(Text.place(what, callSite), part, layers, Errors::placed);
    }

    /** Requires that the parts of a layer have different names, or else positions. */
    static void requireDifferentNames(String what, CallSite callSite, List<Layer> parts, IntFunction<String> position) {
        Map<String, Layer> called = new HashMap<>();
        for (int i = 0; i < parts.size(); i++) {
            Layer part = parts.get(i);
            String name = LayerCalls.name(part, position.apply(i));
            Layer before = called.putIfAbsent(name, part);
            boolean shared = part == before && part instanceof Shared;
            if (before != null && !shared) {
                throw new IllegalArgumentException(Errors.sameName(what, callSite, before, part, name));
            }
        }
    }

    /** Requires that the shapes agree in all extents but the channels. */
    static void requireJoinable(List<Shape> branches) {
        Shape first = branches.get(0);
        for (int i = 0; i < branches.size(); i++) {
            Shape branch = branches.get(i);
            if (branch.rank() < 2
                    || branch.rank() != first.rank()
                    || !branch.with(1, 0).equals(first.with(1, 0))) {
                throw new ShapeException(Errors.unlikeBranches(" but the channels, axis 1", first, i, branch));
            }
        }
    }
}
