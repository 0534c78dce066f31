package dev.fluxion.ir.open;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;

/**
 * A whole number that follows from extents: {@code (factor·product + added) / divisor}, rounded down, as {@code (2*e0*n3.1-1)/4}. Of a
 * product, {@code e0} is the number of samples, {@code e1}, {@code e2} … are the extents that have names, and {@code n3.1} is the extent
 * of what node 3 makes along axis 1.
 *
 * @param factor a number, at least 1
 * @param product what is multiplied
 * @param added what is added
 * @param divisor a number, at least 1
 */
record Formula(long factor, List<Symbol> product, long added, long divisor) {
    private static final int MOST = 8;

    Formula {
        product = List.copyOf(product);
    }

    /**
     * What a formula is made of.
     *
     * @param node the number of a node; −1 for an extent
     * @param index the axis, or the number of the extent
     */
    record Symbol(int node, int index) {
        @Override
        public String toString() {
            return node < 0 ? "e" + index : "n" + node + "." + index;
        }
    }

    /** Knows the extents. */
    interface Extents {
        /**
         * The value of a symbol.
         *
         * @throws IllegalArgumentException if there is no such extent, node or axis
         */
        long of(Symbol symbol);
    }

    static Formula of(Symbol only) {
        return new Formula(1, List.of(only), 0, 1);
    }

    static Formula fixed(long number) {
        return new Formula(1, List.of(), number - 1, 1);
    }

    /**
     * The number.
     *
     * @throws IllegalArgumentException if it, or what it is made of, is beyond 64 bits
     */
    long at(Extents extents) {
        try {
            long value = factor;
            for (Symbol symbol : product) {
                value = Math.multiplyExact(value, extents.of(symbol));
            }
            return Math.floorDiv(Math.addExact(value, added), divisor);
        } catch (ArithmeticException e) {
            throw new IllegalArgumentException(Errors.overflow(this), e);
        }
    }

    @Override
    public String toString() {
        if (product.isEmpty()) {
            return Long.toString(Math.floorDiv(factor + added, divisor));
        }
        String text = (factor == 1 ? "" : factor + "*")
                + product.stream().map(Symbol::toString).collect(Collectors.joining("*"))
                + (added == 0 ? "" : (added > 0 ? "+" : "") + added);
        return divisor == 1 ? text : "(" + text + ")/" + divisor;
    }

    /**
     * What {@link #toString} wrote.
     *
     * @throws IllegalArgumentException if it is something else
     */
    static Formula parse(String text) {
        Reader reader = new Reader(text);
        boolean divided = reader.accept('(');
        Formula sum = reader.sum();
        if (divided) {
            reader.expect(')');
            reader.expect('/');
            sum = new Formula(sum.factor, sum.product, sum.added, reader.positive());
        }
        reader.end();
        return sum;
    }

    private static final class Reader {
        private final String text;
        private int at;

        Reader(String text) {
            this.text = text;
        }

        Formula sum() {
            if (text.indexOf('e') < 0 && text.indexOf('n') < 0) {
                return fixed(accept('-') ? -positive() : positive());
            }
            long factor = 1;
            List<Symbol> product = new ArrayList<>();
            if (Character.isDigit(peek())) {
                factor = positive();
                expect('*');
            }
            do {
                product.add(symbol());
            } while (product.size() < MOST && accept('*'));
            long added = accept('+') ? positive() : accept('-') ? -positive() : 0;
            return new Formula(factor, product, added, 1);
        }

        private Symbol symbol() {
            if (accept('e')) {
                return new Symbol(-1, index());
            }
            expect('n');
            int node = index();
            expect('.');
            return new Symbol(node, index());
        }

        private int index() {
            long number = digits();
            if (number > Integer.MAX_VALUE) {
                throw wrong();
            }
            return (int) number;
        }

        private long positive() {
            long number = digits();
            if (number < 1) {
                throw wrong();
            }
            return number;
        }

        private long digits() {
            int from = at;
            while (peek() >= '0' && peek() <= '9') {
                at++;
            }
            try {
                return Long.parseLong(text.substring(from, at));
            } catch (NumberFormatException e) {
                throw wrong();
            }
        }

        private char peek() {
            return at < text.length() ? text.charAt(at) : 0;
        }

        boolean accept(char c) {
            boolean there = peek() == c;
            at += there ? 1 : 0;
            return there;
        }

        void expect(char c) {
            if (!accept(c)) {
                throw wrong();
            }
        }

        void end() {
            if (at < text.length()) {
                throw wrong();
            }
        }

        private IllegalArgumentException wrong() {
            return new IllegalArgumentException(Errors.notFormula(text));
        }
    }
}
