package dev.fluxion.dsl;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fluxion.dsl.loss.Losses;
import dev.fluxion.engine.Program;
import dev.fluxion.ir.Expr;
import java.io.IOException;
import java.lang.reflect.Modifier;
import java.net.URISyntaxException;
import java.nio.file.FileSystem;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
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
                for (Class<?> type : publicTypes(module.getKey(), "dev.fluxion" + room)) {
                    rooms.computeIfAbsent(type.getSimpleName(), name -> new ArrayList<>())
                            .add(type.getPackageName());
                }
            }
        }
        assertThat(rooms).containsKeys("Tensor", "Model", "Program", "SafeTensors");
        rooms.values().removeIf(all -> all.size() == 1);
        assertThat(rooms).isEmpty();
    }

    private static List<Class<?>> publicTypes(Class<?> neighbour, String room)
            throws IOException, URISyntaxException, ClassNotFoundException {
        Path root = Path.of(
                neighbour.getProtectionDomain().getCodeSource().getLocation().toURI());
        if (Files.isDirectory(root)) {
            return publicTypes(root, room);
        }
        try (FileSystem jar = FileSystems.newFileSystem(root)) {
            return publicTypes(jar.getPath("/"), room);
        }
    }

    private static List<Class<?>> publicTypes(Path root, String room) throws IOException, ClassNotFoundException {
        List<Class<?>> types = new ArrayList<>();
        try (Stream<Path> files = Files.list(root.resolve(room.replace('.', '/')))) {
            for (Path file : files.toList()) {
                String name = file.getFileName().toString();
                if (name.endsWith(".class") && !name.contains("$") && !name.contains("-")) {
                    Class<?> type = Class.forName(room + "." + name.replace(".class", ""));
                    if (Modifier.isPublic(type.getModifiers())) {
                        types.add(type);
                    }
                }
            }
        }
        return types;
    }
}
