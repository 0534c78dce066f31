package dev.fluxion.engine.catalogue;

import dev.fluxion.ir.AxisRule;
import dev.fluxion.ir.AxisRule.Along;
import dev.fluxion.ir.Expr;
import dev.fluxion.ir.Interpreter;
import dev.fluxion.ir.Result;
import dev.fluxion.ir.Shape;
import dev.fluxion.ir.Value;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;

/**
 * What a declared axis promises: a node computed in parts, each of the operands' elements that its units need, and joined, has the
 * value of the whole. The interpreter computes both.
 */
public final class AxisLaw {
    private static final double RELATIVE = 1e-12;

    private final Expr node;
    private final List<Value> values;
    private final List<Expr> operands = new ArrayList<>();
    private final Interpreter interpreter;

    private AxisLaw(Expr node, List<Value> values, Interpreter interpreter) {
        this.node = node;
        this.values = values;
        this.interpreter = interpreter;
        for (int i = 0; i < values.size(); i++) {
            Expr operand = node.input(i);
            operands.add(Expr.input("operand " + i, operand.shape(), operand.dtype()));
            interpreter.bind("operand " + i, values.get(i));
        }
    }

    /**
     * Checks a rule of a node; one of fewer than two units says nothing, nor one of a further result, which is checked with its node.
     *
     * @param values those of the operands
     * @param interpreter knows what leaves need; names {@code operand 0} … are bound
     * @throws AssertionError if the parts do not make the whole, or cannot be computed at all
     */
    public static void check(String what, Expr node, List<Value> values, AxisRule rule, Interpreter interpreter) {
        if (rule.units() < 2 || node.op() instanceof Result) {
            return;
        }
        try {
            new AxisLaw(node, values, interpreter).check(what + ", " + node.op() + " by " + rule, rule);
        } catch (RuntimeException e) {
            throw new AssertionError(what + ", " + node.op() + " by " + rule + ": " + e, e);
        }
    }

    private void check(String what, AxisRule rule) {
        Expr whole = new Expr(node.op(), operands);
        List<Expr> both = new ArrayList<>();
        for (int i = 0; i < rule.results().size(); i++) {
            both.add(joined(rule, i));
            both.add(whole.result(i));
        }
        List<Value> all = interpreter.evaluate(both);
        for (int i = 0; i < all.size(); i += 2) {
            Close.check(what + ", result " + i / 2, all.get(i), all.get(i + 1), RELATIVE, values);
        }
    }

    private Expr joined(AxisRule rule, int result) {
        AxisRule.Made made = rule.results().get(result);
        Along along = made.along();
        Stream<int[]> cuts = cuts(rule.units()).stream();
        return switch (made.join()) {
            case CONCATENATION ->
                Expr.concat(
                        along.axis(),
                        cuts.map(c -> part(rule, result, c[0], c[1])).toList());
            case POSITION ->
                Expr.concat(
                        along.axis(),
                        cuts.map(c -> taken(part(rule, result, 0, c[1]), along, c[0], c[1]))
                                .toList());
            case SUM ->
                cuts.map(c -> placed(part(rule, result, c[0], c[1]), result, along, c[0]))
                        .reduce(Expr::add)
                        .orElseThrow();
            case MAXIMUM ->
                cuts.map(c -> part(rule, result, c[0], c[1])).reduce(Expr::max).orElseThrow();
        };
    }

    /** Unequal parts: a single unit, then what is left in two. */
    private static List<int[]> cuts(int units) {
        int[] ends = {0, 1, 1 + (units - 1) / 2, units};
        int[] distinct = Arrays.stream(ends).distinct().toArray();
        List<int[]> cuts = new ArrayList<>();
        for (int i = 1; i < distinct.length; i++) {
            cuts.add(new int[] {distinct[i - 1], distinct[i]});
        }
        return cuts;
    }

    private Expr part(AxisRule rule, int result, int from, int to) {
        List<Expr> parts = new ArrayList<>();
        for (int i = 0; i < operands.size(); i++) {
            parts.add(taken(operands.get(i), rule.operands().get(i), from, to));
        }
        Expr part = rule.part(node, parts, to - from).result(result);
        Shape expected =
                rule.results().get(result).along().of(node.result(result).shape(), to - from);
        if (!part.shape().equals(expected)) {
            throw new IllegalStateException(
                    "units " + from + " to " + to + " give " + part.shape() + ", not " + expected);
        }
        return part;
    }

    private static Expr taken(Expr e, Along along, int from, int to) {
        int start = along.start(from);
        return along.isWhole() ? e : e.slice(along.axis(), start, start + along.extent(to - from));
    }

    /** A summand among zeros. */
    private Expr placed(Expr part, int result, Along along, int from) {
        if (along.isWhole()) {
            return part;
        }
        int before = along.start(from);
        int rest = node.result(result).shape().dim(along.axis())
                - before
                - part.shape().dim(along.axis());
        return part.pad(along.axis(), before, rest, 0);
    }
}
