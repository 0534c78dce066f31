package dev.fluxion.engine.rule;

import dev.fluxion.engine.emit.Facts;
import dev.fluxion.engine.plan.Buffer;
import dev.fluxion.ffi.Layout;
import dev.fluxion.ir.Expr;
import dev.fluxion.ir.Movement;
import dev.fluxion.ir.Shape;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;

/** A stretch of an axis, or as many as there are tiles, one after the other. */
record Stretch(int axis, int from, int to, int tiles) {
    int end() {
        return from + (to - from) * tiles;
    }

    /** The view of a stretch, which moves on from tile to tile; empty if the layout has none. */
    Optional<Buffer> view(Buffer whole, String name) {
        Optional<Layout.Part> first = whole.layout().part(axis, from, to);
        Optional<Buffer> view = first.map(p -> whole.part(name, p::start, p.layout()));
        if (tiles == 1) {
            return view;
        }
        Optional<Layout.Part> next = whole.layout().part(axis, to, 2 * to - from);
        Optional<Layout.Part> all = whole.layout().part(axis, from, end());
        return next.isEmpty() || all.isEmpty()
                ? Optional.empty()
                : view.map(v -> v.moving(
                        next.get().start() - first.get().start(),
                        whole.part(name, all.get()::start, all.get().layout())));
    }

    /** The layout of such a view. */
    Optional<Layout> layout(Layout whole) {
        return view(Buffer.temporary("whole", whole), "part").map(Buffer::layout);
    }

    /** What a row-major buffer holds from the beginning of the stretch on, as far as a part of some shape reaches. */
    Buffer window(Buffer whole, Shape part, int[] strides) {
        long step = (long) strides[axis] * Float.BYTES;
        long last = IntStream.range(0, part.rank())
                .mapToLong(i -> (long) (part.dim(i) - 1) * strides[i])
                .sum();
        Layout layout = Layout.plain(whole.layout().type(), 1 + last);
        Buffer first = whole.part(whole.name(), () -> from * step, layout);
        Layout.Part swept = whole.layout().part(axis, from, end()).orElseThrow();
        return tiles == 1
                ? first
                : first.moving((to - from) * step, whole.part(whole.name(), swept::start, swept.layout()));
    }

    /** An operand of a concatenation, and where it lies in it. */
    record Placed(Expr operand, Stretch stretch) {}

    /** The operands of a concatenation; one that is made tile by tile stands there for each tile. */
    static List<Placed> of(Expr e, Movement.Concat op, Facts facts) {
        List<Placed> placed = new ArrayList<>();
        int start = 0;
        for (int i = 0; i < e.inputs().size(); ) {
            Expr operand = e.input(i);
            int end = start + operand.shape().dim(op.axis());
            Stretch stretch = new Stretch(op.axis(), start, end, facts.tiles(e, operand));
            placed.add(new Placed(operand, stretch));
            start = stretch.end();
            i += stretch.tiles;
        }
        return placed;
    }
}
