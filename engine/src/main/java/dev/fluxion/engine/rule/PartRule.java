package dev.fluxion.engine.rule;

import dev.fluxion.engine.emit.Facts;
import dev.fluxion.engine.emit.Lowering;
import dev.fluxion.engine.emit.Placements;
import dev.fluxion.engine.kernel.Strided;
import dev.fluxion.engine.plan.Buffer;
import dev.fluxion.engine.plan.TensorLayout;
import dev.fluxion.ffi.Layout;
import dev.fluxion.ir.Contraction;
import dev.fluxion.ir.DType;
import dev.fluxion.ir.Expr;
import dev.fluxion.ir.Leaf;
import dev.fluxion.ir.Movement;
import dev.fluxion.ir.Reduction;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;

/** Parts of values, and values put together from parts: without a copy where layouts allow it. */
record PartRule() implements Rule {
    @Override
    public String name() {
        return "parts";
    }

    @Override
    public Optional<Match> match(Candidate c, Facts facts) {
        Expr e = c.core();
        if (e.op() instanceof Movement.Slice op) {
            return Optional.of(slice(e, op, facts));
        }
        if (e.op() instanceof Movement.Concat op) {
            return Optional.of(concat(e, op, facts));
        }
        return e.op() instanceof Reduction.Sum && facts.tiles(e, e.input(0)) > 1
                ? Optional.of(sum(e, facts))
                : Optional.empty();
    }

    private Match match(Expr e, List<Laid> reads, Layout layout, Emission emission) {
        return new Match(name(), Candidate.alone(e), reads, List.of(new Laid(e, layout)), () -> List.of(e), emission);
    }

    /** A view, where readers can take it as it lies: one stretch of memory, a matrix, a part of a parameter. Else a copy. */
    private Match slice(Expr e, Movement.Slice op, Facts facts) {
        Stretch stretch = new Stretch(op.axis(), op.from(), op.to(), facts.tiles(e.input(0), e));
        Laid whole = new Laid(e.input(0), facts.layouts().of(e.input(0)));
        Optional<Layout> view = stretch.layout(whole.layout());
        Optional<Layout> dense = whole.layout().resized(TensorLayout.dims(e.shape()));
        boolean strides = e.shape().rank() <= 2 || e.input(0).op() instanceof Leaf.Variable;
        if (view.isPresent() && (view.get().isDense() || strides && e.dtype() == DType.FLOAT)) {
            return match(e, List.of(whole), view.get(), to -> to.lowering()
                    .record(e, view(to.lowering(), op, whole, stretch)));
        }
        if (view.isPresent() && dense.isPresent() && !whole.layout().isPlain()) {
            return match(e, List.of(whole), dense.get(), to -> to.lowering()
                    .copy(e, view(to.lowering(), op, whole, stretch), dense.get()));
        }
        int[] own = e.input(0).shape().strides();
        Strided.Copy copy = new Strided.Copy(e.shape(), own, 0, e.shape().strides(), 0);
        return Match.plain(
                this,
                e,
                e.inputs(),
                (reads, to) -> MovementRule.copy(e, stretch.window(reads.get(0), e.shape(), own), to, copy));
    }

    private static Buffer view(Lowering lowering, Movement.Slice op, Laid whole, Stretch stretch) {
        return stretch.view(lowering.value(whole.value(), whole.layout()), op.toString())
                .orElseThrow();
    }

    /** Operands that lie one after the other in the result are computed there. */
    private Match concat(Expr e, Movement.Concat op, Facts facts) {
        List<Stretch.Placed> placed = Stretch.of(e, op, facts);
        Layout layout = layout(e, placed, facts);
        if (arePlaced(e, op, layout)) {
            return match(e, List.of(), layout, to -> to.stacks().concat(e, layout));
        }
        List<Laid> reads = placed.stream().map(p -> Laid.plain(p.operand())).toList();
        return match(e, reads, Laid.plain(e).layout(), to -> to.stacks().copies(e, op, placed));
    }

    /** Whether operands have places of their own in the result; between rows of others, only where a kernel chose how they lie. */
    static boolean arePlaced(Expr e, Movement.Concat op, Layout layout) {
        return !layout.isPlain()
                || IntStream.range(0, op.axis()).allMatch(i -> e.shape().dim(i) == 1);
    }

    /**
     * Operands lie as the first of them. Convolutions like the layout of what they are given, and weights that of their gradients;
     * others take what all operands have, if one of them reads it as it lies.
     */
    private static Layout layout(Expr e, List<Stretch.Placed> placed, Facts facts) {
        List<Layout> made = placed.stream().map(p -> layout(p.operand(), facts)).toList();
        boolean convolved = facts.readers().of(e).stream().anyMatch(PartRule::isConvolution);
        boolean weights = e.inputs().stream().allMatch(in -> in.op() instanceof Contraction.ConvGradWeight);
        return made.get(0)
                .resized(TensorLayout.dims(e.shape()))
                .filter(all -> convolved || weights || areAlike(made) && isReadInPlace(e, all, facts))
                .filter(all ->
                        placed.stream().allMatch(p -> p.stretch().layout(all).isPresent()))
                .orElse(Laid.plain(e).layout());
    }

    private static boolean areAlike(List<Layout> made) {
        return made.stream()
                .allMatch(layout -> made.get(0).resized(layout.dims()).equals(Optional.of(layout)));
    }

    /** Whether somebody takes the whole as it lies. */
    private static boolean isReadInPlace(Expr e, Layout all, Facts facts) {
        return facts.readers().of(e).stream()
                .anyMatch(reader -> reader.op() instanceof Movement.Reshape
                        ? all.reshape(TensorLayout.dims(reader.shape())).isPresent()
                        : !(reader.op() instanceof Movement.Pad));
    }

    private static Layout layout(Expr operand, Facts facts) {
        Expr made = Placements.made(operand);
        Layout layout = facts.layouts().of(made);
        return made == operand ? layout : Laid.plain(operand).layout();
    }

    private static boolean isConvolution(Expr e) {
        return e.op() instanceof Contraction && !(e.op() instanceof Contraction.MatMul);
    }

    /** The sum of what a loop gives tile by tile: the last step that makes a value for each tile adds it. */
    private Match sum(Expr e, Facts facts) {
        Laid value = new Laid(e.input(0), facts.layouts().made(e.input(0)));
        return match(e, List.of(value), value.layout(), to -> to.stacks().sum(e, value));
    }
}
