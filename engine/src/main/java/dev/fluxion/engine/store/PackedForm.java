package dev.fluxion.engine.store;

import dev.fluxion.engine.graph.NodeKey;
import dev.fluxion.ffi.Layout;
import dev.fluxion.ffi.Memory;
import dev.fluxion.ir.Expr;
import dev.fluxion.ir.Graph;
import dev.fluxion.ir.Leaf;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * What kernels make of parameters that nobody changes while they run. Programs that make the same share it: equal forms hold
 * the same bits.
 *
 * @param nodes the parameters and what is made of them, operands before those that use them
 * @param form what is made of the last one
 * @param layout how it lies
 */
public record PackedForm(List<NodeKey> nodes, Object form, Layout layout) implements Own<Memory> {
    /** A form of a parameter, or of what follows from parameters. */
    public static PackedForm of(Expr weights, Object form, Layout layout) {
        Map<Expr, Integer> numbers = new HashMap<>();
        List<NodeKey> nodes = new ArrayList<>();
        for (Expr e : Graph.topological(List.of(weights))) {
            numbers.put(e, nodes.size());
            nodes.add(new NodeKey(e.op(), e.inputs().stream().map(numbers::get).toList(), ""));
        }
        return new PackedForm(List.copyOf(nodes), form, layout);
    }

    /** Whether what is made of weights depends on nothing but parameters. */
    public static boolean isSharable(Expr weights) {
        return Graph.topological(List.of(weights)).stream()
                .filter(e -> e.inputs().isEmpty())
                .noneMatch(e -> e.op() instanceof Leaf.Kept);
    }

    @Override
    public boolean isMade() {
        return true;
    }

    @Override
    public Memory of(Owner program) {
        return program.packed(this).memory();
    }
}
