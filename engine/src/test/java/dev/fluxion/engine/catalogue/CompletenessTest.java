package dev.fluxion.engine.catalogue;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fluxion.ir.BinaryFn;
import dev.fluxion.ir.Elementwise;
import dev.fluxion.ir.Leaf;
import dev.fluxion.ir.Op;
import dev.fluxion.ir.UnaryFn;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class CompletenessTest {
    private static final String PACKAGE = Op.class.getPackageName();

    private final List<Op> seen = OperatorCatalogue.rows().stream()
            .flatMap(row -> row.cases(3))
            .flatMap(c -> c.graph().order().stream())
            .map(e -> e.op())
            .toList();

    /** Carried values have none: only the compiler makes them, of several stages, as SharedStagesTest sees. */
    @Test
    void everyOperatorOfTheLanguageHasARow() throws IOException, ClassNotFoundException {
        Set<String> missing = new TreeSet<>();
        operators().stream()
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

    /** The operators in the sources of the language, those within other types among them. */
    private static List<Class<?>> operators() throws IOException, ClassNotFoundException {
        List<Class<?>> operators = new ArrayList<>();
        try (Stream<Path> sources = Files.list(Path.of("../api/src/main/java", PACKAGE.replace('.', '/')))) {
            for (Path source :
                    sources.filter(file -> file.toString().endsWith(".java")).toList()) {
                String name = source.getFileName().toString().replace(".java", "");
                Class<?> type = name.equals("package-info") ? Op.class : Class.forName(PACKAGE + "." + name);
                Stream.concat(Stream.of(type), Arrays.stream(type.getDeclaredClasses()))
                        .filter(each -> each.isRecord() && Op.class.isAssignableFrom(each))
                        .forEach(operators::add);
            }
        }
        return operators;
    }
}
