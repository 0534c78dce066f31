package dev.fluxion.examples.benchmarks;

import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.annotation.JsonSetter;
import com.fasterxml.jackson.annotation.Nulls;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Comparator;
import java.util.DoubleSummaryStatistics;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * What was measured, as it is stored.
 *
 * @param machine where
 * @param setting how
 * @param rows a row per cell and number of threads
 * @param memory the peak of resident memory while training, in kilobytes, by name
 * @param startUp the time from the start of the JVM to its first prediction, in microseconds, by name
 * @param failures why memory or start-up of a library is missing, a sentence each
 */
record Results(
        Machine machine,
        Setting setting,
        List<Row> rows,
        Map<String, Long> memory,
        Map<String, Samples> startUp,
        List<String> failures) {
    /**
     * How it was measured.
     *
     * @param rounds how often all took their turn
     * @param seconds how long a turn was
     * @param timeout how many seconds a library had to answer
     */
    record Setting(int rounds, double seconds, double timeout) {
        /** The length of a turn. */
        long millis() {
            return Math.round(seconds * 1000);
        }
    }

    /**
     * A cell with the times that libraries took.
     *
     * @param cell the cell
     * @param threads native threads
     * @param error why there are no times, empty if there are
     * @param entries by name
     */
    record Row(Cell cell, int threads, String error, Map<String, Entry> entries) {
        /** Turns on a quiet machine lie closer together. */
        private static final double CALM = 1.2;

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

        /** Why libraries have no times that could have some, a sentence each. */
        List<String> failures() {
            Stream<String> row =
                    Stream.of(error).filter(text -> !text.isEmpty()).map(text -> cell + ": " + text);
            Stream<String> libraries = Arrays.stream(Peer.values())
                    .filter(peer -> peer.does(cell.mode()))
                    .flatMap(peer -> Stream.ofNullable(entries.get(peer.title()))
                            .filter(entry -> !entry.error().isEmpty())
                            .map(entry -> cell + ": " + peer.title() + ": " + entry.error()));
            return Stream.concat(row, libraries).toList();
        }

        /** How far apart the turns of Fluxion, or of the best of the others, lie: the longest median by the shortest. */
        double unrest() {
            return Stream.concat(
                            Stream.ofNullable(entries.get(Peer.FLUXION.title())),
                            best().map(Map.Entry::getValue).stream())
                    .mapToDouble(Entry::unrest)
                    .max()
                    .orElse(1);
        }

        /** Whether something else seems to have slowed some turns down. */
        boolean disturbed() {
            return unrest() > CALM;
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

        private double unrest() {
            DoubleSummaryStatistics medians =
                    rounds.stream().mapToDouble(Samples::median).summaryStatistics();
            return rounds.isEmpty() || medians.getMin() == 0 ? 1 : medians.getMax() / medians.getMin();
        }

        /** Whether the library did not answer in time. */
        boolean timedOut() {
            return error.startsWith(Errors.TIMED_OUT);
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

    /**
     * Reads what {@link #write} wrote.
     *
     * @throws IOException if there is no such file or something else is in it; the message tells
     */
    static Results read(Path file) throws IOException {
        if (!Files.isRegularFile(file)) {
            throw new IOException(Errors.noFile(file));
        }
        try {
            Results results = mapper().readValue(file.toFile(), Results.class);
            if (results == null) {
                throw new IOException(Errors.notResults(file, 1, "null"));
            }
            return results;
        } catch (JsonProcessingException e) {
            String problem = e.getOriginalMessage().lines().findFirst().orElse("");
            long line = e.getLocation() == null ? 0 : e.getLocation().getLineNr();
            throw new IOException(Errors.notResults(file, line, problem), e);
        }
    }

    /** Ratios and medians are written for others and not read; what is missing is an error, not null. */
    private static ObjectMapper mapper() {
        return new ObjectMapper()
                .enable(SerializationFeature.INDENT_OUTPUT)
                .enable(DeserializationFeature.FAIL_ON_MISSING_CREATOR_PROPERTIES)
                .enable(DeserializationFeature.FAIL_ON_NULL_CREATOR_PROPERTIES)
                .setDefaultSetterInfo(JsonSetter.Value.forContentNulls(Nulls.FAIL))
                .disable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES);
    }
}
