package dev.fluxion.engine;

import dev.fluxion.engine.pass.CommonSubexpressions;
import dev.fluxion.engine.pass.Simplify;
import dev.fluxion.engine.pass.SingleChannel;
import dev.fluxion.engine.plan.MemoryPlan;
import dev.fluxion.engine.plan.Step;
import dev.fluxion.ffi.Threads;
import dev.fluxion.ir.Graph;
import java.util.ArrayList;
import java.util.List;
import java.util.function.UnaryOperator;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Compiles graphs to programs. */
public final class Compiler {
    private static final Logger LOG = LoggerFactory.getLogger(Compiler.class);

    private Compiler() {}

    /**
     * The program that computes a graph with the given parameters.
     *
     * @throws IllegalArgumentException if the graph uses a parameter that is not declared, or an empty tensor
     * @throws dev.fluxion.ffi.NativeUnavailableException if the platform has no native library
     */
    public static Program compile(Graph graph, Parameters parameters, Options options) {
        Graph simple = pass("simplify", graph, Simplify::apply);
        Graph shared = pass("common subexpressions", simple, CommonSubexpressions::apply);
        Graph suited = pass("single channel", shared, SingleChannel::apply);
        Threads.current(options.threads());
        Threads.blas(1);
        RunState state = new RunState(parameters);
        Lowering lowering = new Lowering(suited, parameters, state);
        try {
            lowering.lower();
            MemoryPlan plan = MemoryPlan.of(all(lowering));
            LOG.debug(
                    "{} steps, arena {} bytes, lower bound {}", lowering.steps.size(), plan.bytes(), plan.lowerBound());
            return new Program(lowering, plan, parameters, state, options);
        } catch (RuntimeException | Error e) {
            lowering.close();
            throw e;
        }
    }

    private static List<Step> all(Lowering lowering) {
        List<Step> all = new ArrayList<>(lowering.prologue);
        all.addAll(lowering.steps);
        return all;
    }

    private static Graph pass(String name, Graph graph, UnaryOperator<Graph> pass) {
        Graph result = pass.apply(graph);
        LOG.debug(
                "{}: {} nodes to {}", name, graph.order().size(), result.order().size());
        return result;
    }
}
