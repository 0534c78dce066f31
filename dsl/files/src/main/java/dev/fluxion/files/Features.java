package dev.fluxion.files;

import dev.fluxion.Tensor;
import dev.fluxion.data.DataFileException;
import dev.fluxion.data.Dataset;
import dev.fluxion.dsl.layer.Scaler;
import dev.fluxion.dsl.train.ModelCard;
import dev.fluxion.ir.Given;
import java.io.StringReader;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.DoubleSummaryStatistics;
import java.util.List;
import java.util.Objects;
import java.util.stream.Collectors;

/**
 * How rows of a table become features N×F, as {@link Columns#fit} learnt it. The model gets numbers as they are, its first layer is the
 * {@link #scaler()}, and its {@link #card()} has the rest: a program that has the model's file alone makes features with {@link
 * #of(ModelCard)}. It is immutable.
 */
public final class Features {
    private static final String FEATURES = "features";
    private static final String NUMBER = "number";
    private static final String CATEGORY = "category";
    private static final String LABEL = "label";
    private static final String TARGET = "target";
    private static final String IS_MISSING = " is missing";
    private static final Path CARD = Path.of("card");
    /** The part of a column's range by which a number may differ from the float nearest to it. */
    private static final double MOST_ROUNDING = 0.01;

    private final List<Numeric> numbers;
    private final List<Category> categories;
    private final String target;
    private final List<String> classes;

    /** A column of numbers, what is in place of missing ones, and whether a feature tells that they are. */
    record Numeric(String name, float mean, float deviation, boolean missing) {
        static Numeric fit(Table train, String name) {
            List<Float> present = new ArrayList<>();
            DoubleSummaryStatistics exact = new DoubleSummaryStatistics();
            double rounding = 0;
            for (int i = 0; i < train.size(); i++) {
                Double x = train.number(i, name);
                if (x != null) {
                    present.add(x.floatValue());
                    exact.accept(x);
                    rounding = Math.max(rounding, Math.abs(x - x.floatValue()));
                }
            }
            if (present.isEmpty()) {
                throw new IllegalArgumentException(Errors.noValues(name));
            }
            if (rounding > MOST_ROUNDING * (exact.getMax() - exact.getMin()) && exact.getMax() > exact.getMin()) {
                throw new IllegalArgumentException(Errors.narrow(name, exact.getMin(), exact.getMax()));
            }
            Tensor column = Tensor.zeros(present.size(), 1);
            Arrays.setAll(new int[present.size()], i -> {
                column.floats()[i] = present.get(i);
                return i;
            });
            Scaler scaler = Scaler.fit(column);
            return new Numeric(
                    name, scaler.mean().floats()[0], scaler.deviation().floats()[0], present.size() < train.size());
        }

        int width() {
            return missing ? 2 : 1;
        }
    }

    /** A column of categories and their values; {@code ""} for missing ones. */
    record Category(String name, List<String> values) {}

    Features(List<Numeric> numbers, List<Category> categories, String target, List<String> classes) {
        this.numbers = numbers;
        this.categories = categories;
        this.target = target;
        this.classes = classes;
    }

    /** The number of features. */
    public int width() {
        return numbers.stream().mapToInt(Numeric::width).sum()
                + categories.stream().mapToInt(c -> c.values.size()).sum();
    }

    /** What each feature is, as {@code age}, {@code age is missing}, {@code port is missing} and {@code port=Southampton}. */
    public List<String> names() {
        List<String> names = new ArrayList<>();
        for (Numeric number : numbers) {
            names.add(number.name);
            if (number.missing) {
                names.add(number.name + IS_MISSING);
            }
        }
        for (Category category : categories) {
            category.values.forEach(value -> names.add(category.name + (value.isEmpty() ? IS_MISSING : "=" + value)));
        }
        return names;
    }

    /** The names of the classes, in their order; none if the target is a number. */
    public List<String> classes() {
        return classes;
    }

    /** The first layer of a model: it makes numbers comparable, and leaves the other features as they are. */
    public Scaler scaler() {
        Tensor mean = Tensor.zeros(width());
        Tensor deviation = Tensor.full(1, width());
        int at = 0;
        for (Numeric number : numbers) {
            mean.floats()[at] = number.mean;
            deviation.floats()[at] = number.deviation;
            at += number.width();
        }
        return new Scaler(mean, deviation);
    }

    /**
     * The features of rows, for predictions. A category that the training rows did not have is none: all of its features are 0.
     *
     * @throws IllegalArgumentException if there are no rows, a column is not in the table, or a cell is no number
     */
    public Tensor inputs(Table table) {
        if (Given.require("inputs", "the table", table).size() == 0) {
            throw new IllegalArgumentException(Errors.noRows());
        }
        Tensor inputs = Tensor.zeros(table.size(), width());
        for (int row = 0; row < table.size(); row++) {
            fill(table, row, inputs.floats(), row * width());
        }
        return inputs;
    }

