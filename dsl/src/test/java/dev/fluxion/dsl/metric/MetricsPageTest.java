package dev.fluxion.dsl.metric;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fluxion.dsl.Factories;
import dev.fluxion.dsl.train.Metrics;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/** METRICS.md names every metric beside the ones of other libraries that it was compared with. */
class MetricsPageTest {
    private static final Pattern ROW = Pattern.compile("(?m)^\\| (.*) \\| (.*) \\| `(.*)` \\|$");

    private static final List<RecordedCase> CASES = RecordedCase.all();

    private static List<MatchResult> rows() throws IOException {
        return ROW.matcher(Files.readString(Path.of("METRICS.md"))).results().toList();
    }

    @Test
    void whatIsBesideAMetricWasComparedWithIt() throws IOException {
        List<MatchResult> rows = rows();
        assertThat(rows).hasSizeGreaterThan(25);
        for (MatchResult row : rows) {
            String metric = row.group(3);
            if (!metric.startsWith("ConfusionMatrix")) {
                assertThat(row.group(1).equals("–") || isRecorded(metric, "torchmetrics"))
                        .as(row.group())
                        .isTrue();
                assertThat(row.group(2).equals("–") || isRecorded(metric, "sklearn"))
                        .as(row.group())
                        .isTrue();
            }
        }
    }

    private static boolean isRecorded(String metric, String library) {
        return CASES.stream()
                .flatMap(c -> c.lines().stream())
                .anyMatch(line -> line.metric().equals(metric) && line.library().equals(library));
    }

    @Test
    void everyMetricIsThere() throws IOException {
        Set<String> all = Factories.of(Metrics.class).stream()
                .map(factory -> factory.substring(0, factory.indexOf('(')))
                .filter(factory -> !factory.equals("mean"))
                .collect(Collectors.toCollection(TreeSet::new));
        Set<String> told = rows().stream()
                .map(row -> row.group(3).replaceAll("\\(.*", ""))
                .filter(metric -> !metric.startsWith("ConfusionMatrix"))
                .collect(Collectors.toCollection(TreeSet::new));
        assertThat(told).isEqualTo(all);
    }
}
