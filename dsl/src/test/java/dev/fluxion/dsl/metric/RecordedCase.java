package dev.fluxion.dsl.metric;

import dev.fluxion.Metric;
import dev.fluxion.Scope;
import dev.fluxion.Tally;
import dev.fluxion.Tensor;
import dev.fluxion.Tensors;
import dev.fluxion.ir.Shape;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/** Outputs and targets, maybe weights, and what other libraries measure of them, as {@code record_metrics.py} recorded it. */
record RecordedCase(String name, Tensor outputs, Tensors targets, List<Line> lines) {
    private static final String WEIGHTS = "weights";

    /** A metric as it is written, whose value it is, and the values, of each class if there are several. */
    record Line(String metric, String library, double[] values) {}

    static List<RecordedCase> all() {
        List<RecordedCase> cases = new ArrayList<>();
        String name = "";
        Tensor outputs = Tensor.zeros(0);
        for (String line : text().lines().toList()) {
            String[] words = line.split(" ");
            switch (words[0]) {
                case "case" -> name = line.substring("case ".length());
                case "outputs" -> outputs = tensor(words);
                case "targets" ->
                    cases.add(new RecordedCase(name, outputs, Tensors.of("targets", tensor(words)), new ArrayList<>()));
                case WEIGHTS -> {
                    RecordedCase last = cases.remove(cases.size() - 1);
                    cases.add(new RecordedCase(
                            name, outputs, last.targets.with(WEIGHTS, tensor(words)), new ArrayList<>()));
                }
                case "value" ->
                    cases.get(cases.size() - 1)
                            .lines
                            .add(new Line(
                                    words[1],
                                    words[2],
                                    Arrays.stream(words)
                                            .skip(3)
                                            .mapToDouble(Double::parseDouble)
                                            .toArray()));
                default -> {}
            }
        }
        return cases;
    }

    private static String text() {
        try (InputStream in = RecordedCase.class.getResourceAsStream("metrics.txt")) {
            return new String(Objects.requireNonNull(in).readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static Tensor tensor(String[] words) {
        Shape shape = Shape.of(
                Arrays.stream(words[2].split("x")).mapToInt(Integer::parseInt).toArray());
        if (words[1].equals("ints")) {
            return Tensor.of(
                    Arrays.stream(words).skip(3).mapToInt(Integer::parseInt).toArray(), shape);
        }
        float[] floats = new float[words.length - 3];
        for (int i = 0; i < floats.length; i++) {
            floats[i] = Float.parseFloat(words[i + 3]);
        }
        return Tensor.of(floats, shape);
    }

    /** A metric, which takes the weights if there are some. */
    Metric measure(Metric metric) {
        return targets.names().contains(WEIGHTS) ? metric.weighted(WEIGHTS) : metric;
    }

    /** The values of all samples, added in batches of a size. */
    double[] measured(Metric metric, int batch) {
        Tally tally = metric.start();
        add(tally, batch);
        return values(metric, tally);
    }

    void add(Tally tally, int batch) {
        int samples = outputs.shape().dim(0);
        for (int from = 0; from < samples; from += batch) {
            int to = Math.min(from + batch, samples);
            add(tally, from, to);
        }
    }

    private void add(Tally tally, int from, int to) {
        tally.add(Tensors.of(Scope.RESULT, outputs.rows(from, to)), targets.map(t -> t.rows(from, to)));
    }

    /** The values, where every third sample has a tally of its own and these are merged from the last to the first. */
    double[] merged(Metric metric, Supplier<Tally> start) {
        List<Tally> parts = IntStream.range(0, 3).mapToObj(i -> start.get()).collect(Collectors.toList());
        for (int i = outputs.shape().dim(0) - 1; i >= 0; i--) {
            add(parts.get(i % 3), i, i + 1);
        }
        Tally whole = start.get();
        for (int i = 2; i >= 0; i--) {
            whole.merge(parts.get(i));
        }
        return values(metric, whole);
    }

    private static double[] values(Metric metric, Tally tally) {
        return tally.values(metric.name()).values().stream().mapToDouble(x -> x).toArray();
    }
}
