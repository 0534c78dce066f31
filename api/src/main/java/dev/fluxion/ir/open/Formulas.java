package dev.fluxion.ir.open;

import dev.fluxion.ir.open.Formula.Symbol;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/** Finds formulas for numbers, of which each is known for some samples. */
final class Formulas {
    private static final int MOST_SYMBOLS = 24;
    private static final int MOST_FACTORS = 3;
    private static final int MOST_DIVISOR = 32;
    private static final int MOST_PARTS = 8;

    /** What formulas are made of, by its values. */
    private final Map<List<Long>, Symbol> symbols = new LinkedHashMap<>();

    /** All extents that differ, those that formulas tell, too. */
    private final Map<List<Long>, Symbol> others = new LinkedHashMap<>();

    private final Map<List<Long>, Formula> known = new HashMap<>();
    private final int samples;

    Formulas(List<List<Integer>> extents) {
        this.samples = extents.size();
        for (int i = 0; i < extents.get(0).size(); i++) {
            int index = i;
            learn(extents.stream().mapToLong(all -> all.get(index)).toArray(), new Symbol(-1, i));
        }
    }

    /** Notes an extent, unless it never changes or a formula tells it already. */
    void learn(long[] values, Symbol symbol) {
        if (!isFixed(values) && others.size() < MOST_SYMBOLS) {
            others.putIfAbsent(list(values), symbol);
        }
        if (!isFixed(values)
                && !known.containsKey(list(values))
                && symbols.size() < MOST_SYMBOLS
                && symbols.putIfAbsent(list(values), symbol) == null) {
            known.put(list(values), Formula.of(symbol));
        }
    }

    private static boolean isFixed(long... values) {
        return Arrays.stream(values).allMatch(v -> v == values[0]);
    }

    private static List<Long> list(long... values) {
        return Arrays.stream(values).boxed().toList();
    }

    /** A number as a text, with a formula unless it is the same in all samples; null if there is none. */
    @Nullable
    String text(String... found) {
        if (Arrays.stream(found).allMatch(found[0]::equals)) {
            return found[0];
        }
        if (Arrays.stream(found).allMatch(text -> text.indexOf('.') < 0)) {
            Formula formula =
                    formula(Arrays.stream(found).mapToLong(Long::parseLong).toArray());
            return formula == null ? null : "{" + formula + "}";
        }
        return quotient(Arrays.stream(found).mapToDouble(Double::parseDouble).toArray());
    }

    private @Nullable Formula formula(long... values) {
        if (isFixed(values)) {
            return Formula.fixed(values[0]);
        }
        Formula before = known.get(list(values));
        Formula formula = before != null ? before : found(values);
        if (formula != null) {
            known.put(list(values), formula);
        }
        return formula;
    }

    /** The simplest one: a multiple of a product, else something added to it, else a part of it. */
    private @Nullable Formula found(long... values) {
        List<List<Symbol>> products = products();
        for (List<Symbol> product : products) {
            Formula formula = line(product, values);
            if (formula != null && formula.added() == 0) {
                return formula;
            }
        }
        for (List<Symbol> product : products) {
            Formula formula = line(product, values);
            if (formula != null) {
                return formula;
            }
        }
        for (Symbol symbol : symbols.values()) {
            Formula formula = part(symbol, values);
            if (formula != null) {
                return formula;
            }
        }
        return productOfOthers(values);
    }

    /** The product of two extents that formulas tell, such as the rows and columns of windows. */
    private @Nullable Formula productOfOthers(long... values) {
        List<List<Long>> all = List.copyOf(others.keySet());
        for (int i = 0; i < all.size(); i++) {
            for (int j = i; j < all.size(); j++) {
                List<Long> one = all.get(i);
                List<Long> two = all.get(j);
                if (IntStream.range(0, samples).allMatch(s -> one.get(s) * two.get(s) == values[s])) {
                    return new Formula(1, List.of(symbol(one), symbol(two)), 0, 1);
                }
            }
        }
        return null;
    }

