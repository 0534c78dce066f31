package dev.fluxion.dsl.layer;

import dev.fluxion.Layer;
import dev.fluxion.ir.Shape;
import dev.fluxion.ir.Value;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Stream;

/**
 * What PyTorch computed in double precision: the layer's output {@code y} for its input {@code x} and other named inputs, its last
 * states, and the gradients of Σ y·g, whose names begin with d. Of a layer that changes in training there are two more batches,
 * {@code x1} and {@code x2}, its buffers after these, and what begins with eval, which is of x and these buffers in evaluation.
 *
 * @param name the name of the case
 * @param settings what the script was told
 * @param tensors all tensors by name
 */
record Recorded(String name, Map<String, String> settings, Map<String, Value> tensors) {
    /** The cases of a resource beside the tests. */
    static List<Recorded> read(String resource) {
        return parse(lines(resource));
    }

    /** The random configurations in the file that a property names; none where it is not set. */
    static Stream<Recorded> more(String property) throws IOException {
        String file = System.getProperty(property, "");
        return file.isEmpty() ? Stream.empty() : read(Path.of(file)).stream();
    }

    /** The lines of a resource beside the tests but for comments. */
    static List<String> lines(String resource) {
        try (InputStream in = Objects.requireNonNull(Recorded.class.getResourceAsStream(resource), resource)) {
            return lines(in.readAllBytes());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static List<String> lines(byte[] text) {
        return new String(text, StandardCharsets.US_ASCII)
                .lines()
                .filter(line -> !line.startsWith("#"))
                .toList();
    }

    /** The cases of a file. */
    static List<Recorded> read(Path file) throws IOException {
        return parse(lines(Files.readAllBytes(file)));
    }

    private static List<Recorded> parse(List<String> lines) {
        List<Recorded> all = new ArrayList<>();
        for (String line : lines) {
            String[] words = line.split(" ", -1);
            if (words[0].equals("case")) {
                all.add(new Recorded(line.substring(5), new LinkedHashMap<>(), new LinkedHashMap<>()));
                continue;
            }
            Recorded last = all.get(all.size() - 1);
            if (words[0].equals("settings")) {
                Arrays.stream(words).skip(1).forEach(word -> {
                    String[] pair = word.split("=", -1);
                    last.settings.put(pair[0], pair[1]);
                });
            } else {
                double[] data = Arrays.stream(words)
                        .skip(2)
                        .mapToDouble(Double::parseDouble)
                        .toArray();
                last.tensors.put(words[0], new Value(shape(words[1]), data));
            }
        }
        return all;
    }

    private static Shape shape(String text) {
        return text.equals("scalar") ? Shape.scalar() : Shape.of(dims(text, "x"));
    }

    private static int[] dims(String text, String between) {
        return Arrays.stream(text.split(between, -1))
                .mapToInt(Integer::parseInt)
                .toArray();
    }

    int number(String setting) {
        return Integer.parseInt(text(setting));
    }

    double real(String setting) {
        return Double.parseDouble(text(setting));
    }

    /** Integers with commas between them. */
    int[] numbers(String setting) {
        return dims(text(setting), ",");
    }

    boolean is(String setting) {
        return Boolean.parseBoolean(text(setting));
    }

    String text(String setting) {
        return Objects.requireNonNull(settings.get(setting), setting);
    }

    Value tensor(String key) {
        return Objects.requireNonNull(tensors.get(key), key);
    }

    boolean has(String key) {
        return tensors.containsKey(key);
    }

    /** Whether an input holds integers, as the setting {@code ints} says. */
    boolean holdsIntegers(String input) {
        return List.of(settings.getOrDefault("ints", "").split(",", -1)).contains(input);
    }

    /** Whether parameters begin with vectors that the layer is given, as the setting {@code given} says. */
    boolean isGiven() {
        return Boolean.parseBoolean(settings.getOrDefault("given", "false"));
    }

    /** Requires that the interpreter gives the recorded tensors, within a share of their largest elements. */
    void interpret(Layer layer, double share) {
        new Replay(this, layer).interpret(Tolerance.of(share));
    }

    /** Requires that a compiled program gives the recorded tensors, within a share of their largest elements. */
    void compile(Layer layer, double share) {
        new Replay(this, layer).compile(Tolerance.of(share));
    }
}
