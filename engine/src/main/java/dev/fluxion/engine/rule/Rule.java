package dev.fluxion.engine.rule;

import dev.fluxion.engine.emit.Facts;
import dev.fluxion.ffi.Layout;
import dev.fluxion.ir.Expr;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;
import java.util.stream.Collectors;

/** A form in which a kernel computes some nodes of a graph. It is a value: whether it holds follows from the graph alone. */
public interface Rule {
    /** The name by which it is switched off. */
    String name();

    /** How this form computes a candidate; empty if it does not, or another form is measured to be faster. */
    Optional<Match> match(Candidate candidate, Facts facts);

    /** A value in a layout. */
    record Laid(Expr value, Layout layout) {
        @Override
        public String toString() {
            return value.op() + " " + layout;
        }
    }

    /** Makes the steps of a match. */
    interface Emission {
        void emit(Emitters to);
    }

    /**
     * A form that holds for a candidate.
     *
     * @param rule the name of the rule
     * @param candidate the nodes that are computed
     * @param reads the values that are read; operands whose layout does not matter are read as they lie, and are not among them
     * @param makes the values that are made
     * @param meanings says what they are, in plain operators over operands of the candidate
     * @param emission makes the steps
     */
    record Match(
            String rule,
            Candidate candidate,
            List<Laid> reads,
            List<Laid> makes,
            Supplier<List<Expr>> meanings,
            Emission emission) {
        @Override
        public String toString() {
            return String.format(
                    "%-14s %s: %s -> %s%s", rule, candidate.operator(), text(reads), text(makes), origin());
        }

        private static String text(List<Laid> values) {
            return values.stream().map(Laid::toString).collect(Collectors.joining(", "));
        }

        private String origin() {
            String origin = candidate.root().origin();
            return origin.isEmpty() ? "" : "  # " + origin;
        }
    }
}
