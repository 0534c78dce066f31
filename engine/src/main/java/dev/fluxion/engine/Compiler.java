package dev.fluxion.engine;

import dev.fluxion.engine.pass.CommonSubexpressions;
import dev.fluxion.engine.pass.Kept;
import dev.fluxion.engine.pass.Rowwise;
import dev.fluxion.engine.pass.Simplify;
import dev.fluxion.engine.pass.SingleChannel;
import dev.fluxion.engine.pass.Tiles;
import dev.fluxion.engine.pass.Tiling;
import dev.fluxion.engine.pass.Unread;
import dev.fluxion.ffi.NativeLibrary;
import dev.fluxion.ffi.Threads;
import dev.fluxion.ir.Graph;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.UnaryOperator;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Compiles graphs to programs. */
public final class Compiler {
    private static final Logger LOG = LoggerFactory.getLogger(Compiler.class);

    private Compiler() {}

    /** Begins to load the native libraries beside the calling thread; whoever will compile soon saves the wait. */
    public static void prepare() {
        NativeLibrary.prepare();
    }

    /**
     * The program that computes a graph with the given parameters and a state of its own.
     *
     * @throws IllegalArgumentException if the graph uses a parameter that is not declared, or an empty tensor
     * @throws dev.fluxion.ffi.NativeUnavailableException if the platform has no native library
     */
    public static Program compile(Graph graph, Parameters parameters, Options options) {
        return compile(graph, parameters, RunState.of(parameters), options);
    }

    /** The program that computes a graph and shares a state with others; see {@link #compile(Graph, Parameters, Options)}. */
    public static Program compile(Graph graph, Parameters parameters, RunState state, Options options) {
        return parameters.compiling(() -> compile(graph, parameters, state, options, Tilings::of));
    }

    /**
     * Whether each row of a network's outputs, along the first axis, follows from the same row of its input alone: rows may
     * then be computed in parts, or beside rows that nobody needs.
     *
     * @param some the network for some number of rows
     * @param others the network for another one
     */
    public static boolean isRowwise(Graph some, Graph others) {
        return Rowwise.holds(some, others);
    }

    /** What a run of a network costs beside its rows, in rows, by an estimate; the graph is for a single row. */
    public static double overhead(Graph one) {
        return RunCost.inRows(one);
    }

    static Program compile(
            Graph graph,
            Parameters parameters,
            RunState state,
            Options options,
            Function<Graph, Optional<Tiling>> tiling) {
        Graph kept = pass("kept", graph, Kept::apply);
        Graph simple = pass("simplify", kept, Simplify::apply);
        Graph shared = pass("common subexpressions", simple, CommonSubexpressions::apply);
        Graph needed = pass("unread", shared, Unread::apply);
        Threads.current(1);
        Threads.blas(1);
        Graph suited = pass("single channel", needed, g -> SingleChannel.apply(g, ConvLowering::readsBlocks));
        Tiles.Tiled tiled =
                tiling.apply(suited).map(t -> Tiles.apply(suited, t)).orElseGet(() -> undivided(suited, options));
        Lowering lowering = new Lowering(tiled, parameters, state);
        try {
            lowering.lower();
            return new Program(lowering, options, new Diagnosis(graph, parameters, state));
        } catch (RuntimeException | Error e) {
            lowering.shared.release();
            throw e;
        }
    }

    /** Without a batch to divide, channels are divided, always in training, so that the number of threads changes no result. */
    private static Tiles.Tiled undivided(Graph graph, Options options) {
        boolean updates = graph.stages().stream().anyMatch(s -> !s.updates().isEmpty());
        return !updates && options.threads() == 1 ? Tiles.Tiled.none(graph) : Tiles.byChannels(graph, 2);
    }

    private static Graph pass(String name, Graph graph, UnaryOperator<Graph> pass) {
        Graph result = pass.apply(graph);
        LOG.debug(
                "{}: {} nodes to {}", name, graph.order().size(), result.order().size());
        return result;
    }
}
