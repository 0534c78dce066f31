package dev.fluxion.dsl.train;

import dev.fluxion.Carried;
import dev.fluxion.Input;
import dev.fluxion.Past;
import dev.fluxion.engine.Compiler;
import dev.fluxion.engine.Program;
import dev.fluxion.ir.Expr;
import dev.fluxion.ir.Graph;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * How sequences of a network go on along an extent.
 *
 * @param network the network
 * @param extent the name of the extent
 * @param inputs the names of the inputs that have it
 * @param most how large it is at most
 * @param kept what is kept for layers
 * @param isBounded whether layers must know how many positions came before
 */
record Sequences(Network network, String extent, Set<String> inputs, int most, List<Kept> kept, boolean isBounded) {
    /** The number of rows of the smallest history that is not empty. */
    static final int ROOM = 16;

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

    static Sequences of(Model model, String extent) {
        return model.building(() -> of(model.network(), extent));
    }

    /**
     * How sequences go on along an extent.
     *
     * @throws IllegalArgumentException if they do not; the message says why
     */
    static Sequences of(Network network, String extent) {
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
        Following largest =
                network.follow(extent, network.largest(1), new Past(inputs, most, Math.min(most, ROOM), most));
        requirePositionwise(largest, extent, inputs, most);
        List<Kept> kept = largest.carried().stream()
                .map(c -> new Kept(c.name(), c.isHistory(), c.made().shape().size() / (c.isHistory() ? most : 1)))
                .toList();
        return new Sequences(network, extent, inputs, most, kept, largest.asksForPositions() || largest.hasHistory());
    }

    /** Whether samples have the extent along their first axis only, as positions of sequences. */
    private static boolean isFirstAxis(Network network, String extent) {
        return network.inputs().stream()
                .flatMap(input -> input.varying().entrySet().stream())
                .allMatch(axis -> axis.getKey() == 0 || !axis.getValue().equals(extent));
    }

    private static void requirePositionwise(Following largest, String extent, Set<String> inputs, int most) {
        Set<Expr> histories = largest.carried().stream()
                .filter(Carried::isHistory)
                .map(Carried::read)
                .collect(Collectors.toSet());
        Graph graph = Graph.of(largest.applied().outputs());
        Compiler.mixedPositions(graph, inputs, most, histories).ifPresent(e -> {
            throw new IllegalArgumentException(Errors.mixesPositions(extent, e));
        });
    }

    /** How many positions a batch brings. */
    int steps(BatchShape batch) {
        return batch.extents(network.extents().keySet()).getOrDefault(extent, 1);
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
        return positions == 0
                ? network.structure().leastRoom(most)
                : Math.min(most, Math.max(ROOM, Integer.highestOneBit(2 * positions - 1)));
    }

    /** What the network makes of a batch, the last extent of which tells how many rows histories have. */
    Following behind(BatchShape all) {
        int last = all.extents().size() - 1;
        return at(
                new BatchShape(all.rows(), all.extents().subList(0, last)),
                all.extents().get(last));
    }

    /** What it makes of the largest samples, behind as many positions. */
    Following largest() {
        return at(network.largest(1), most);
    }

    private Following at(BatchShape batch, int room) {
        return network.follow(extent, batch, new Past(inputs, steps(batch), room, most));
    }

    /** A program for some outputs and for what is kept, behind histories of so many rows. */
    Program compile(Model model, List<String> outputs, BatchShape batch, int room) {
        return model.compile(model.building(() -> at(batch, room)).graph(outputs));
    }
}
