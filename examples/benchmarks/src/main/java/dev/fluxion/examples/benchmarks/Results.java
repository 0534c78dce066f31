package dev.fluxion.examples.benchmarks;

import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * What was measured, as it is stored.
 *
 * @param machine where
 * @param setting how
 * @param rows a row per cell and number of threads
 * @param memory the peak of resident memory while training, in kilobytes, by name
 * @param startUp the time from the start of the JVM to its first prediction, in microseconds, by name
 */
record Results(
        Machine machine, Setting setting, List<Row> rows, Map<String, Long> memory, Map<String, Samples> startUp) {
    /**
     * How it was measured.
     *
     * @param rounds how often all took their turn
     * @param seconds how long a turn was
     */
    record Setting(int rounds, double seconds) {}

    /**
     * A cell with the times that libraries took.
     *
     * @param cell the cell
     * @param threads native threads
     * @param error why there are no times, empty if there are
     * @param entries by name
     */
    record Row(Cell cell, int threads, String error, Map<String, Entry> entries) {
        /** Fluxion's times, if it has any. */
        Optional<Samples> fluxion() {
            return Optional.ofNullable(entries.get(Peer.FLUXION.title()))
                    .filter(Entry::measured)
                    .map(Entry::summary);
        }

        /** The shortest median of the others. */
        Optional<Map.Entry<String, Entry>> best() {
            return entries.entrySet().stream()
                    .filter(e -> !e.getKey().equals(Peer.FLUXION.title())
                            && !e.getKey().equals(Yardstick.NAME))
                    .filter(e -> e.getValue().measured())
                    .min(Comparator.comparingDouble(e -> e.getValue().summary().median()));
        }

        /** How many times faster than the best of the others Fluxion is; 0 if that is not known. */
        @JsonProperty(access = JsonProperty.Access.READ_ONLY)
        double ratio() {
            return fluxion()
                    .flatMap(own -> best().map(e -> e.getValue().summary().median() / own.median()))
                    .orElse(0.0);
        }
    }

    /**
     * The times of a library in a cell.
     *
     * @param rounds a summary of each turn
     * @param error why there are none, empty if there are
     */
    record Entry(List<Samples> rounds, String error) {
        boolean measured() {
            return !rounds.isEmpty();
        }

        /** All rounds as one; of no rounds, zeros. */
        @JsonProperty(access = JsonProperty.Access.READ_ONLY)
        Samples summary() {
            return rounds.isEmpty() ? Samples.of(0) : Samples.ofRounds(rounds);
        }
    }

    /** Writes all as JSON, with medians, spreads and ratios beside what they follow from. */
    void write(Path file) throws IOException {
        Files.createDirectories(file.toAbsolutePath().getParent());
        mapper().writeValue(file.toFile(), this);
    }

    /** Reads what {@link #write} wrote. */
    static Results read(Path file) throws IOException {
        return mapper().readValue(file.toFile(), Results.class);
    }

    private static ObjectMapper mapper() {
        return new ObjectMapper()
                .enable(SerializationFeature.INDENT_OUTPUT)
                .disable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES);
    }
}
