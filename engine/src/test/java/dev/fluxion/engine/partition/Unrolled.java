package dev.fluxion.engine.partition;

import dev.fluxion.engine.graph.Rewriter;
import dev.fluxion.engine.plan.ScheduleKey;
import dev.fluxion.ir.Expr;
import dev.fluxion.ir.Graph;
import dev.fluxion.ir.Movement;
import dev.fluxion.ir.Reduction;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** A graph in tiles with a node for each tile of a loop: what it means, for the interpreter. */
public final class Unrolled {
    private final BatchPartition.Tiled tiled;
    private final Map<Expr, List<Expr>> tiles = new HashMap<>();

    private Unrolled(BatchPartition.Tiled tiled) {
        this.tiled = tiled;
    }

    /** The graph without loops. */
    public static Graph of(BatchPartition.Tiled tiled) {
        Unrolled unrolled = new Unrolled(tiled);
        tiled.graph().order().forEach(unrolled::add);
        return Rewriter.rebuilt(tiled.graph(), e -> unrolled.tile(e, 0));
    }

    private Expr tile(Expr e, int tile) {
        return tiles.get(e).get(tile);
    }

    private void add(Expr e) {
        ScheduleKey key = tiled.key(e);
        List<Expr> all = new ArrayList<>();
        for (int tile = 0; tile < key.times(); tile++) {
            all.add(key.isLoop() ? within(e, key, tile) : outside(e));
        }
        tiles.put(e, all);
    }

    private Expr within(Expr e, ScheduleKey loop, int tile) {
        List<Expr> inputs = new ArrayList<>();
        for (Expr in : e.inputs()) {
            inputs.add(tile(in, tiled.key(in).equals(loop) ? tile : 0));
        }
        if (e.op() instanceof Movement.Slice slice && !tiled.key(e.input(0)).equals(loop)) {
            int on = tile * (slice.to() - slice.from());
            return inputs.get(0).slice(slice.axis(), slice.from() + on, slice.to() + on);
        }
        return new Expr(e.op(), inputs);
    }

    private Expr outside(Expr e) {
        if (e.op() instanceof Reduction.Sum && tiled.key(e.input(0)).isLoop()) {
            return tiles.get(e.input(0)).stream().reduce(Expr::add).orElseThrow();
        }
        Map<Expr, Integer> next = new HashMap<>();
        List<Expr> inputs = new ArrayList<>();
        for (Expr in : e.inputs()) {
            inputs.add(tile(in, tiled.key(in).isLoop() ? next.merge(in, 1, Integer::sum) - 1 : 0));
        }
        return e.inputs().isEmpty() ? e : new Expr(e.op(), inputs);
    }
}
