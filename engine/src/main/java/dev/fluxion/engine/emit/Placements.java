package dev.fluxion.engine.emit;

import dev.fluxion.engine.plan.Buffer;
import dev.fluxion.engine.plan.TensorLayout;
import dev.fluxion.ffi.Layout;
import dev.fluxion.ir.Expr;
import dev.fluxion.ir.Movement;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;

/** The places where values have to be in the end: outputs, gradients that are gathered, parts of concatenations. */
public final class Placements {
    private final Map<Expr, List<Pin>> pins = new HashMap<>();

    /** A place, given the layout in which the value is computed. */
    private static final class Pin {
        private final Function<Layout, Buffer> place;
        /** Whether it is filled only when parameters have changed. */
        private final boolean once;

        private boolean filled;

        Pin(Function<Layout, Buffer> place, boolean once) {
            this.place = place;
            this.once = once;
        }
    }

    /**
     * Asks that the value of {@code e} be in the buffer that {@code place} gives for the layout in which it is computed.
     *
     * @param once whether it is a part of what is made only when parameters have changed
     */
    void add(Expr e, Function<Layout, Buffer> place, boolean once) {
        Expr made = made(e);
        Function<Layout, Buffer> seen = layout -> seenAs(place.apply(plain(e)), made);
        pins.computeIfAbsent(made, k -> new ArrayList<>()).add(new Pin(e == made ? place : seen, once));
    }

    /** Whether the value of {@code e} has to be somewhere. */
    boolean isWanted(Expr e) {
        return pins.containsKey(e);
    }

    /** A place where a step can make the value of {@code e} in a layout; nobody else gets it then. */
    Optional<Buffer> take(Expr e, Layout layout) {
        for (Pin pin : pins.getOrDefault(e, List.of())) {
            Buffer place = pin.filled ? null : pin.place.apply(layout);
            if (place != null && place.layout().equals(layout)) {
                pin.filled = true;
                return Optional.of(place);
            }
        }
        return Optional.empty();
    }

    /** The places, of what is made once or in each run, that the value of {@code e}, made in a layout, has to be brought to; nobody else gets them then. */
    List<Buffer> takeOthers(Expr e, Layout layout, boolean once) {
        List<Buffer> places = new ArrayList<>();
        for (Pin pin : pins.getOrDefault(e, List.of())) {
            if (!pin.filled && pin.once == once) {
                pin.filled = true;
                places.add(pin.place.apply(layout));
            }
        }
        return places;
    }

    /** The expression whose step makes the elements of {@code e}: reshapes are views. */
    public static Expr made(Expr e) {
        return e.op() instanceof Movement.Reshape ? made(e.input(0)) : e;
    }

    private static Buffer seenAs(Buffer place, Expr e) {
        return place.layout().isPlain() ? place.as(plain(e)) : place;
    }

    private static Layout plain(Expr e) {
        return TensorLayout.plain(e.shape(), TensorLayout.type(e));
    }
}