    private void fill(Table table, int row, float[] to, int from) {
        int at = from;
        for (Numeric number : numbers) {
            Double x = table.number(row, number.name);
            to[at] = x == null ? number.mean : x.floatValue();
            if (number.missing && x == null) {
                to[at + 1] = 1;
            }
            at += number.width();
        }
        for (Category category : categories) {
            String cell = table.at(row, category.name);
            int value = category.values.indexOf(cell == null ? "" : cell);
            if (value >= 0) {
                to[at + value] = 1;
            }
            at += category.values.size();
        }
    }

    /**
     * Rows with their targets: labels N, or numbers N×1.
     *
     * @throws IllegalArgumentException as {@link #inputs} does, or if there is no target, a row lacks it, or has a class that the training
     *     rows did not have
     */
    public Dataset dataset(Table table) {
        if (target.isEmpty()) {
            throw new IllegalArgumentException(Errors.noTarget());
        }
        return Dataset.of(inputs(table), targets(table));
    }

    private Tensor targets(Table table) {
        int[] labels = new int[table.size()];
        Tensor numbersToPredict = Tensor.zeros(table.size(), 1);
        for (int row = 0; row < table.size(); row++) {
            String cell = table.at(row, target);
            if (cell == null) {
                throw new IllegalArgumentException(Errors.missingTarget(table.place(row), target));
            }
            if (classes.isEmpty()) {
                numbersToPredict.floats()[row] =
                        Objects.requireNonNull(table.number(row, target)).floatValue();
            } else {
                labels[row] = classes.indexOf(cell);
                if (labels[row] < 0) {
                    throw new IllegalArgumentException(Errors.otherClass(table.place(row), target, cell, classes));
                }
            }
        }
        return classes.isEmpty() ? numbersToPredict : Tensor.labels(labels);
    }

    /** A card with the names of classes and what there is to know of the columns. */
    public ModelCard card() {
        List<List<String>> lines = new ArrayList<>();
        numbers.forEach(n -> lines.add(List.of(
                NUMBER, n.name, Float.toString(n.mean), Float.toString(n.deviation), Boolean.toString(n.missing))));
        categories.forEach(c -> lines.add(line(CATEGORY, c.name, c.values)));
        if (!target.isEmpty()) {
            lines.add(classes.isEmpty() ? List.of(TARGET, target) : line(LABEL, target, classes));
        }
        String text = lines.stream()
                .map(line -> line.stream().map(Features::quoted).collect(Collectors.joining(",")))
                .collect(Collectors.joining("\n"));
        return ModelCard.of().classNames(classes.toArray(String[]::new)).text(FEATURES, text);
    }

    private static List<String> line(String kind, String name, List<String> values) {
        List<String> line = new ArrayList<>(List.of(kind, name));
        line.addAll(values);
        return line;
    }

    private static String quoted(String field) {
        return '"' + field.replace("\"", "\"\"") + '"';
    }

    /**
     * The features of a model, from its card.
     *
     * @throws IllegalArgumentException if the card tells of none, or not as {@link #card()} writes it
     */
    public static Features of(ModelCard card) {
        String text = Given.require("Features", "the card", card).texts().get(FEATURES);
        if (text == null) {
            throw new IllegalArgumentException(Errors.noFeaturesInCard());
        }
        List<Numeric> numbers = new ArrayList<>();
        List<Category> categories = new ArrayList<>();
        String target = "";
        List<String> classes = List.of();
        try {
            CsvReader lines = new CsvReader(CARD, new StringReader(text), ',');
            for (List<String> line = lines.record(); line != null; line = lines.record()) {
                List<String> rest = line.subList(Math.min(2, line.size()), line.size());
                switch (line.get(0)) {
                    case NUMBER ->
                        numbers.add(new Numeric(
                                line.get(1),
                                Float.parseFloat(line.get(2)),
                                Float.parseFloat(line.get(3)),
                                Boolean.parseBoolean(line.get(4))));
                    case CATEGORY -> categories.add(new Category(line.get(1), List.copyOf(rest)));
                    case LABEL -> {
                        target = line.get(1);
                        classes = List.copyOf(rest);
                    }
                    case TARGET -> target = line.get(1);
                    default -> throw new IllegalArgumentException(Errors.badCard(text));
                }
            }
        } catch (DataFileException | IndexOutOfBoundsException | NumberFormatException e) {
            throw new IllegalArgumentException(Errors.badCard(text), e);
        }
        return new Features(List.copyOf(numbers), List.copyOf(categories), target, classes);
    }

    /** The names of the features. */
    @Override
    public String toString() {
        return "features " + names();
    }
}
