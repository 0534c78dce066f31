package dev.fluxion.engine.partition;

import dev.fluxion.engine.graph.AxisRules;
import dev.fluxion.engine.graph.Rewriter;
import dev.fluxion.engine.partition.Tiling.Run;
import dev.fluxion.engine.plan.ScheduleKey;
import dev.fluxion.ir.AxisRule;
import dev.fluxion.ir.AxisRule.Along;
import dev.fluxion.ir.AxisRule.Join;
import dev.fluxion.ir.Contraction;
import dev.fluxion.ir.Expr;
import dev.fluxion.ir.Graph;
import dev.fluxion.ir.Movement;
import dev.fluxion.ir.Origin;
import dev.fluxion.ir.Pooling;
import dev.fluxion.ir.Reduction;
import dev.fluxion.ir.Result;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;

/**
 * Divides the batch into tiles, or, where there is no batch to divide, channels into parts. What is computed sample by
 * sample is computed tile by tile, from the first heavy operator on, so that a tile's values stay in the cache from one
 * operator to the next and threads can share the tiles. Sums over the batch become sums over a tile, added up in a fixed
 * order: the result depends on the tiling, but not on the threads.
 */
public final class BatchPartition {
    /** Sums of so many numbers are worth a strand of their own. */
    private static final int LARGE = 4096;
    /** Products of so many multiplications are worth a strand of their own, ... */
    private static final double PRODUCT = 2e6;
    /** ... of at least so many rows. */
    private static final int ROWS = 32;

    private final Tiling tiling;
    private final List<Run> runs;
    /** Whether the strands share large products of the whole batch. */
    private final boolean sharesProducts;

    /** How nodes follow the batch; those without a rule do not. */
    private final Map<Expr, AxisRule> rules = new HashMap<>();

    private final Map<Expr, Set<Expr>> readers = new HashMap<>();
    private final Set<Expr> roots = new HashSet<>();
    /** Gradients whose rows an update takes by themselves. */
    private final Set<Expr> ofRows = new HashSet<>();

    private final Set<Expr> tiled = new HashSet<>();
    /** Sums over the batch that strands compute at once, not tile by tile. */
    private final Set<Expr> atOnce = new HashSet<>();

    private final Map<Expr, List<Expr>> parts = new HashMap<>();
    private final Map<Expr, Expr> wholes = new HashMap<>();
    private final Map<Piece, Expr> pieces = new HashMap<>();
    private final Map<Expr, ScheduleKey> keys = new HashMap<>();
    /** The keys of nodes that are not divided, if they have any. */
    private final Map<Expr, ScheduleKey> wholeKeys = new HashMap<>();

    private final Map<Expr, Expr> origins = new HashMap<>();
    private int sums;

    /** What a tile, or a strand at once, takes of a value. */
    private record Piece(Expr whole, int axis, Run run, ScheduleKey key) {}

    /**
     * A graph with the keys of its nodes. A node of a loop stands for the value of each tile: a slice of what is computed
     * outside moves on by its length from tile to tile, and outside of the loop a concatenation, which has the node once for
     * each tile, takes the values in their order, and a sum over no axes adds them up.
     *
     * @param graph the graph
     * @param keys the keys of the nodes that belong to a strand
     * @param origins the nodes that were divided, by their parts
     * @param batch the number of samples
     */
    public record Tiled(Graph graph, Map<Expr, ScheduleKey> keys, Map<Expr, Expr> origins, int batch) {
        /** A graph without tiles. */
        public static Tiled none(Graph graph) {
            return new Tiled(graph, Map.of(), Map.of(), 1);
        }

        /** When a node is computed. */
        public ScheduleKey key(Expr e) {
            return keys.getOrDefault(e, ScheduleKey.SERIAL);
        }

        /** How many strands there are. */
        public int strands() {
            return keys.values().stream().mapToInt(ScheduleKey::strand).max().orElse(-1) + 1;
        }

        /** What a node is a part of, in the graph without tiles; itself if it is whole. */
        public Expr origin(Expr e) {
            return origins.getOrDefault(e, e);
        }

