package dev.fluxion.ir;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * What to compute: stages, run one after the other or together, each with named outputs and with updates of parameters at
 * its end. A later stage sees what earlier ones computed, so that a training step is one graph of forward, backward and
 * update. Graphs are immutable.
 */
public final class Graph {
    private final List<Stage> stages;
    private final List<Expr> order;

    private Graph(List<Stage> stages) {
        this.stages = List.copyOf(stages);
        this.order = List.copyOf(
                topological(stages.stream().flatMap(s -> s.roots().stream()).toList()));
        Map<Object, Op> named = new HashMap<>();
        for (Expr e : order) {
            Object name = name(e.op());
            Op other = name == null ? null : named.putIfAbsent(name, e.op());
            if (other != null && !other.equals(e.op())) {
                throw new ShapeException(Errors.duplicateName(String.valueOf(name)));
            }
        }
    }

    /**
     * A part of a graph.
     *
     * @param name unique in the graph
     * @param outputs the values to keep for reading after the stage, by name
     * @param updates the changes of parameters, all computed from the values before any of them
     * @param carried the values that later stages read as they are before the updates
     */
    public record Stage(String name, Map<String, Expr> outputs, List<Update> updates, Map<Leaf.Carried, Expr> carried) {
        /** Copies the collections, keeping their order. */
        public Stage {
            Given.require("Stage", "the name", name);
            outputs = Collections.unmodifiableMap(new LinkedHashMap<>(Given.require("Stage", "the outputs", outputs)));
            updates = Given.each("Stage", "an update", updates);
            carried = Collections.unmodifiableMap(
                    new LinkedHashMap<>(Given.require("Stage", "what is carried", carried)));
        }

        /** A stage whose values later ones compute again if they need them. */
        public Stage(String name, Map<String, Expr> outputs, List<Update> updates) {
            this(name, outputs, updates, Map.of());
        }

        /** The expressions that the stage needs. */
        public List<Expr> roots() {
            List<Expr> roots = new ArrayList<>(outputs.values());
            roots.addAll(carried.values());
            for (Update u : updates) {
                roots.addAll(u.gradients());
                roots.addAll(u.parameters());
            }
            return roots;
        }
    }

    /** A graph of one stage, {@code main}, with the given outputs. */
    public static Graph of(Map<String, Expr> outputs) {
        return of(new Stage("main", outputs, List.of()));
    }

    /** A graph of stages in the order in which they run. */
    public static Graph of(Stage... stages) {
        return new Graph(Given.all("Graph", "a stage", stages));
    }

    /** The stages in the order in which they run. */
    public List<Stage> stages() {
        return stages;
    }

    /** Every expression, operands before those that use them, those of earlier stages first. */
    public List<Expr> order() {
        return order;
    }

    /** The inputs, in the order of their first use. */
    public List<Expr> inputs() {
        return leaves(Leaf.Input.class);
    }

    /** The parameters, in the order of their first use. */
    public List<Expr> parameters() {
        return leaves(Leaf.Parameter.class);
    }

    /** The buffers, in the order of their first use. */
    public List<Expr> buffers() {
        return leaves(Leaf.Buffer.class);
    }

    private List<Expr> leaves(Class<? extends Leaf> kind) {
        Map<Object, Expr> found = new LinkedHashMap<>();
        for (Expr e : order) {
            Object name = kind.isInstance(e.op()) ? name(e.op()) : null;
            if (name != null) {
                found.putIfAbsent(name, e);
            }
        }
        return List.copyOf(found.values());
    }

    /** What no other leaf may be called: inputs, parameters and buffers share one set of names. Null for what has no name. */
    private static @Nullable Object name(Op op) {
        if (op instanceof Leaf.Input input) {
            return input.name();
        }
        if (op instanceof Leaf.Parameter parameter) {
            return parameter.name();
        }
        if (op instanceof Leaf.Buffer buffer) {
            return buffer.name();
        }
        return op instanceof Leaf.Kept kept ? kept.slot() : null;
    }

    /** The expressions that {@code roots} need and themselves, each once, operands before those that use them. */
    public static List<Expr> topological(List<Expr> roots) {
        return topological(Given.each("topological", "a root", roots), e -> false);
    }

    /** Those of them that are needed when some are known. */
    static List<Expr> topological(List<Expr> roots, Predicate<Expr> known) {
        List<Expr> order = new ArrayList<>();
        Set<Expr> done = new HashSet<>();
        Deque<Expr> stack = new ArrayDeque<>();
        for (Expr root : roots) {
            stack.push(root);
            while (!stack.isEmpty()) {
                Expr top = stack.peek();
                if (done.contains(top) || known.test(top)) {
                    stack.pop();
                } else if (!pushOpen(top, in -> !done.contains(in) && !known.test(in), stack)) {
                    stack.pop();
                    done.add(top);
                    order.add(top);
                }
            }
        }
        return order;
    }

    /** Pushes the operands that come before {@code top} in the order, the first one on top; false if there are none. */
    private static boolean pushOpen(Expr top, Predicate<Expr> open, Deque<Expr> stack) {
        int before = stack.size();
        for (int i = top.inputs().size() - 1; i >= 0; i--) {
            if (open.test(top.input(i))) {
                stack.push(top.input(i));
            }
        }
        return stack.size() > before;
    }
}
