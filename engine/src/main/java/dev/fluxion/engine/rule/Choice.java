package dev.fluxion.engine.rule;

import dev.fluxion.engine.emit.Facts;
import dev.fluxion.engine.emit.Layouts;
import dev.fluxion.engine.emit.Placements;
import dev.fluxion.engine.error.Errors;
import dev.fluxion.engine.partition.BatchPartition;
import dev.fluxion.engine.plan.TensorLayout;
import dev.fluxion.engine.store.ParameterStore;
import dev.fluxion.ffi.Layout;
import dev.fluxion.ir.Elementwise;
import dev.fluxion.ir.Expr;
import dev.fluxion.ir.Graph;
import dev.fluxion.ir.Leaf;
import dev.fluxion.ir.Movement;
import dev.fluxion.ir.Shape;
import dev.fluxion.ir.Update;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.function.BiConsumer;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.stream.IntStream;

/**
 * Chooses how each value of a graph is made, and settles how it lies, before anything is emitted. The first rank is there
 * already: {@link Fusion} has chosen the forms of contractions, and what they cover. In the order of the graph, each of the
 * others takes the first rule that holds for its operands as they lie. Who wants a value in another layout has it copied.
 */
public final class Choice implements Layouts {
    private final BatchPartition.Tiled tiled;
    private final Fusion fusion;
    private final RuleBook rules;
    private final ParameterStore parameters;
    private final Facts facts;
    /** The layouts of each value, the one in which it is made first. */
    private final Map<Expr, List<Layout>> known = new LinkedHashMap<>();

    private final Map<String, List<Rule.Match>> stages = new LinkedHashMap<>();
    private List<Rule.Match> matches = new ArrayList<>();

    public Choice(BatchPartition.Tiled tiled, Fusion fusion, RuleBook rules, ParameterStore parameters, Facts facts) {
        this.tiled = tiled;
        this.fusion = fusion;
        this.rules = rules;
        this.parameters = parameters;
        this.facts = facts.with(this);
    }

    /**
     * Chooses for all stages.
     *
     * @param taken for values that nobody makes, since updates do with what they are made of: these operands; else none
     */
    public void choose(Function<Expr, List<Expr>> taken) {
        Predicate<Expr> isTaken = e -> !taken.apply(e).isEmpty();
        for (Graph.Stage stage : tiled.graph().stages()) {
            matches = new ArrayList<>();
            stages.put(stage.name(), matches);
            for (Expr e : Graph.topological(stage.roots())) {
                if (!fusion.isLazy(e) && !isTaken.test(e)) {
                    made(e);
                }
            }
            for (Expr e : results(stage)) {
                if (!isTaken.test(e)) {
                    made(Placements.made(e));
                }
            }
            for (Expr e : results(stage)) {
                for (Expr operand : taken.apply(e)) {
                    bringRows(operand);
                }
            }
            if (!stage.updates().isEmpty()) {
                known.keySet().removeIf(Facts::isOfParameter);
            }
        }
    }

    private static List<Expr> results(Graph.Stage stage) {
        List<Expr> results = new ArrayList<>(stage.outputs().values());
        results.addAll(stage.carried().values());
        for (Update update : stage.updates()) {
            results.addAll(update.gradients());
        }
        return results;
    }

    /** Rows that lie one behind the other; of a single one, its numbers lie side by side. */
    private void bringRows(Expr e) {
        boolean single =
                IntStream.of(e.shape().dims()).anyMatch(n -> n == e.shape().size());
        if (!single || !made(e).isDense()) {
            bring(Rule.Laid.plain(e));
        }
    }

    /** What makes the values of a stage, in an order in which each finds what it reads. */
    public List<Rule.Match> of(Graph.Stage stage) {
        return Objects.requireNonNull(stages.get(stage.name()));
    }

    /** Tells how each value lies that is made once for all stages. */
    public void forEach(BiConsumer<Expr, Layout> action) {
        for (Map.Entry<Expr, List<Layout>> each : known.entrySet()) {
            action.accept(each.getKey(), each.getValue().get(0));
        }
    }

    @Override
    public Layout of(Expr e) {
        Layout made = made(e);
        return Arrays.equals(made.dims(), TensorLayout.dims(e.shape()))
                ? made
                : Rule.Laid.plain(e).layout();
    }

    @Override
    public Layout made(Expr e) {
        if (!known.containsKey(e)) {
            Optional<Layout> leaf = leaf(e);
            if (leaf.isPresent()) {
                hold(e, leaf.get());
            } else {
                add(choose(fusion.root(e)));
            }
        }
        return Objects.requireNonNull(known.get(e)).get(0);
    }

    @Override
    public boolean isIn(Expr e, Layout layout) {
        return known.getOrDefault(e, List.of()).contains(layout);
    }

    private Optional<Layout> leaf(Expr e) {
        if (e.op() instanceof Leaf.Variable variable) {
            return Optional.of(layout(variable));
        }
        boolean given =
                e.op() instanceof Leaf.Literal || e.op() instanceof Leaf.Input || e.op() instanceof Leaf.Carried;
        return given ? Optional.of(Rule.Laid.plain(e).layout()) : Optional.empty();
    }

    private Layout layout(Leaf.Variable variable) {
        String name = variable.parameter();
        parameters.requireRole(variable);
        Shape declared = parameters.shape(name);
        if (!declared.equals(variable.shape())) {
            throw new IllegalArgumentException(Errors.parameterShape(name, declared, variable.shape()));
        }
        return parameters.layout(name);
    }

    /** Contractions that read their operands as they lie are asked once more, now that this is known. */
    private Rule.Match choose(Expr root) {
        Optional<Rule.Match> first = fusion.match(root);
        if (first.isEmpty()) {
            return rules.first(List.of(fusion.candidate(root)), facts);
        }
        return first.get().isAsLying() ? rules.again(first.get(), facts) : first.get();
    }

    private void add(Rule.Match match) {
        for (Rule.Laid wanted : match.reads()) {
            bring(wanted);
        }
        matches.add(match);
        for (Rule.Laid made : match.makes()) {
            hold(made.value(), made.layout());
        }
    }

    private void hold(Expr e, Layout layout) {
        known.computeIfAbsent(e, k -> new ArrayList<>()).add(layout);
    }

    private void bring(Rule.Laid wanted) {
        propose(wanted.value(), wanted.layout());
        Layout made = made(wanted.value());
        if (!isIn(wanted.value(), wanted.layout())) {
            matches.add(Rule.Match.copy(new Rule.Laid(wanted.value(), made), wanted));
            hold(wanted.value(), wanted.layout());
        }
    }

    /** A parameter that nobody has laid out yet takes the layout that the first of its readers likes for it, for a part, or for what it is made into. */
    private void propose(Expr e, Layout layout) {
        if (known.containsKey(e)) {
            return;
        }
        if (e.op() instanceof Leaf.Variable variable) {
            parameters.layout(variable.parameter(), layout);
        } else if (e.op() instanceof Movement.Slice) {
            Expr whole = e.input(0);
            layout.resized(TensorLayout.dims(whole.shape())).ifPresent(all -> propose(whole, all));
        } else if (e.op() instanceof Elementwise && facts.isStable(e)) {
            e.inputs().stream().filter(in -> in.shape().equals(e.shape())).forEach(in -> propose(in, layout));
        }
    }
}
