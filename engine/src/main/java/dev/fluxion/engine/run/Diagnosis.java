package dev.fluxion.engine.run;

import dev.fluxion.Tensor;
import dev.fluxion.engine.error.Errors;
import dev.fluxion.engine.store.ParameterStore;
import dev.fluxion.engine.store.StateStore;
import dev.fluxion.engine.update.Diverged;
import dev.fluxion.ir.Expr;
import dev.fluxion.ir.Graph;
import dev.fluxion.ir.Interpreter;
import dev.fluxion.ir.Leaf;
import dev.fluxion.ir.Update;
import dev.fluxion.ir.ValueException;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Where the first number arose that is NaN or infinite: once a step was stopped, the interpreter runs it again on the same
 * inputs, parameters and random numbers, as far as to that number. It may take seconds where the step takes milliseconds.
 */
public final class Diagnosis {
    private final Graph graph;
    private final ParameterStore parameters;
    private final StateStore state;

    /** The graph as it was given, before any pass. */
    public Diagnosis(Graph graph, ParameterStore parameters, StateStore state) {
        this.graph = graph;
        this.parameters = parameters;
        this.state = state;
    }

    /** The exception for the user, while the inputs and parameters are those of the step that was stopped in some stages. */
    public ValueException of(Diverged stopped, Stages stages, IoBuffers inputs) {
        String where;
        try {
            where = where(
                    graph.stages().stream()
                            .filter(s -> stages.contains(s.name()))
                            .toList(),
                    inputs);
        } catch (RuntimeException | OutOfMemoryError failure) {
            where = Errors.notFound(failure);
        }
        return new ValueException(stopped.getMessage() + where);
    }

    private String where(List<Graph.Stage> stages, IoBuffers inputs) {
        Interpreter interpreter = state.interpreter();
        for (Leaf.Variable leaf : variables()) {
            String name = leaf.parameter();
            Tensor value = parameters.get(name);
            int other = firstOther(value.toValue().data());
            if (other >= 0) {
                return Errors.spoiltParameter(name, value.floats()[other], other, leaf.shape());
            }
            interpreter.bind(name, value.toValue());
        }
        graph.order().stream()
                .filter(e -> e.op() instanceof Leaf.Kept)
                .map(e -> ((Leaf.Kept) e.op()).slot())
                .forEach(slot -> interpreter.bind(slot, state.get(slot).toValue()));
        inputs.bind(interpreter);
        Search forward = new Search(stages.stream().flatMap(Diagnosis::results).toList());
        Optional<String> found = forward.run(interpreter, false);
        if (found.isPresent()) {
            return found.get();
        }
        Search all = new Search(stages.stream().flatMap(s -> s.roots().stream()).toList());
        return all.run(interpreter, true).orElseGet(all::largest);
    }

    /** The outputs of a stage and the next values of buffers, which are no gradients. */
    private static Stream<Expr> results(Graph.Stage stage) {
        Stream<Expr> next =
                stage.updates().stream().filter(Update::assigns).flatMap(update -> update.gradients().stream());
        return Stream.concat(stage.outputs().values().stream(), next);
    }

    private List<Leaf.Variable> variables() {
        return Stream.concat(graph.parameters().stream(), graph.buffers().stream())
                .map(e -> (Leaf.Variable) e.op())
                .toList();
    }

    /** The first number that float32 cannot hold; −1 if there is none. */
    private static int firstOther(double[] values) {
        for (int i = 0; i < values.length; i++) {
            if (!Float.isFinite((float) values[i])) {
                return i;
            }
        }
        return -1;
    }

    /** The first of the values that are not finite and that have made a result so. */
    private static final class Search {
        private final List<Expr> results;
        private final Map<Expr, Other> others = new HashMap<>();
        private @Nullable Expr largest;
        private double magnitude;

        private record Other(double value, int position) {}

        Search(List<Expr> results) {
            this.results = results;
        }

        Optional<String> run(Interpreter interpreter, boolean gradient) {
            interpreter.observe(results, this::see);
            List<Expr> order = Graph.topological(results);
            Set<Expr> guilty = new HashSet<>(results);
            guilty.retainAll(others.keySet());
            for (int i = order.size() - 1; i >= 0; i--) {
                if (guilty.contains(order.get(i))) {
                    order.get(i).inputs().stream().filter(others::containsKey).forEach(guilty::add);
                }
            }
            return order.stream().filter(guilty::contains).findFirst().map(e -> {
                Other other = Objects.requireNonNull(others.get(e));
                return Errors.arose(e, gradient, other.value, other.position);
            });
        }

        private void see(Expr e, double[] values) {
            int position = firstOther(values);
            if (position >= 0 && !(e.op() instanceof Leaf.Constant)) {
                others.put(e, new Other(values[position], position));
            }
            for (double x : values) {
                if (Math.abs(x) > magnitude && Float.isFinite((float) x)) {
                    magnitude = Math.abs(x);
                    largest = e;
                }
            }
        }

        String largest() {
            return Optional.ofNullable(largest)
                    .map(e -> Errors.overflowed(e, magnitude))
                    .orElse("");
        }
    }
}
