package dev.fluxion.engine.rule;

import dev.fluxion.engine.partition.Readers;
import dev.fluxion.ir.Contraction;
import dev.fluxion.ir.Elementwise;
import dev.fluxion.ir.Expr;
import dev.fluxion.ir.Graph;
import dev.fluxion.ir.Op;
import dev.fluxion.ir.Pooling;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** Which values a convolution may put its result in the place of, when it adds them to it. */
final class Overwritten {
    private Overwritten() {}

    /**
     * Whether nobody wants what is added any more when the convolution begins: whoever else reads it makes something that the
     * convolution needs, before it, and not what it reads itself.
     */
    static boolean isLastRead(Expr addend, Candidate c, Readers readers) {
        if (readers.isKept(addend) || !makes(addend.op()) || !readers.isAtOnce(addend, c.root())) {
            return false;
        }
        List<Expr> others = new ArrayList<>(readers.of(addend));
        others.remove(sum(addend, c, readers));
        Set<Expr> before = others.isEmpty() ? Set.of() : new HashSet<>(Graph.topological(List.of(c.core())));
        return others.stream()
                .allMatch(reader -> makes(reader.op())
                        && before.contains(reader)
                        && !c.covers().contains(reader)
                        && readers.isAtOnce(reader, c.root()));
    }

    /** The node that adds the value to what the convolution makes. */
    private static Expr sum(Expr addend, Candidate c, Readers readers) {
        return readers.of(addend).stream()
                .filter(reader -> c.covers().contains(reader) && reader.op() instanceof Elementwise)
                .findFirst()
                .orElseThrow();
    }

    /** Whether the value of an operator is no view of its operands, and is made when it is read. */
    private static boolean makes(Op op) {
        return op instanceof Contraction || op instanceof Elementwise || op instanceof Pooling;
    }
}
