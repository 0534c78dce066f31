package dev.fluxion.dsl.train;

import dev.fluxion.Scope;
import dev.fluxion.dsl.layer.Summary;
import dev.fluxion.ir.Expr;
import dev.fluxion.ir.Shape;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.BiConsumer;

/**
 * What a network makes of a batch.
 *
 * @param outputs the result and the outputs that layers have named
 * @param values the inputs and the values that layers have named
 * @param calls the calls of layers, in order
 * @param parameters the parameters by name, in the order of their declaration
 * @param buffers the buffers by name, in the order of their declaration
 * @param updates the next values of buffers by the names of these
 */
record Applied(
        Map<String, Expr> outputs,
        Map<String, Expr> values,
        List<Call> calls,
        Map<String, Expr> parameters,
        Map<String, Expr> buffers,
        Map<String, Expr> updates) {
    /**
     * A call of a layer.
     *
     * @param path the path of its scope
     * @param layer the layer as the user wrote it
     * @param result what it made
     */
    record Call(String path, String layer, Expr result) {}

    static Applied of(Scope scope, Expr result) {
        Map<String, Expr> outputs = new LinkedHashMap<>();
        outputs.put(Scope.RESULT, result);
        outputs.putAll(scope.outputs());
        List<Call> calls = scope.trace().stream()
                .map(call -> new Call(call.path(), call.layer(), call.result()))
                .toList();
        Map<String, Expr> buffers = exprs(scope.buffers());
        Map<String, Expr> updates = new LinkedHashMap<>();
        buffers.forEach((name, buffer) -> {
            Expr next = scope.updates().get(buffer);
            if (next != null) {
                updates.put(name, next);
            }
        });
        return new Applied(outputs, scope.values(), calls, exprs(scope.parameters()), buffers, updates);
    }

    private static Map<String, Expr> exprs(Map<String, Scope.Parameter> declared) {
        Map<String, Expr> exprs = new LinkedHashMap<>();
        declared.forEach((name, parameter) -> exprs.put(name, parameter.expr()));
        return exprs;
    }

    /** What the network makes at its end. */
    Expr result() {
        return outputs.values().iterator().next();
    }

    /** What there is, which is the same for every batch. */
    List<String> names() {
        List<String> names = new ArrayList<>();
        visit((name, expr) -> names.add(name));
        return names;
    }

    /** All expressions, in the order of their names. */
    List<Expr> exprs() {
        List<Expr> exprs = new ArrayList<>();
        visit((name, expr) -> exprs.add(expr));
        return exprs;
    }

    private void visit(BiConsumer<String, Expr> each) {
        outputs.forEach((name, e) -> each.accept("output " + name, e));
        values.forEach((name, e) -> each.accept("value " + name, e));
        calls.forEach(call -> each.accept("layer " + call.path + " " + call.layer, call.result));
        parameters.forEach((name, e) -> each.accept("parameter " + name, e));
        buffers.forEach((name, e) -> each.accept("buffer " + name, e));
        updates.forEach((name, e) -> each.accept("update " + name, e));
    }

    /** The layers with their shapes and numbers of parameters. */
    Summary summary(Map<String, Expr> inputs) {
        List<Summary.Row> rows = calls.stream()
                .map(call -> new Summary.Row(call.path, call.layer, call.result.shape(), 0, 0))
                .toList();
        return Summary.of(shapes(inputs), rows, shapes(parameters), shapes(buffers));
    }

    private static Map<String, Shape> shapes(Map<String, Expr> exprs) {
        Map<String, Shape> shapes = new LinkedHashMap<>();
        exprs.forEach((name, e) -> shapes.put(name, e.shape()));
        return shapes;
    }

    /** The same of other expressions, which are in the order of {@link #exprs}. */
    Applied with(List<Expr> exprs) {
        Iterator<Expr> next = exprs.iterator();
        return new Applied(
                replaced(outputs, next),
                replaced(values, next),
                calls.stream()
                        .map(call -> new Call(call.path, call.layer, next.next()))
                        .toList(),
                replaced(parameters, next),
                replaced(buffers, next),
                replaced(updates, next));
    }

    private static Map<String, Expr> replaced(Map<String, Expr> all, Iterator<Expr> next) {
        Map<String, Expr> replaced = new LinkedHashMap<>(all);
        replaced.replaceAll((name, e) -> next.next());
        return Collections.unmodifiableMap(replaced);
    }

    /**
     * An output or a value that a layer has named, or what a layer makes by its path.
     *
     * @throws IllegalArgumentException if there is none, or the layer is called more than once
     */
    Expr output(String name) {
        Expr named = outputs.getOrDefault(name, values.get(name));
        if (named != null) {
            return named;
        }
        List<Call> found = calls.stream().filter(call -> call.path.equals(name)).toList();
        if (found.size() != 1) {
            throw new IllegalArgumentException(
                    found.isEmpty()
                            ? Errors.noOutputOrLayer(name, outputs.keySet(), calls)
                            : Errors.calledOften(name, found.size()));
        }
        return found.get(0).result;
    }
}
