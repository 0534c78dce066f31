package dev.fluxion.dsl.train;

import dev.fluxion.Carried;
import dev.fluxion.Input;
import dev.fluxion.Past;
import dev.fluxion.engine.Compiler;
import dev.fluxion.engine.Program;
import dev.fluxion.ir.Expr;
import dev.fluxion.ir.Graph;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * How sequences of a model go on along an extent.
 *
 * @param model the model
 * @param extent the name of the extent
 * @param inputs the names of the inputs that have it
 * @param most how large it is at most
 * @param kept what is kept for layers
 * @param isBounded whether layers must know how many positions came before
 */
record Sequences(Model model, String extent, Set<String> inputs, int most, List<Kept> kept, boolean isBounded) {
    /** The number of rows of the smallest history that is not empty. */
    private static final int ROOM = 16;

    /**
     * What is kept for a layer.
     *
     * @param name the input that gives it and the output that makes more of it
     * @param isHistory whether more comes behind what is kept; else it replaces that
     * @param row elements of a position, or of a state, of a sample
     */
    record Kept(String name, boolean isHistory, int row) {}

    /**
     * How sequences go on along the only extent that varies.
     *
     * @throws IllegalArgumentException if they do not; the message says why
     */
    static Sequences of(Model model) {
        Set<String> extents = model.network().extents().keySet();
        if (extents.size() != 1) {
            throw new IllegalArgumentException(Errors.notOneExtent(extents));
        }
        return of(model, extents.iterator().next());
    }

    /**
     * How sequences go on along an extent.
     *
     * @throws IllegalArgumentException if they do not; the message says why
     */
    static Sequences of(Model model, String extent) {
        Network network = model.network();
        Integer most = network.extents().get(extent);
        if (most == null) {
            throw new IllegalArgumentException(
                    Errors.unknownExtent(extent, network.extents().keySet()));
        }
        if (!isFirstAxis(network, extent)) {
            throw new IllegalArgumentException(Errors.notPositions(extent));
        }
        Set<String> inputs = network.inputs().stream()
                .filter(input -> input.varying().containsValue(extent))
                .map(Input::name)
                .collect(Collectors.toSet());
        Asked.Declared asked = model.follow(network.largest(1), new Past(inputs, most, ROOM, most));
        Graph graph = Graph.of(asked.applied().outputs());
        requirePositionwise(asked, graph, extent, inputs, most);
        List<Kept> kept = asked.scope().carried().stream()
                .map(c -> new Kept(c.name(), c.isHistory(), c.made().shape().size() / (c.isHistory() ? most : 1)))
                .toList();
        boolean isBounded = graph.order().contains(asked.scope().positions());
        return new Sequences(model, extent, inputs, most, kept, isBounded);
    }

    /** Whether samples have the extent along their first axis only, as positions of sequences. */
    private static boolean isFirstAxis(Network network, String extent) {
        return network.inputs().stream()
                .flatMap(input -> input.varying().entrySet().stream())
                .allMatch(axis -> axis.getKey() == 0 || !axis.getValue().equals(extent));
    }

    private static void requirePositionwise(
            Asked.Declared asked, Graph graph, String extent, Set<String> inputs, int most) {
        Set<Expr> histories = asked.scope().carried().stream()
                .filter(Carried::isHistory)
                .map(Carried::read)
                .collect(Collectors.toSet());
        Compiler.mixedPositions(graph, inputs, most, histories).ifPresent(e -> {
            throw new IllegalArgumentException(Errors.mixesPositions(extent, e));
        });
    }

    /** How many positions a batch brings. */
    int steps(BatchShape batch) {
        return batch.extents(model.network().extents().keySet()).getOrDefault(extent, 1);
    }

    /** Whether each position is computed by itself, wherever it is. */
    boolean keepsNothing() {
        return kept.isEmpty() && !isBounded;
    }

    /** Requires that sequences may have so many more positions. */
    void requireRoom(int seen, int steps) {
        if (isBounded && seen + steps > most) {
            throw new IllegalArgumentException(Errors.tooManyPositions(extent, seen, steps, most));
        }
    }

    /** How many rows histories have that hold so many positions: a power of two, so that few programs do. */
    int room(int positions) {
        return positions == 0 ? 0 : Math.min(most, Math.max(ROOM, Integer.highestOneBit(2 * positions - 1)));
    }

    /** A program for some outputs and for what is kept, behind histories of so many rows. */
    Program compile(List<String> outputs, BatchShape batch, int room) {
        Asked.Declared asked = model.follow(batch, new Past(inputs, steps(batch), room, most));
        Map<String, Expr> made = new LinkedHashMap<>();
        outputs.forEach(name -> made.put(name, asked.applied().output(name)));
        asked.scope().carried().forEach(kept -> made.put(kept.name(), kept.made()));
        return model.compile(Graph.of(made));
    }
}
