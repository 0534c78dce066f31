package dev.fluxion.ir.open;

import dev.fluxion.Tensor;
import dev.fluxion.ir.Expr;
import dev.fluxion.ir.Graph;
import dev.fluxion.ir.Leaf;
import dev.fluxion.ir.Op;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/** Finds the graph that samples are of: where they differ, formulas tell how. */
final class Fit {
    private static final Pattern NUMBER = Pattern.compile("-?\\d+(\\.\\d+(E-?\\d+)?)?");

    private final List<List<Expr>> orders = new ArrayList<>();
    private final List<Map<Expr, Integer>> numbers = new ArrayList<>();
    private final List<OpenGraph.Sample> samples;
    private final Formulas formulas;

    Fit(List<OpenGraph.Sample> samples) {
        this.samples = samples;
        for (OpenGraph.Sample sample : samples) {
            List<Expr> order = Graph.topological(sample.roots());
            Map<Expr, Integer> number = new HashMap<>();
            order.forEach(e -> number.put(e, number.size()));
            orders.add(order);
            numbers.add(number);
        }
        this.formulas =
                new Formulas(samples.stream().map(OpenGraph.Sample::extents).toList());
    }

    OpenGraph graph() {
        List<Node> nodes = new ArrayList<>();
        int least = orders.stream().mapToInt(List::size).min().orElse(0);
        for (int i = 0; i < least; i++) {
            int at = i;
            nodes.add(node(i, orders.stream().map(order -> order.get(at)).toList()));
        }
        for (int s = 0; s < orders.size(); s++) {
            if (orders.get(s).size() != least || !roots(s).equals(roots(0))) {
                throw new IllegalArgumentException(Errors.differs("", "the number of its nodes"));
            }
        }
        return OpenGraph.of(nodes, roots(0));
    }

    private List<Integer> roots(int sample) {
        return samples.get(sample).roots().stream()
                .map(numbers.get(sample)::get)
                .toList();
    }

    private Node node(int number, List<Expr> same) {
        Expr first = same.get(0);
        List<Integer> operands = operands(0, first);
        for (int s = 1; s < same.size(); s++) {
            if (same.get(s).op().getClass() != first.op().getClass()
                    || !operands(s, same.get(s)).equals(operands)
                    || same.get(s).shape().rank() != first.shape().rank()
                    || !same.get(s).origin().equals(first.origin())) {
                throw differs(first, first.op() + " or " + same.get(s).op());
            }
        }
        List<Op> ops = same.stream().map(Expr::op).toList();
        Node node = ops.stream().allMatch(ops.get(0)::equals)
                ? Node.of(ops.get(0), operands, first)
                : Node.of(open(first, ops), operands, first);
        for (int axis = 0; axis < first.shape().rank(); axis++) {
            int a = axis;
            formulas.learn(same.stream().mapToLong(e -> e.shape().dim(a)).toArray(), new Formula.Symbol(number, axis));
        }
        return node;
    }

    private List<Integer> operands(int sample, Expr e) {
        return e.inputs().stream().map(numbers.get(sample)::get).toList();
    }

    private static IllegalArgumentException differs(Expr e, String what) {
        return new IllegalArgumentException(Errors.differs(e.origin() + " " + e.place(), what));
    }

    private Written open(Expr first, List<Op> ops) {
        List<Written> all = ops.stream().map(Written::of).toList();
        Map<String, String> attributes = new LinkedHashMap<>();
        all.get(0).attributes().forEach((name, text) -> {
            List<String> texts =
                    all.stream().map(w -> w.attributes().getOrDefault(name, "")).toList();
            String open = open(texts);
            if (open == null) {
                throw differs(first, first.op() + " with " + name + " " + String.join(", ", texts));
            }
            attributes.put(name, open);
        });
        Tensor table = all.get(0).values();
        if (table != null && !ops.stream().allMatch(op -> isLeading(table, ((Leaf.Literal) op).values()))) {
            throw differs(first, "a constant tensor");
        }
        return new Written(all.get(0).operator(), attributes, table);
    }

    private static boolean isLeading(Tensor table, Tensor part) {
        try {
            return Leading.part(table, part.shape()).equals(part);
        } catch (IllegalArgumentException e) {
            return false;
        }
    }

    /** The text that has formulas where texts have different numbers; null if there is none. */
    private @Nullable String open(List<String> texts) {
        if (Collections.frequency(texts, texts.get(0)) == texts.size()) {
            return texts.get(0);
        }
        List<Matcher> matchers = texts.stream().map(NUMBER::matcher).toList();
        StringBuilder out = new StringBuilder();
        int[] done = new int[texts.size()];
        while (matchers.get(0).find()) {
            String[] found = new String[texts.size()];
            for (int s = 0; s < found.length; s++) {
                if (s > 0 && !matchers.get(s).find()) {
                    return null;
                }
                found[s] = matchers.get(s).group();
            }
            String between = between(texts, matchers, done);
            String number = formulas.text(found);
            if (between == null || number == null) {
                return null;
            }
            out.append(between).append(number);
            Arrays.setAll(done, s -> matchers.get(s).end());
        }
        String rest = texts.get(0).substring(done[0]);
        boolean same = IntStream.range(0, done.length)
                .allMatch(s -> texts.get(s).substring(done[s]).equals(rest));
        return same ? out.append(rest).toString() : null;
    }

    private static @Nullable String between(List<String> texts, List<Matcher> matchers, int... done) {
        String first = texts.get(0).substring(done[0], matchers.get(0).start());
        for (int s = 1; s < done.length; s++) {
            if (!texts.get(s).substring(done[s], matchers.get(s).start()).equals(first)) {
                return null;
            }
        }
        return first;
    }
}