        /**
         * How many elements a node has, or what it is a part of: parts are computed as the whole. Of many samples a few are counted,
         * since more of them make more tiles, and no larger ones.
         */
        public int size(Expr e) {
            int size = origin(e).shape().size();
            return origin(e) == e ? size : (int) ((long) size * Math.min(batch, Tiling.FEW) / batch);
        }
    }

    private BatchPartition(Graph graph, Tiling tiling, boolean sharesProducts) {
        this.tiling = tiling;
        this.runs = tiling.runs();
        this.sharesProducts = sharesProducts;
        graph.stages().forEach(s -> s.roots().forEach(e -> roots.add(e.node())));
        graph.stages().stream()
                .flatMap(s -> s.updates().stream())
                .filter(u -> u.rule().isOfRows())
                .forEach(u -> ofRows.addAll(u.gradients()));
        graph.order().stream().filter(e -> !(e.op() instanceof Result)).forEach(e -> e.inputs()
                .forEach(in ->
                        readers.computeIfAbsent(in.node(), k -> new HashSet<>()).add(e)));
    }

    /** The graph in tiles. */
    public static Tiled apply(Graph graph, Tiling tiling) {
        BatchPartition tiles = new BatchPartition(graph, tiling, true);
        tiles.alongBatch(graph.order());
        return tiles.divided(graph);
    }

    /** The graph with the channels of convolutions and products divided into parts, a strand each. */
    public static Tiled byChannels(Graph graph, int parts) {
        BatchPartition tiles = new BatchPartition(graph, new Tiling(parts, parts, parts), false);
        ChannelPartition channels = new ChannelPartition(graph, parts);
        tiles.rules.putAll(channels.rules());
        graph.order().stream().filter(e -> e.op() instanceof Result).forEach(tiles::follow);
        tiles.wholeKeys.putAll(channels.keys());
        tiles.tiled.addAll(tiles.rules.keySet());
        return tiles.divided(graph);
    }

    private void alongBatch(List<Expr> order) {
        for (Expr e : order) {
            follow(e);
            boolean heavy = isHeavy(e) || e.inputs().stream().anyMatch(this::isTiled);
            if (heavy && !ofRows.contains(e) && (isJoined(e, Join.CONCATENATION) || isJoined(e, Join.SUM))) {
                tiled.add(e);
            }
        }
        for (int i = order.size() - 1; i >= 0; i--) {
            Expr e = order.get(i);
            if (e.op() instanceof Result) {
                continue;
            }
            if (isJoined(e, Join.CONCATENATION) && isTiledFor(e)) {
                tiled.add(e);
            } else if (e.op() instanceof Movement && !isReadInParts(e)) {
                tiled.remove(e);
            }
        }
        order.stream().filter(this::isLargerThanItsTiles).forEach(e -> {
            atOnce.add(e);
            Objects.requireNonNull(readers.get(e.input(1).node())).stream()
                    .filter(r -> isSumAlong(r, e))
                    .forEach(atOnce::add);
        });
    }

    /** Finds the rule by which a node follows the batch; a further result follows its node. */
    private void follow(Expr e) {
        Optional<AxisRule> rule = e.op() instanceof Result
                ? Optional.ofNullable(rules.get(e.node())).map(r -> r.of(e.index()))
                : AxisRules.following(e, e.inputs().stream().map(this::axis).toList(), tiling.batch());
        rule.ifPresent(r -> rules.put(e, r));
    }

    /** Whether a gradient of weights takes longer to write and add up than the images of a tile to read once more. */
    private boolean isLargerThanItsTiles(Expr e) {
        return e.op() instanceof Contraction.ConvGradWeight
                && isJoined(e, Join.SUM)
                && tiled.contains(e)
                && e.shape().size()
                        > (e.input(0).shape().size() + e.input(1).shape().size()) / tiling.tiles();
    }

    /** Whether a node is the gradient of the bias, which is added up with that of the weights. */
    private boolean isSumAlong(Expr e, Expr weightGradient) {
        return e.op() instanceof Reduction
                && e.input(0) == weightGradient.input(1)
                && tiled.contains(e)
                && isJoined(e, Join.SUM);
    }

