package dev.fluxion.ir.fn;

import dev.fluxion.ir.Expr;
import dev.fluxion.ir.Shape;
import dev.fluxion.ir.ShapeException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/** Sums of products by Einstein's rule: operands are multiplied one after the other, and what nothing needs any more is summed. */
final class Einsum {
    private static final String DOTS = "...";
    /** Characters that stand for the axes of the dots, the last one first. */
    private static final char FURTHER = '\uE000';

    /** An expression with a letter for each axis. */
    private record Term(Expr value, String letters) {
        int[] axes(String of) {
            return of.chars().map(letters::indexOf).toArray();
        }

        Expr in(String order) {
            return value.transpose(axes(order));
        }

        int size(String of) {
            return Arrays.stream(axes(of)).map(value.shape()::dim).reduce(1, (a, b) -> a * b);
        }

        Term without(String sums) {
            return sums.isEmpty() ? this : new Term(value.sum(axes(sums)), minus(letters, sums));
        }
    }

    private final String equation;
    private final List<Term> terms = new ArrayList<>();
    private final Map<Character, Integer> extents = new HashMap<>();
    private String dots = "";
    private String written = "";

    private Einsum(String equation) {
        this.equation = equation;
    }

    static Expr of(String equation, List<Expr> operands) {
        return new Einsum(equation).apply(operands);
    }

    private Expr apply(List<Expr> operands) {
        String[] sides = equation.replace(" ", "").split("->", -1);
        String[] given = sides[0].split(",", -1);
        require(sides.length <= 2, "at most one ->");
        require(given.length == operands.size(), given.length + " operands but there are " + operands.size());
        for (int i = 0; i < given.length; i++) {
            add(given[i], operands.get(i));
        }
        String result = sides.length == 2 ? result(sides[1]) : alone();
        Term all = stretched(terms.get(0));
        for (int i = 1; i < terms.size(); i++) {
            String later = terms.stream().skip(i + 1).map(Term::letters).collect(Collectors.joining("", result, ""));
            all = product(all, stretched(terms.get(i)), later);
        }
        return all.without(minus(all.letters, result)).in(result);
    }

    /** The letters of an operand, those that occur twice having become one: its diagonal. */
    private void add(String text, Expr operand) {
        int rank = operand.shape().rank();
        int further = rank - text.replace(DOTS, "").length();
        boolean isOpen = text.contains(DOTS);
        require(
                isOpen ? further >= 0 : further == 0,
                "a letter for each axis of " + operand.shape() + " in '" + text + "'");
        String letters = expanded(text, further);
        require(letters.chars().allMatch(c -> Character.isLetter(c) || c >= FURTHER), "letters in '" + text + "'");
        dots = further > dots.length() ? further(further) : dots;
        written += letters;
        Expr value = operand;
        for (int i = letters.length() - 1; i > 0; i--) {
            int first = letters.indexOf(letters.charAt(i));
            if (first < i) {
                value = diagonal(value, first, i);
                letters = letters.substring(0, i) + letters.substring(i + 1);
            }
        }
        for (int i = 0; i < letters.length(); i++) {
            char letter = letters.charAt(i);
            int extent = value.shape().dim(i);
            int known = extents.merge(letter, extent, (a, b) -> a == 1 ? b : a);
            require(
                    extent == known || extent == 1,
                    "one extent of " + name(letter) + " but got " + known + " and " + extent);
        }
        terms.add(new Term(value, letters));
    }

    private Expr diagonal(Expr x, int first, int second) {
        Shape shape = x.shape();
        require(shape.dim(first) == shape.dim(second), "a square where a letter occurs twice but got " + shape);
        Expr places = Expr.iota(shape.dim(first));
        Expr isOn = Axes.along(places, first, shape).eq(Axes.along(places, second, shape));
        return isOn.where(x, Expr.constant(0)).sum(second);
    }

    private static String expanded(String text, int further) {
        return text.replace(DOTS, further(further));
    }

    private static String further(int count) {
        return IntStream.range(0, count)
                .mapToObj(i -> Character.toString((char) (FURTHER + count - 1 - i)))
                .collect(Collectors.joining());
    }

    private String result(String text) {
        String result = text.replace(DOTS, dots);
        require(result.chars().distinct().count() == result.length(), "each letter of the result once");
        require(
                result.chars().allMatch(c -> extents.containsKey((char) c)),
                "letters of the result that operands have");
        return result;
    }

    /** The letters that occur once, behind the axes of the dots. */
    private String alone() {
        return dots
                + written.chars()
                        .filter(c -> c < FURTHER && written.indexOf(c) == written.lastIndexOf(c))
                        .sorted()
                        .mapToObj(Character::toString)
                        .collect(Collectors.joining());
    }

    /** Extents of 1 beside larger ones are stretched. */
    private Term stretched(Term term) {
        int[] dims = term.letters.chars().map(c -> extents.get((char) c)).toArray();
        return new Term(term.value.broadcastTo(Shape.of(dims)), term.letters);
    }

    private static Term product(Term a, Term b, String later) {
        Term left = a.without(minus(a.letters, b.letters + later));
        Term right = b.without(minus(b.letters, a.letters + later));
        String shared = common(left.letters, right.letters);
        String batch = common(shared, later);
        String inner = minus(shared, batch);
        String rows = minus(left.letters, shared);
        String columns = minus(right.letters, shared);
        Shape both = Shape.of(left.size(batch), left.size(rows), left.size(inner));
        Expr x = left.in(batch + rows + inner).reshape(both);
        Expr y = right.in(batch + inner + columns).reshape(Shape.of(both.dim(0), both.dim(2), right.size(columns)));
        Expr z = inner.isEmpty() ? x.mul(y) : x.matmul(y);
        int[] dims = IntStream.concat(
                        IntStream.concat(extents(left, batch), extents(left, rows)), extents(right, columns))
                .toArray();
        return new Term(z.reshape(Shape.of(dims)), batch + rows + columns);
    }

    private static IntStream extents(Term term, String letters) {
        return Arrays.stream(term.axes(letters)).map(term.value.shape()::dim);
    }

    private static String common(String a, String b) {
        return filtered(a, b, true);
    }

    private static String minus(String a, String b) {
        return filtered(a, b, false);
    }

    private static String filtered(String a, String b, boolean isIn) {
        return a.chars()
                .filter(c -> b.indexOf(c) >= 0 == isIn)
                .mapToObj(Character::toString)
                .collect(Collectors.joining());
    }

    private static String name(char letter) {
        return letter >= FURTHER ? DOTS : "'" + letter + "'";
    }

    private void require(boolean holds, String expected) {
        if (!holds) {
            throw new ShapeException(Errors.equation(equation, expected));
        }
    }
}
