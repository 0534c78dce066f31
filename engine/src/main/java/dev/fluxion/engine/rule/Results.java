package dev.fluxion.engine.rule;

import dev.fluxion.engine.emit.Facts;
import dev.fluxion.engine.emit.Lowering;
import dev.fluxion.engine.plan.Buffer;
import dev.fluxion.engine.plan.Step;
import dev.fluxion.engine.rule.Rule.Laid;
import dev.fluxion.engine.rule.Rule.Match;
import dev.fluxion.ffi.Layout;
import dev.fluxion.ir.Compound;
import dev.fluxion.ir.Expr;
import dev.fluxion.ir.Result;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.IntPredicate;
import java.util.stream.IntStream;

/** Matches of nodes with several results, which one step makes, row-major but for the first one. For one that nobody wants there is memory while it runs. */
final class Results {
    private Results() {}

    /** Makes a step of what it reads and of where it writes, in the order of operands and results. */
    interface Maker {
        Step make(List<Buffer> reads, List<Buffer> places);
    }

    /** The same of places by the number of the result, without those of results that are not made. */
    interface SomeMaker {
        Step make(List<Buffer> reads, Map<Integer, Buffer> places);
    }

    /** Makes a kernel in Java, given where the operands and the results lie. */
    interface Kernel {
        Step.Binder of(List<Buffer> reads, List<Buffer> places);
    }

    static Match match(Rule rule, Expr e, Compound op, Facts facts, String implementation, Kernel kernel) {
        return match(
                rule,
                e,
                op,
                facts,
                (reads, places) -> Step.of(e, reads, places, implementation, kernel.of(reads, places)));
    }

    static Match match(Rule rule, Expr e, Compound op, Facts facts, Maker maker) {
        return match(rule, e, op, e.inputs().stream().map(Laid::plain).toList(), facts, maker);
    }

    /** The same for operands in some layouts. */
    static Match match(Rule rule, Expr e, Compound op, List<Laid> reads, Facts facts, Maker maker) {
        return match(rule, e, op, reads, Laid.plain(e).layout(), facts, maker);
    }

    /** The same for operands in some layouts and the first result in another one. */
    static Match match(Rule rule, Expr e, Compound op, List<Laid> reads, Layout first, Facts facts, Maker maker) {
        SomeMaker all = (from, places) -> maker.make(from, List.copyOf(places.values()));
        return match(rule, Candidate.alone(e), op, reads, first, i -> true, facts, all);
    }

    /** The same for a node with what it covers, operands in some layouts and some of the results, the first one among them. */
    static Match match(
            Rule rule, Candidate c, Compound op, List<Laid> reads, IntPredicate isMade, Facts facts, SomeMaker maker) {
        return match(rule, c, op, reads, Laid.plain(c.core()).layout(), isMade, facts, maker);
    }

    private static Match match(
            Rule rule,
            Candidate c,
            Compound op,
            List<Laid> reads,
            Layout first,
            IntPredicate isMade,
            Facts facts,
            SomeMaker maker) {
        Expr e = c.core();
        Map<Integer, Expr> results = new TreeMap<>();
        IntStream.range(0, e.results())
                .filter(isMade)
                .forEach(i -> results.put(i, read(e, i, facts).orElseGet(() -> e.result(i))));
        Map<Integer, Laid> made = new TreeMap<>();
        results.forEach((i, result) -> made.put(i, i == 0 ? new Laid(result, first) : Laid.plain(result)));
        return new Match(
                rule.name(),
                c,
                reads,
                List.copyOf(made.values()),
                () -> {
                    List<Expr> all = op.decomposed(e.inputs());
                    return results.keySet().stream().map(all::get).toList();
                },
                to -> emit(to.lowering(), e, reads, made, maker));
    }

    /** Whether somebody reads a result. */
    static boolean isRead(Expr e, int index, Facts facts) {
        return read(e, index, facts).isPresent();
    }

    /** The expression that stands for a result in the graph, where nodes that are alike are one. */
    private static Optional<Expr> read(Expr e, int index, Facts facts) {
        return facts.readers().of(e).stream()
                .filter(r -> r.op() instanceof Result && r.index() == index)
                .findFirst();
    }

    private static void emit(Lowering lowering, Expr e, List<Laid> reads, Map<Integer, Laid> made, SomeMaker maker) {
        List<Buffer> from = reads.stream()
                .map(laid -> lowering.value(laid.value(), laid.layout()))
                .toList();
        Map<Integer, Buffer> places = new TreeMap<>();
        made.forEach((i, laid) -> places.put(i, lowering.destination(laid.value(), laid.layout())));
        lowering.emit(e, Objects.requireNonNull(places.get(0)), maker.make(from, places));
        made.forEach((i, laid) -> {
            if (i > 0) {
                lowering.record(laid.value(), Objects.requireNonNull(places.get(i)));
            }
        });
    }
}