    private boolean isReadInParts(Expr e) {
        return readers.getOrDefault(e, Set.of()).stream()
                .anyMatch(r -> tiled.contains(r)
                        && !rule(r).operands().get(r.inputs().indexOf(e)).isWhole());
    }

    private Tiled divided(Graph graph) {
        graph.order().forEach(e -> Origin.of(e.origin(), () -> divide(e)));
        return new Tiled(Rewriter.rebuilt(graph, this::whole), Map.copyOf(keys), Map.copyOf(origins), tiling.batch());
    }

    private Expr divide(Expr e) {
        if (!isTiled(e)) {
            List<Expr> inputs = e.inputs().stream().map(this::whole).toList();
            Expr whole = inputs.equals(e.inputs()) ? e : new Expr(e.op(), inputs);
            Expr result = sharesProducts && isLargeProduct(whole) ? inRows(whole) : whole;
            wholes.put(e, result);
            if (wholeKeys.containsKey(e)) {
                keys.put(result, wholeKeys.get(e));
            }
            return result;
        }
        if (e.op() instanceof Result) {
            parts.put(
                    e,
                    Objects.requireNonNull(parts.get(e.node())).stream()
                            .map(p -> partOf(e, p.result(e.index()), Objects.requireNonNull(keys.get(p))))
                            .toList());
            return e;
        }
        List<Expr> all = new ArrayList<>();
        for (int strand = 0; strand < tiling.strands(); strand++) {
            List<Run> runs = tiling.runs(strand);
            if (atOnce.contains(e)) {
                Run first = runs.get(0);
                Run last = runs.get(runs.size() - 1);
                all.add(part(e, new Run(strand, first.from(), last.end() - first.from(), 1), last.after()));
            } else {
                runs.forEach(run -> all.add(part(e, run, run.key())));
            }
        }
        parts.put(e, all);
        return e;
    }

    private static boolean isLargeProduct(Expr e) {
        return e.op() instanceof Contraction.MatMul
                && e.shape().rank() == 2
                && e.shape().dim(0) >= 2 * ROWS
                && (double) e.shape().size() * e.input(0).shape().dim(1) >= PRODUCT;
    }

