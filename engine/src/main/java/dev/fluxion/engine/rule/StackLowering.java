package dev.fluxion.engine.rule;

import dev.fluxion.engine.emit.Lowering;
import dev.fluxion.engine.kernel.Accumulated;
import dev.fluxion.engine.kernel.Joined;
import dev.fluxion.engine.kernel.Strided;
import dev.fluxion.engine.plan.Buffer;
import dev.fluxion.ffi.Layout;
import dev.fluxion.ir.Expr;
import dev.fluxion.ir.Movement;
import dev.fluxion.ir.Shape;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Values put together from parts, which are made where they belong if the whole is laid out so. */
final class StackLowering {
    private final Lowering lowering;
    /** Where concatenations gather their operands. */
    private final Map<Expr, Buffer> stacks = new HashMap<>();

    StackLowering(Lowering lowering) {
        this.lowering = lowering;
    }

    /** Sees to it, before anything is emitted, that operands that lie one after the other in the result are computed there. */
    void pinOperands(Expr e, Movement.Concat op, Layout layout) {
        if (PartRule.arePlaced(e, op, layout)) {
            Stretch.of(e, op, lowering.facts())
                    .forEach(p -> lowering.pinIn(e, p.operand(), made -> p.stretch()
                            .view(whole(e, layout), op.toString())
                            .orElseThrow()));
        }
    }

    /** A concatenation may itself be an operand of another one that is placed by this. */
    private Buffer whole(Expr e, Layout layout) {
        Buffer known = stacks.get(e);
        if (known == null) {
            known = lowering.destination(e, layout);
            stacks.put(e, known);
        }
        return known;
    }

    /** A concatenation whose operands have been pinned. */
    void concat(Expr e, Layout layout) {
        e.inputs().forEach(lowering::materialise);
        lowering.record(e, whole(e, layout));
    }

    /** A concatenation of copies. */
    void copies(Expr e, Movement.Concat op, List<Stretch.Placed> placed) {
        Buffer to = lowering.destination(e);
        int[] strides = e.shape().strides();
        List<Joined.Part> parts = new ArrayList<>();
        for (Stretch.Placed p : placed) {
            Shape part = p.operand().shape();
            Buffer from = lowering.plain(p.operand());
            if (p.stretch().tiles() == 1) {
                int step = strides[op.axis()];
                parts.add(new Joined.Part(from, p.stretch().from() * step, part.dim(op.axis()) * step));
            } else {
                Buffer place = p.stretch().window(to, part, strides);
                Strided.Copy copy = new Strided.Copy(part, part.strides(), 0, strides, 0);
                lowering.add(p.operand(), MovementRule.copy(e, from, place, copy));
            }
        }
        if (parts.isEmpty()) {
            lowering.record(e, to);
            return;
        }
        int row = e.shape().dim(op.axis()) * strides[op.axis()];
        lowering.emit(e, to, new Joined(e.shape().size() / row, row, parts).step(op.toString(), e.origin(), to));
    }

    /** The sum of what a loop gives. */
    void sum(Expr e, Rule.Laid each) {
        Buffer value = lowering.value(each.value(), each.layout());
        Buffer sum = lowering.destination(e, each.layout());
        lowering.replaceLast(value, step -> Accumulated.step(step, value, sum));
        lowering.record(e, sum);
    }
}
