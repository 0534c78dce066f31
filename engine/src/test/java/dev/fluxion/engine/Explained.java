package dev.fluxion.engine;

import dev.fluxion.engine.check.ErrorBound;
import dev.fluxion.engine.rule.RuleBook;
import dev.fluxion.ir.Graph;
import java.util.Optional;
import java.util.function.Function;

/** Programs that are compiled with some rules left out. */
final class Explained {
    private Explained() {}

    /** The explanation of a program, whose results are those of the interpreter. */
    static String of(Function<Leaves, Graph> of, String switches) {
        Leaves leaves = new Leaves(0.3);
        Graph graph = of.apply(leaves);
        System.setProperty(RuleBook.PROPERTY, switches);
        try (Parameters parameters = Match.parameters(graph, leaves.values);
                Program program = Compiler.compile(
                        graph, parameters, RunState.of(parameters), new Options(1), g -> Optional.empty())) {
            Match.write(program, graph, leaves.values);
            program.run();
            Match.check(switches, program, graph, new ErrorBound(Match.interpreter(leaves.values, 1)));
            return program.explain().toString();
        } finally {
            System.clearProperty(RuleBook.PROPERTY);
        }
    }
}
