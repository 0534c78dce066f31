package dev.fluxion.engine.graph;

import dev.fluxion.ir.BinaryFn;
import dev.fluxion.ir.Contraction;
import dev.fluxion.ir.Elementwise;
import dev.fluxion.ir.Expr;
import dev.fluxion.ir.Graph;
import dev.fluxion.ir.Movement;
import dev.fluxion.ir.Origin;
import dev.fluxion.ir.Shape;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Brings what parameters and buffers do to each channel of a convolution, or to each column of a product, into its weights and one
 * sum, as (x∗w + b − m)·s + c = x∗(w·s) + ((b − m)·s + c): a batch normalisation in a prediction. Both are made when parameters have
 * changed. Who changes parameters in a run, or reads a value on the way, keeps the graph as it is.
 */
public final class FoldChannels {
    private final Map<Expr, Integer> readers = new HashMap<>();
    private final OfParameters ofParameters;
    /** Contractions that one node reads, and their sums with a number per channel. */
    private final Set<Expr> open = new HashSet<>();

    private FoldChannels(Graph graph) {
        this.ofParameters = new OfParameters(graph.order());
        graph.order().forEach(e -> e.inputs().forEach(this::isRead));
        graph.stages().forEach(stage -> stage.roots().forEach(this::isRead));
    }

    /** The graph with fewer steps behind contractions. */
    public static Graph apply(Graph graph) {
        boolean updates =
                graph.stages().stream().anyMatch(stage -> !stage.updates().isEmpty());
        FoldChannels fold = new FoldChannels(graph);
        return updates ? graph : Rewriter.rewriteKnowing(graph, fold::node);
    }

    private void isRead(Expr e) {
        readers.merge(e, 1, Integer::sum);
    }

    private Expr node(Expr original, Expr e) {
        Expr folded = e.op() instanceof Elementwise.Binary binary ? binary(e, binary.fn()) : e;
        boolean starts = e.op() instanceof Contraction.Conv || e.op() instanceof Contraction.MatMul;
        boolean adds = folded != e || e.op() instanceof Elementwise.Binary add && add.fn() == BinaryFn.ADD && isOpen(e);
        if ((starts && isFoldable(e) || adds) && readers.getOrDefault(original, 0) == 1) {
            open.add(folded);
        }
        return folded;
    }

    /** Whether the weights are the same in every run. */
    private boolean isFoldable(Expr e) {
        return (e.op() instanceof Contraction.Conv || e.shape().rank() == 2) && ofParameters.contains(e.input(1));
    }

    private boolean isOpen(Expr sum) {
        return number(sum, 0, 1).isPresent() || number(sum, 1, 0).isPresent();
    }

    /** The number per channel that an operand is beside one that is open. */
    private Optional<Expr> number(Expr e, int x, int other) {
        return open.contains(e.input(x))
                ? PerChannel.of(e.input(other), e.shape()).filter(ofParameters::contains)
                : Optional.empty();
    }

    private Expr binary(Expr e, BinaryFn fn) {
        Optional<Expr> right = number(e, 0, 1);
        if (right.isPresent()) {
            return folded(e.input(0), fn, right.get()).orElse(e);
        }
        boolean commutes = fn == BinaryFn.ADD || fn == BinaryFn.MUL;
        return commutes
                ? number(e, 1, 0).flatMap(left -> folded(e.input(1), fn, left)).orElse(e)
                : e;
    }

    private Optional<Expr> folded(Expr x, BinaryFn fn, Expr channels) {
        boolean sum = x.op() instanceof Elementwise.Binary;
        Expr core = sum ? core(x) : x;
        Expr number = channels.reshape(channel(core.shape()));
        Optional<Expr> before = sum ? Optional.of(added(x, core)) : Optional.empty();
        return switch (fn) {
            case ADD -> before.map(b -> core.add(b.add(number)));
            case SUB -> Optional.of(core.add(before.map(b -> b.sub(number)).orElseGet(number::neg)));
            case MUL, DIV -> {
                Expr scaled = Origin.of(core.origin(), () -> scaled(core, fn, number));
                yield Optional.of(
                        before.map(b -> scaled.add(apply(fn, b, number))).orElse(scaled));
            }
            default -> Optional.empty();
        };
    }

    private static Expr core(Expr sum) {
        return sum.input(0).op() instanceof Contraction ? sum.input(0) : sum.input(1);
    }

    private static Expr added(Expr sum, Expr core) {
        Expr other = sum.input(0) == core ? sum.input(1) : sum.input(0);
        return other.input(0).reshape(channel(core.shape()));
    }

    /** The shape of numbers per channel beside a result, without the batch. */
    private static Shape channel(Shape result) {
        int[] dims = new int[result.rank() - 1];
        Arrays.fill(dims, 1);
        dims[0] = result.dim(1);
        return Shape.of(dims);
    }

    private static Expr scaled(Expr core, BinaryFn fn, Expr number) {
        Expr w = core.input(1);
        boolean turned = w.op() instanceof Movement.Transpose;
        int[] dims = new int[w.shape().rank()];
        Arrays.fill(dims, 1);
        int filters = core.op() instanceof Contraction.Conv || turned ? 0 : 1;
        dims[filters] = number.shape().size();
        Expr each = number.reshape(Shape.of(dims));
        Expr scaled = turned ? apply(fn, w.input(0), each).transposeLast() : apply(fn, w, each);
        return new Expr(core.op(), List.of(core.input(0), scaled));
    }

    private static Expr apply(BinaryFn fn, Expr x, Expr number) {
        return fn == BinaryFn.MUL ? x.mul(number) : x.div(number);
    }
}