    private Symbol symbol(List<Long> values) {
        return Objects.requireNonNull(others.get(values));
    }

    private List<List<Symbol>> products() {
        List<List<Symbol>> all = new ArrayList<>();
        List<List<Symbol>> shorter = List.of(List.of());
        List<Symbol> own = List.copyOf(symbols.values());
        for (int factors = 1; factors <= MOST_FACTORS; factors++) {
            List<List<Symbol>> next = new ArrayList<>();
            for (List<Symbol> product : shorter) {
                int from = product.isEmpty() ? 0 : own.indexOf(product.get(product.size() - 1));
                for (Symbol symbol : own.subList(from, own.size())) {
                    List<Symbol> longer = new ArrayList<>(product);
                    longer.add(symbol);
                    next.add(longer);
                }
            }
            all.addAll(next);
            shorter = next;
        }
        return all;
    }

    /** factor·product + added, which is as simple as can be: with two samples, any number is some such line. */
    private @Nullable Formula line(List<Symbol> product, long... values) {
        long[] of = values(product);
        int other = 1;
        while (other < samples && of[other] == of[0]) {
            other++;
        }
        if (other == samples || (values[other] - values[0]) % (of[other] - of[0]) != 0) {
            return null;
        }
        long factor = (values[other] - values[0]) / (of[other] - of[0]);
        return factor < 1 ? null : checked(new Formula(factor, product, values[0] - factor * of[0], 1), values);
    }

    /** A part, else some parts, as of an image that becomes 1.5 times as high. */
    private @Nullable Formula part(Symbol symbol, long... values) {
        for (int factor = 1; factor <= MOST_PARTS; factor++) {
            for (int divisor = 2; divisor <= (factor == 1 ? MOST_DIVISOR : MOST_PARTS); divisor++) {
                for (int added = 0; added < divisor; added++) {
                    Formula formula = checked(new Formula(factor, List.of(symbol), added, divisor), values);
                    if (formula != null) {
                        return formula;
                    }
                }
            }
        }
        return null;
    }

    private @Nullable Formula checked(Formula formula, long... values) {
        for (int s = 0; s < samples; s++) {
            int sample = s;
            if (formula.at(symbol -> value(symbol, sample)) != values[s]) {
                return null;
            }
        }
        return formula;
    }

    private long value(Symbol symbol, int sample) {
        return symbols.entrySet().stream()
                .filter(e -> e.getValue().equals(symbol))
                .findFirst()
                .orElseThrow()
                .getKey()
                .get(sample);
    }

    private long[] values(List<Symbol> product) {
        long[] of = new long[samples];
        for (int s = 0; s < samples; s++) {
            int sample = s;
            of[s] = product.stream().mapToLong(symbol -> value(symbol, sample)).reduce(1, Math::multiplyExact);
        }
        return of;
    }

    /** The quotient of two whole numbers, exactly as Java divides them: in lowest terms, else of some that formulas tell. */
    private @Nullable String quotient(double... values) {
        long[] above = new long[samples];
        long[] below = new long[samples];
        for (int s = 0; s < samples; s++) {
            long[] fraction = Fraction.of(values[s]);
            above[s] = fraction[0];
            below[s] = fraction[1];
        }
        String lowest = quotient(above, below, values);
        if (lowest != null) {
            return lowest;
        }
        for (List<Symbol> product : products()) {
            long[] of = values(product);
            Arrays.setAll(above, s -> Math.round(values[s] * of[s]));
            String found = quotient(above, of, values);
            if (found != null) {
                return found;
            }
        }
        return null;
    }

    private @Nullable String quotient(long[] above, long[] below, double... values) {
        for (int s = 0; s < samples; s++) {
            if (below[s] == 0 || Double.compare((double) above[s] / below[s], values[s]) != 0) {
                return null;
            }
        }
        Formula over = formula(above);
        Formula under = formula(below);
        return over == null || under == null ? null : "{" + over + ":" + under + "}";
    }
}
