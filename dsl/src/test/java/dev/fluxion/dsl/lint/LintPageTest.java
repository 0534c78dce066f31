package dev.fluxion.dsl.lint;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.lang.reflect.Method;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** The page of findings has a row for each check, in their order, and calls what there is. */
class LintPageTest {
    @Test
    void eachCheckHasARow() throws IOException {
        String page = Files.readString(Path.of("LINT.md"));
        List<String> rows = page.lines()
                .filter(line -> line.startsWith("| `"))
                .map(line -> line.substring(3, line.indexOf('`', 3)))
                .toList();
        assertThat(rows)
                .containsExactlyElementsOf(
                        Arrays.stream(Check.values()).map(Enum::name).toList());
        List<String> methods = Arrays.stream(Lint.class.getDeclaredMethods())
                .map(Method::getName)
                .toList();
        for (Matcher calls = Pattern.compile("Lint\\.(\\w+)\\(\\)\\.?(\\w*)").matcher(page); calls.find(); ) {
            assertThat(methods).contains(calls.group(1));
            assertThat(calls.group(2)).satisfiesAnyOf(none -> assertThat(none).isEmpty(), some -> assertThat(methods)
                    .contains(some));
        }
        for (Matcher named = Pattern.compile("Check\\.([A-Z_]+)").matcher(page); named.find(); ) {
            assertThat(rows).contains(named.group(1));
        }
    }
}
