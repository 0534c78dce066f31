package dev.fluxion.dsl;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fluxion.dsl.loss.Losses;
import dev.fluxion.engine.Program;
import dev.fluxion.ir.Expr;
import java.lang.reflect.Modifier;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

/** A program may import all that it needs by wildcards: no two types that it then sees have the same name. */
class TypeNamesTest {
    private static final Map<Class<?>, List<String>> ROOMS = new LinkedHashMap<>(Map.of(
            Expr.class, List.of("", ".check", ".data", ".ir", ".ir.fn", ".ir.open"),
            Program.class, List.of(".engine", ".io"),
            Losses.class, List.of(".dsl.layer", ".dsl.lint", ".dsl.loss", ".dsl.metric", ".dsl.optim", ".dsl.train")));

    @Test
    void typesThatProgramsImportHaveNamesOfTheirOwn() throws Exception {
        Map<String, List<String>> rooms = new TreeMap<>();
        for (Map.Entry<Class<?>, List<String>> module : ROOMS.entrySet()) {
            for (String room : module.getValue()) {
                for (Class<?> type : Rooms.types(module.getKey(), "dev.fluxion" + room)) {
                    if (Modifier.isPublic(type.getModifiers()) && type.getEnclosingClass() == null) {
                        rooms.computeIfAbsent(type.getSimpleName(), name -> new ArrayList<>())
                                .add(type.getPackageName());
                    }
                }
            }
        }
        assertThat(rooms).containsKeys("Tensor", "Model", "Program", "SafeTensors");
        rooms.values().removeIf(all -> all.size() == 1);
        assertThat(rooms).isEmpty();
    }
}