    /** A product in strands that compute some rows each. */
    private Expr inRows(Expr product) {
        int rows = product.shape().dim(0);
        int count = Math.min(tiling.strands(), rows / ROWS);
        if (count < 2) {
            return product;
        }
        List<Expr> all = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            Expr some = product.input(0).slice(0, rows * i / count, rows * (i + 1) / count);
            Expr part = some.matmul(product.input(1));
            keys.put(some, new ScheduleKey(i, tiling.batch()));
            keys.put(part, new ScheduleKey(i, tiling.batch()));
            all.add(part);
        }
        return Expr.concat(0, all);
    }

    /** The part of a node that belongs to a tile of a run. */
    private Expr part(Expr e, Run run, ScheduleKey key) {
        AxisRule rule = rule(e);
        List<Expr> inputs = new ArrayList<>();
        for (int i = 0; i < e.inputs().size(); i++) {
            Along along = rule.operands().get(i);
            inputs.add(along.isWhole() ? whole(e.input(i)) : piece(e.input(i), along.axis(), run, key));
        }
        return partOf(e, rule.part(e, inputs, rule.units() / tiling.batch() * run.size()), key);
    }

    private Expr partOf(Expr e, Expr part, ScheduleKey key) {
        origins.put(part, e);
        return at(key, part);
    }

    private Expr at(ScheduleKey key, Expr part) {
        keys.put(part, key);
        return part;
    }

    /** What a tile takes of an operand. */
    private Expr piece(Expr operand, int axis, Run run, ScheduleKey key) {
        List<Expr> all = parts.get(operand);
        if (all != null && isJoined(operand, Join.CONCATENATION)) {
            int at = runs.indexOf(run);
            return at >= 0
                    ? all.get(at)
                    : pieces.computeIfAbsent(
                            new Piece(operand, axis, run, key), k -> at(key, joined(operand, axis, run)));
        }
        Expr whole = whole(operand);
        int unit = whole.shape().dim(axis) / tiling.batch();
        boolean repeated = AxisRules.isRepeated(whole, axis);
        return pieces.computeIfAbsent(
                repeated
                        ? new Piece(whole, axis, new Run(0, 0, run.size(), 1), ScheduleKey.SERIAL)
                        : new Piece(whole, axis, run, key),
                k -> sliced(whole, axis, unit * run.from(), unit * run.size(), key));
    }

    /** A slice, taken before a broadcast or transpose, which are no work then. */
    private Expr sliced(Expr whole, int axis, int from, int length, ScheduleKey key) {
        if (whole.op() instanceof Movement.Broadcast || whole.op() instanceof Movement.Transpose) {
            AxisRule rule = AxisRules.giving(whole, axis).orElseThrow();
            Along along = rule.operands().get(0);
            Expr source = along.isWhole() ? whole.input(0) : sliced(whole.input(0), along.axis(), from, length, key);
            Expr moved = rule.part(whole, List.of(source), length);
            return keys.containsKey(source) ? at(key, moved) : moved;
        }
        return at(key, whole.slice(axis, from, from + length));
    }

    /** The tiles of a stretch of samples one after the other; a run's tile stands for each tile of the run. */
    private Expr joined(Expr e, int axis, Run stretch) {
        List<Expr> all = new ArrayList<>();
        for (int i = 0; i < runs.size(); i++) {
            if (runs.get(i).from() >= stretch.from() && runs.get(i).end() <= stretch.end()) {
                Expr part = Objects.requireNonNull(parts.get(e)).get(i);
                all.addAll(Collections.nCopies(runs.get(i).times(), part));
            }
        }
        return Expr.concat(axis, all);
    }

    /** The whole value, put together from its parts. */
    private Expr whole(Expr e) {
        return wholes.computeIfAbsent(
                e,
                k -> Origin.of(e.origin(), () -> {
                    List<Expr> all = Objects.requireNonNull(parts.get(e));
                    return isJoined(e, Join.CONCATENATION)
                            ? joined(e, axis(e), new Run(0, 0, tiling.batch(), 1))
                            : sum(all);
                }));
    }

    /** The sum of summands: first those of each strand, as they come, then those of the strands. */
    private Expr sum(List<Expr> summands) {
        List<Expr> strands = new ArrayList<>();
        for (int i = 0; i < summands.size(); i++) {
            Expr next = overTiles(summands.get(i), i);
            ScheduleKey key = Objects.requireNonNull(keys.get(next));
            if (key.strand() == strands.size()) {
                strands.add(next);
            } else {
                int last = strands.size() - 1;
                strands.set(last, at(key, strands.get(last).add(next)));
            }
        }
        Expr total = strands.get(0);
        ScheduleKey key = total.shape().size() < LARGE
                ? ScheduleKey.SERIAL
                : new ScheduleKey(sums++ % tiling.strands(), tiling.batch());
        for (Expr next : strands.subList(1, strands.size())) {
            total = at(key, total.add(next));
        }
        return total;
    }

    /** The sum of what the tiles of a run give, tile by tile. */
    private Expr overTiles(Expr summand, int run) {
        return Objects.requireNonNull(keys.get(summand)).isLoop()
                ? at(runs.get(run).after(), new Expr(new Reduction.Sum(List.of()), List.of(summand)))
                : summand;
    }

    private boolean isTiled(Expr e) {
        return tiled.contains(e.node());
    }

    private AxisRule rule(Expr e) {
        return Objects.requireNonNull(rules.get(e));
    }

    private boolean isJoined(Expr e, Join join) {
        return rules.containsKey(e) && rule(e).join() == join;
    }

    /** The axis that the batch lies along, if any. */
    private int axis(Expr e) {
        return rules.containsKey(e) ? rule(e).axis() : AxisRules.NONE;
    }

    private static boolean isHeavy(Expr e) {
        return e.op() instanceof Contraction || e.op() instanceof Pooling;
    }

    /** Whether whatever reads {@code e} is tiled, so that nobody needs the whole of it. */
    private boolean isTiledFor(Expr e) {
        Set<Expr> all = readers.getOrDefault(e, Set.of());
        return !roots.contains(e) && !all.isEmpty() && tiled.containsAll(all);
    }
}
