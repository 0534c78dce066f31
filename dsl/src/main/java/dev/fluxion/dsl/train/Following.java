package dev.fluxion.dsl.train;

import dev.fluxion.Carried;
import dev.fluxion.Past;
import dev.fluxion.ir.Expr;
import dev.fluxion.ir.Graph;
import dev.fluxion.ir.Leaf;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * What a network makes of a batch whose sequences go on.
 *
 * @param applied what it makes
 * @param carried what is kept for layers
 */
record Following(Applied applied, List<Carried> carried) {
    /** The outputs, and what is kept. */
    Graph graph(List<String> outputs) {
        Map<String, Expr> made = new LinkedHashMap<>();
        outputs.forEach(name -> made.put(name, applied.output(name)));
        carried.forEach(kept -> made.put(kept.name(), kept.made()));
        return Graph.of(made);
    }

    /** Whether layers must know how many positions came before. */
    boolean asksForPositions() {
        return Graph.of(applied.outputs()).order().stream()
                .anyMatch(
                        e -> e.op() instanceof Leaf.Input input && input.name().equals(Past.POSITIONS));
    }

    /** Whether some positions are kept, and not states alone. */
    boolean hasHistory() {
        return carried.stream().anyMatch(Carried::isHistory);
    }

    /** The same with what is kept, and what layers make of it at once, among the named values. */
    Applied withCarried() {
        Map<String, Expr> values = new LinkedHashMap<>(applied.values());
        carried.forEach(kept -> {
            values.put(kept.name(), kept.made());
            values.put(read(kept.name()), kept.read());
        });
        return new Applied(
                applied.outputs(), values, applied.calls(), applied.parameters(), applied.buffers(), applied.updates());
    }

    /**
     * What {@link #withCarried} tells.
     *
     * @param histories the names of what is kept of positions
     * @param states the names of the other things that are kept
     */
    static Following of(Applied with, List<String> histories, List<String> states) {
        Map<String, Expr> values = new LinkedHashMap<>(with.values());
        List<Carried> carried = new ArrayList<>();
        histories.forEach(name -> carried.add(carried(values, name, true)));
        states.forEach(name -> carried.add(carried(values, name, false)));
        Applied applied =
                new Applied(with.outputs(), values, with.calls(), with.parameters(), with.buffers(), with.updates());
        return new Following(applied, carried);
    }

    private static Carried carried(Map<String, Expr> values, String name, boolean isHistory) {
        Expr made = values.remove(name);
        Expr read = values.remove(read(name));
        if (made == null || read == null) {
            throw new IllegalArgumentException(FileErrors.notKept(name));
        }
        return new Carried(name, read, made, isHistory);
    }

    private static String read(String name) {
        return name + " at once";
    }
}
