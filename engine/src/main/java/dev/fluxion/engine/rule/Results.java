package dev.fluxion.engine.rule;

import dev.fluxion.engine.emit.Facts;
import dev.fluxion.engine.emit.Lowering;
import dev.fluxion.engine.plan.Buffer;
import dev.fluxion.engine.plan.Step;
import dev.fluxion.engine.rule.Rule.Laid;
import dev.fluxion.engine.rule.Rule.Match;
import dev.fluxion.ir.Compound;
import dev.fluxion.ir.Expr;
import dev.fluxion.ir.Result;
import java.util.List;
import java.util.stream.IntStream;

/** Matches of nodes with several results, which one step makes row-major. For one that nobody wants there is memory while it runs. */
final class Results {
    private Results() {}

    /** Makes a step of what it reads and of where it writes, in the order of operands and results. */
    interface Maker {
        Step make(List<Buffer> reads, List<Buffer> places);
    }

    static Match match(Rule rule, Expr e, Compound op, Facts facts, Maker maker) {
        List<Expr> results = IntStream.range(0, e.results())
                .mapToObj(i -> result(e, i, facts))
                .toList();
        return new Match(
                rule.name(),
                Candidate.alone(e),
                e.inputs().stream().map(Laid::plain).toList(),
                results.stream().map(Laid::plain).toList(),
                () -> op.decomposed(e.inputs()),
                to -> emit(to.lowering(), e, results, maker));
    }

    /** The expression that stands for a result in the graph, where nodes that are alike are one. */
    private static Expr result(Expr e, int index, Facts facts) {
        return facts.readers().of(e).stream()
                .filter(r -> r.op() instanceof Result && r.index() == index)
                .findFirst()
                .orElseGet(() -> e.result(index));
    }

    private static void emit(Lowering lowering, Expr e, List<Expr> results, Maker maker) {
        List<Buffer> reads = e.inputs().stream().map(lowering::plain).toList();
        List<Buffer> places = results.stream().map(lowering::destination).toList();
        lowering.emit(e, places.get(0), maker.make(reads, places));
        for (int i = 1; i < places.size(); i++) {
            lowering.record(results.get(i), places.get(i));
        }
    }
}
