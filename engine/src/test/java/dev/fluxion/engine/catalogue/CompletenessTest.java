package dev.fluxion.engine.catalogue;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fluxion.ir.BinaryFn;
import dev.fluxion.ir.Elementwise;
import dev.fluxion.ir.Leaf;
import dev.fluxion.ir.Op;
import dev.fluxion.ir.UnaryFn;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class CompletenessTest {
    private final List<Op> seen = OperatorCatalogue.rows().stream()
            .flatMap(row -> row.cases(3))
            .flatMap(c -> c.graph().order().stream())
            .map(e -> e.op())
            .toList();

    /** Carried values have none: only the compiler makes them, of several stages, as SharedStagesTest sees. */
    @Test
    void everyOperatorOfTheLanguageHasARow() {
        Set<String> missing = new TreeSet<>();
        records(Op.class)
                .filter(op -> op != Leaf.Carried.class)
                .map(Class::getName)
                .forEach(missing::add);
        assertThat(missing).hasSizeGreaterThan(30);
        seen.forEach(op -> missing.remove(op.getClass().getName()));
        assertThat(missing).as("operators without a row in OperatorCatalogue").isEmpty();
    }

    @Test
    void everyFunctionHasARow() {
        Set<UnaryFn> unary = new HashSet<>(List.of(UnaryFn.values()));
        Set<BinaryFn> binary = new HashSet<>(List.of(BinaryFn.values()));
        for (Op op : seen) {
            if (op instanceof Elementwise.Unary u) {
                unary.remove(u.fn());
            } else if (op instanceof Elementwise.Binary b) {
                binary.remove(b.fn());
            }
        }
        assertThat(unary).isEmpty();
        assertThat(binary).isEmpty();
    }

    @Test
    void namesAreUnique() {
        assertThat(OperatorCatalogue.rows()).extracting(Row::name).doesNotHaveDuplicates();
    }

    private static Stream<Class<?>> records(Class<?> type) {
        return type.isSealed()
                ? Arrays.stream(type.getPermittedSubclasses()).flatMap(CompletenessTest::records)
                : Stream.of(type);
    }
}
