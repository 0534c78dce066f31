package dev.fluxion.engine.rule;

import dev.fluxion.engine.emit.Facts;
import dev.fluxion.engine.emit.Lowering;
import dev.fluxion.engine.plan.Buffer;
import dev.fluxion.engine.plan.Step;
import dev.fluxion.engine.plan.TensorLayout;
import dev.fluxion.ffi.Layout;
import dev.fluxion.ir.Contraction;
import dev.fluxion.ir.Expr;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;
import java.util.stream.Collectors;

/** A form in which a kernel computes some nodes of a graph. It is a value: whether it holds follows from the graph alone. */
public interface Rule {
    /** The name by which it is switched off. */
    String name();

    /** Whether its kernels add a value of the result's shape to it, and bring it between bounds. */
    default boolean takesMore() {
        return false;
    }

    /** What this form wants for itself of a node that is no contraction, before layouts are known. */
    default Optional<Candidate> cover(Expr e, Facts facts) {
        return Optional.empty();
    }

    /** How this form computes a candidate; empty if it does not, or another form is measured to be faster. */
    Optional<Match> match(Candidate candidate, Facts facts);

    /** How a kernel in Java computes on row-major values what this form is for, where no form holds; empty for what is another's. */
    default Optional<Match> inJava(Candidate candidate, Facts facts) {
        return Optional.empty();
    }

    /** A value in a layout. */
    record Laid(Expr value, Layout layout) {
        /** A value, row-major. */
        static Laid plain(Expr value) {
            return new Laid(value, TensorLayout.plain(value.shape(), TensorLayout.type(value)));
        }

        @Override
        public String toString() {
            return value.op() + " " + layout;
        }
    }

    /** Makes the steps of a match. */
    interface Emission {
        void emit(Emitters to);
    }

    /** Makes a step of what it reads, in the order of the match, and where it writes. */
    interface Maker {
        Step make(List<Buffer> reads, Buffer to);
    }

    /** Makes a kernel, given where the operands and the result lie. */
    interface Kernel {
        Step.Binder of(List<Buffer> reads, Buffer to);
    }

    /**
     * A form that holds for a candidate.
     *
     * @param rule the name of the rule
     * @param candidate the nodes that are computed
     * @param reads the values that are read
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
        /** The same as another rule's. */
        Match of(Rule other) {
            return new Match(other.name(), candidate, reads, makes, meanings, emission);
        }

        /** A match of one step. */
        static Match step(Rule rule, Candidate c, List<Laid> reads, Layout made, Supplier<Expr> meaning, Maker maker) {
            Laid result = new Laid(c.root(), made);
            return new Match(rule.name(), c, reads, List.of(result), () -> List.of(meaning.get()), to -> {
                Lowering lowering = to.lowering();
                List<Buffer> from = reads.stream()
                        .map(laid -> lowering.value(laid.value(), laid.layout()))
                        .toList();
                Buffer destination = lowering.destination(c.root(), made);
                lowering.emit(c.root(), destination, maker.make(from, destination));
            });
        }

        /** A match of a node by itself. */
        static Match step(Rule rule, Expr e, List<Laid> reads, Layout made, Maker maker) {
            return step(rule, Candidate.alone(e), reads, made, () -> e, maker);
        }

        /** A match of a node by itself that reads and makes row-major values. */
        static Match plain(Rule rule, Expr e, List<Expr> operands, Maker maker) {
            return step(
                    rule,
                    e,
                    operands.stream().map(Laid::plain).toList(),
                    Laid.plain(e).layout(),
                    maker);
        }

        /** The same by a kernel in Java. */
        static Match plain(Rule rule, Expr e, List<Expr> operands, String implementation, Kernel kernel) {
            return plain(
                    rule,
                    e,
                    operands,
                    (reads, to) -> Step.of(e, reads, List.of(to), implementation, kernel.of(reads, to)));
        }

        /** A copy of a value in another layout. */
        static Match copy(Laid from, Laid to) {
            Expr e = from.value();
            return new Match("copy", Candidate.alone(e), List.of(from), List.of(to), () -> List.of(e), emitters -> {
                Lowering lowering = emitters.lowering();
                lowering.copy(e, lowering.value(e, from.layout()), to.layout());
            });
        }

        /** Whether the layouts of operands decide how they are read. */
        boolean isAsLying() {
            return candidate.core().op() instanceof Contraction.MatMul;
        }

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
