package dev.fluxion.dsl;

import dev.fluxion.Layer;
import dev.fluxion.Metric;
import dev.fluxion.ir.Given;
import dev.fluxion.ir.Shape;
import dev.fluxion.ir.ShapeException;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import java.util.function.IntFunction;
import org.jspecify.annotations.Nullable;

/** Checks of what users put together: that all parts are there, and that those of a layer fit each other. */
final class Parts {
    private Parts() {}

    /** The arguments as a list; a single null is what a call with that alone passes in place of the array. */
    static <T> List<T> of(T @Nullable [] arguments) {
        return arguments == null ? Collections.singletonList(null) : Arrays.asList(arguments);
    }

    /** A copy of layers that are all there. */
    static List<Layer> layers(String what, Source source, String part, List<Layer> layers) {
        return present(Errors.place(what, source), part, layers, Errors::placed);
    }

    /** A copy of metrics that are all there, called differently: what they give is told by their names. */
    static List<Metric> metrics(String call, List<Metric> metrics) {
        List<Metric> all = present(call, "metric", metrics, Metric::name);
        Set<String> names = new HashSet<>();
        for (Metric metric : all) {
            if (!names.add(metric.name())) {
                throw new IllegalArgumentException(Errors.sameMetric(call, metric.name()));
            }
        }
        return all;
    }

    /** A copy of a list without null; {@code text} tells what comes before a null, or nothing. */
    static <T> List<T> present(String call, String part, List<T> list, Function<T, String> text) {
        for (int i = 0; i < list.size(); i++) {
            String before = i == 0 ? "" : text.apply(list.get(i - 1));
            Given.require(call, part + " " + i + (before.isEmpty() ? "" : ", after " + before + ","), list.get(i));
        }
        return List.copyOf(list);
    }

    /** Requires that the parts of a layer are called differently, by their names or else by their positions. */
    static void requireDifferentNames(String what, Source source, List<Layer> parts, IntFunction<String> position) {
        Map<String, Layer> called = new HashMap<>();
        for (int i = 0; i < parts.size(); i++) {
            Layer part = parts.get(i);
            String name = Applying.name(part, position.apply(i));
            Layer before = called.putIfAbsent(name, part);
            if (before != null) {
                throw new IllegalArgumentException(Errors.at(what, source, Errors.sameName(before, part, name)));
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
                throw new ShapeException(Errors.unjoinable(first, i, branch));
            }
        }
    }
}
