package dev.fluxion.dsl.layer;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/** The page of layers names all of them, and options that exist. */
class LayersPageTest {
    private static final Pattern ROW = Pattern.compile("(?m)^\\| .+? \\| (.+) \\|$");
    private static final Pattern CODE = Pattern.compile("`(\\w+)(\\([^`]*\\))?`(: )?");

    private final String page = Files.readString(Path.of("LAYERS.md"));

    LayersPageTest() throws IOException {}

    private static TreeSet<String> names(Class<?> type) {
        return Arrays.stream(type.getDeclaredMethods())
                .filter(method -> Modifier.isPublic(method.getModifiers()))
                .map(Method::getName)
                .collect(Collectors.toCollection(TreeSet::new));
    }

    @Test
    void everyLayerIsOnThePage() {
        assertThat(names(Layers.class)).hasSizeGreaterThan(30).allSatisfy(name -> assertThat(page)
                .containsPattern("\\b" + name + "\\("));
    }

    /** The list was recorded by {@code record_layer_names.py}. */
    @Test
    void everyModuleOfPyTorchIsOnAPage() throws IOException {
        String losses = Files.readString(Path.of("LOSSES.md"));
        Set<String> words = new HashSet<>(List.of((page + losses).split("\\W+", -1)));
        assertThat(Recorded.lines("torch_nn.txt")).hasSizeGreaterThan(160).allSatisfy(name -> assertThat(words)
                .contains(name));
    }

    @Test
    void everyOptionOfARowIsOneOfItsLayers() {
        TreeSet<String> factories = names(Layers.class);
        ROW.matcher(page).results().skip(1).map(row -> row.group(1)).forEach(row -> {
            TreeSet<String> options = new TreeSet<>();
            for (MatchResult code : CODE.matcher(row).results().toList()) {
                String name = code.group(1);
                if (factories.contains(name)) {
                    Arrays.stream(Layers.class.getDeclaredMethods())
                            .filter(method -> method.getName().equals(name))
                            .forEach(method -> options.addAll(names(method.getReturnType())));
                } else if (code.group(2) == null) {
                    assertThat(options).as(row).contains(name);
                }
            }
        });
    }
}
