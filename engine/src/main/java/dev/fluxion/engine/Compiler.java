package dev.fluxion.engine;

import dev.fluxion.engine.graph.EmptyOutputs;
import dev.fluxion.engine.graph.Positionwise;
import dev.fluxion.engine.graph.Rowwise;
import dev.fluxion.engine.partition.BatchPartition;
import dev.fluxion.engine.partition.RunCost;
import dev.fluxion.engine.partition.Tiling;
import dev.fluxion.engine.partition.TilingPolicy;
import dev.fluxion.engine.plan.Phase;
import dev.fluxion.engine.plan.Schedule;
import dev.fluxion.engine.rule.RuleBook;
import dev.fluxion.engine.run.Plan;
import dev.fluxion.ffi.NativeLibrary;
import dev.fluxion.ffi.Threads;
import dev.fluxion.ir.Expr;
import dev.fluxion.ir.Graph;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;

/**
 * Compiles graphs to programs, stage by stage: passes over the graph, its partition, the steps that are emitted, their
 * schedule and the plan of their memory. {@code -Dfluxion.trace=crop,partition}, or {@code all}, prints what stages changed.
 */
public final class Compiler {
    private static final String PARTITION = "partition";
    private static final String CHOOSE = "choose";
    private static final String EMIT = "emit";
    private static final String DIVIDE = "divide";
    private static final String SCHEDULE = "schedule";
    private static final String PLAN = "plan";

    /** The names of all stages, in their order. */
    static final List<String> STAGES = stages();

    private static List<String> stages() {
        List<String> stages = new ArrayList<>();
        for (Pass pass : Pass.values()) {
            stages.add(pass.stage());
        }
        stages.addAll(List.of(PARTITION, CHOOSE, EMIT, DIVIDE, SCHEDULE, PLAN));
        return List.copyOf(stages);
    }

    private Compiler() {}

    /** The versions of the native libraries and the instruction set that they use, by name, as {@code onednn} and {@code isa}. */
    public static Map<String, String> libraries() {
        Map<String, String> libraries = new LinkedHashMap<>(NativeLibrary.versions());
        libraries.put("isa", NativeLibrary.instructionSet());
        return libraries;
    }

    /** Begins to load the native libraries beside the calling thread; whoever will compile soon saves the wait. */
    public static void prepare() {
        NativeLibrary.prepare();
    }

    /**
     * The program that computes a graph with the given parameters and a state of its own.
     *
     * @throws IllegalArgumentException if the graph uses a parameter that is not declared, or needs what is made of an empty tensor
     *     but is none, as a sum is
     * @throws dev.fluxion.ffi.NativeUnavailableException if the platform has no native library
     */
    public static Program compile(Graph graph, Parameters parameters, Options options) {
        return compile(graph, parameters, RunState.of(parameters), options);
    }

    /** The program that computes a graph and shares a state with others; see {@link #compile(Graph, Parameters, Options)}. */
    public static Program compile(Graph graph, Parameters parameters, RunState state, Options options) {
        return compile(graph, parameters, state, options, new Arena());
    }

    /** The program that shares a state and an arena with others; see {@link #compile(Graph, Parameters, Options)}. */
    public static Program compile(Graph graph, Parameters parameters, RunState state, Options options, Arena arena) {
        return parameters.compiling(() -> {
            RuleBook rules = RuleBook.current();
            PlanKey key = PlanKey.of(graph, options, rules);
            Plan plan = parameters.plans().of(key, () -> plan(graph, parameters, options, rules, TilingPolicy::of, 1));
            return program(plan, graph, parameters, state, arena);
        });
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

    /**
     * The first value of a position of sequences that depends on other positions, in a way that a session cannot make up for.
     *
     * @param one the network for a single sample
     * @param inputs the names of the inputs that bring positions, along axis 1
     * @param steps how many they bring
     * @param kept the values whose earlier positions are kept
     */
    public static Optional<Expr> mixedPositions(Graph one, Set<String> inputs, int steps, Set<Expr> kept) {
        return Positionwise.mixed(one, inputs, steps, kept);
    }

    /** What a run of a network costs beside its rows, in rows, by an estimate; the graph is for a single row. */
    public static double overhead(Graph one) {
        return RunCost.inRows(one);
    }

    /** The same with another partition, compiled anew. */
    static Program compile(
            Graph graph,
            Parameters parameters,
            RunState state,
            Options options,
            Function<Graph, Optional<Tiling>> tiling) {
        return compile(graph, parameters, state, options, tiling, 1);
    }

    /** The same with another cost of what threads share; see {@link dev.fluxion.engine.plan.Division#of}. */
    static Program compile(
            Graph graph,
            Parameters parameters,
            RunState state,
            Options options,
            Function<Graph, Optional<Tiling>> tiling,
            double scale) {
        Plan plan = plan(graph, parameters, options, RuleBook.current(), tiling, scale);
        return program(plan, graph, parameters, state, new Arena());
    }

    /** A program of a plan, which it takes over. */
    private static Program program(Plan plan, Graph graph, Parameters parameters, RunState state, Arena arena) {
        try {
            return new Program(plan, graph, parameters, state, arena);
        } catch (RuntimeException | Error e) {
            plan.shared().close();
            throw e;
        }
    }

    private static Plan plan(
            Graph graph,
            Parameters parameters,
            Options options,
            RuleBook rules,
            Function<Graph, Optional<Tiling>> tiling,
            double scale) {
        Graph passed = EmptyOutputs.dropped(graph);
        Inspection inspection = new Inspection(passed, STAGES);
        for (Pass pass : Pass.values()) {
            Graph before = passed;
            passed = pass.apply(before, rules);
            inspection.graph(pass.stage(), before, passed);
        }
        BatchPartition.Tiled tiled = partition(passed, tiling);
        inspection.partition(PARTITION, passed, tiled);
        // Primitives are made for the number of threads that make them. A first compilation waits here until the
        // library is there.
        Threads.current(1);
        GraphLowering lowering = new GraphLowering(tiled, parameters.store(), rules);
        try {
            inspection.choose(CHOOSE, lowering.matches());
            lowering.lower();
            inspection.emit(EMIT, lowering);
            lowering.divide(options.threads(), scale);
            inspection.emit(DIVIDE, lowering);
            List<List<Phase>> schedule = lowering.graph().stages().stream()
                    .map(stage -> Schedule.of(lowering.steps(stage), options.threads()))
                    .toList();
            inspection.schedule(SCHEDULE, lowering, schedule);
            Plan plan = lowering.plan(schedule);
            inspection.plan(PLAN, lowering, plan);
            return plan;
        } catch (RuntimeException | Error e) {
            lowering.close();
            throw e;
        }
    }

    /** Without a batch to divide, the gradients of a single sample are divided, so that the number of threads changes no result. */
    private static BatchPartition.Tiled partition(Graph graph, Function<Graph, Optional<Tiling>> tiling) {
        Optional<Tiling> tiles = tiling.apply(graph);
        if (tiles.isPresent()) {
            return BatchPartition.apply(graph, tiles.get());
        }
        boolean updates = graph.stages().stream().anyMatch(s -> !s.updates().isEmpty());
        return updates ? BatchPartition.byChannels(graph, 2) : BatchPartition.Tiled.none(graph);
    }
}
