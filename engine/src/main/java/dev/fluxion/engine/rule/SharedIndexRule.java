package dev.fluxion.engine.rule;

import dev.fluxion.engine.emit.Facts;
import dev.fluxion.engine.kernel.GatherScatter;
import dev.fluxion.engine.kernel.IndexParts;
import dev.fluxion.engine.kernel.SharedIndex;
import dev.fluxion.engine.partition.Positions;
import dev.fluxion.engine.plan.Step;
import dev.fluxion.ffi.Layout;
import dev.fluxion.ir.Expr;
import dev.fluxion.ir.Indexing;
import dev.fluxion.ir.Movement;
import dev.fluxion.ir.Shape;
import java.util.List;
import java.util.Optional;
import java.util.function.IntPredicate;
import java.util.stream.IntStream;

/**
 * Gather and scatter-add by an index that is one number for all that lies before and behind its axis, as in a resized image, on
 * values as they lie: with channels last, whole places move.
 */
record SharedIndexRule() implements Rule {
    @Override
    public String name() {
        return "shared-index";
    }

    @Override
    public Optional<Match> match(Candidate c, Facts facts) {
        Expr e = c.core();
        if (!(e.op() instanceof Indexing) || !isShared(e)) {
            return Optional.empty();
        }
        Layout plain = Laid.plain(e.input(0)).layout();
        Layout lying = facts.layouts().of(e.input(0));
        return Optional.of(as(lying, e, facts).or(() -> as(plain, e, facts)).orElseGet(() -> {
            int axis = axis(e);
            return match(e, plain, Laid.plain(e).layout(), e.input(0).shape(), e.shape(), axis, facts);
        }));
    }

    /** By an index of any kind; one that is the same behind the axis is read before it is stretched. */
    @Override
    public Optional<Match> inJava(Candidate c, Facts facts) {
        Expr e = c.core();
        if (!(e.op() instanceof Indexing)) {
            return Optional.empty();
        }
        boolean gathers = e.op() instanceof Indexing.Gather;
        boolean repeated = isStretched(e, i -> i <= axis(e));
        GatherScatter follow = new GatherScatter(
                gathers ? e.input(0).shape() : e.shape(),
                e.input(1).shape(),
                axis(e),
                repeated,
                e.origin(),
                Positions.of(facts.tiled(), e, 1));
        List<Expr> operands = List.of(e.input(0), repeated ? e.input(1).input(0) : e.input(1));
        return Optional.of(Match.plain(
                this,
                e,
                operands,
                gathers ? "java:gather" : "java:scatter",
                (reads, to) -> gathers
                        ? follow.gather(reads.get(0), reads.get(1), to)
                        : follow.scatterAdd(
                                reads.get(0), reads.get(1), to, e.shape().size())));
    }

    private static int axis(Expr e) {
        return ((Indexing) e.op()).axis();
    }

    /** Whether the index is one number for all that lies before and behind its axis, stretched over it. */
    private static boolean isShared(Expr e) {
        return axis(e) > 0 && isStretched(e, i -> i == axis(e));
    }

    /** Whether the index is stretched along all axes but some, along which it is not. */
    private static boolean isStretched(Expr e, IntPredicate but) {
        Expr index = e.input(1);
        return index.op() instanceof Movement.Broadcast
                && index.input(0).shape().rank() == index.shape().rank()
                && IntStream.range(0, index.shape().rank())
                        .allMatch(i -> index.input(0).shape().dim(i)
                                == (but.test(i) ? index.shape().dim(i) : 1));
    }

    /** On an operand that lies so, into a result that lies alike; empty if the axis is in blocks, or there is no such layout. */
    private Optional<Match> as(Layout lying, Expr e, Facts facts) {
        int axis = axis(e);
        List<Layout.Axis> axes = lying.axes();
        int[] places = IntStream.range(0, axes.size())
                .filter(i -> axes.get(i).dim() == axis)
                .toArray();
        if (places.length != 1) {
            return Optional.empty();
        }
        Shape from = Shape.of(axes.stream().mapToInt(a -> (int) a.extent()).toArray());
        Shape to = from.with(places[0], e.shape().dim(axis));
        return lying.withExtent(axis, e.shape().dim(axis))
                .map(made -> match(e, lying, made, from, to, places[0], facts));
    }

    private Match match(Expr e, Layout read, Layout made, Shape from, Shape to, int axis, Facts facts) {
        boolean gathers = e.op() instanceof Indexing.Gather;
        int distance = e.input(1).shape().strides()[axis(e)];
        SharedIndex index = SharedIndex.of(
                gathers ? from : to,
                gathers ? to : from,
                axis,
                e.origin(),
                Positions.of(facts.tiled(), e, 1),
                i -> i * distance);
        List<Laid> reads =
                List.of(new Laid(e.input(0), read), Laid.plain(e.input(1).input(0)));
        return Match.step(this, e, reads, made, (buffers, result) -> {
            Step step = Step.of(
                    e,
                    buffers,
                    List.of(result),
                    gathers ? "java:gather" : "java:scatter",
                    gathers
                            ? index.gather(buffers.get(0), buffers.get(1), result)
                            : index.scatterAdd(buffers.get(0), buffers.get(1), result));
            return step.shared(new IndexParts(step, index, gathers));
        });
    }
}
