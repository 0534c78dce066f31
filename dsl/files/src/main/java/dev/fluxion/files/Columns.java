package dev.fluxion.files;

import dev.fluxion.ir.Given;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What the columns of a table are for: {@code Columns.of().numbers("age", "fare").categories("port").label("survived")}. {@link #fit}
 * learns from the rows to train on what there is to know of them.
 *
 * @param numbers columns of numbers
 * @param categories columns of which each value means something of its own
 * @param target the column to be predicted, or null
 * @param labelled whether the target is a class, not a number
 */
public record Columns(
        List<String> numbers,
        List<String> categories,
        @Nullable String target,
        boolean labelled) {
    private static final String COLUMNS = "Columns";

    /** Checks that no column is named twice. */
    public Columns {
        numbers = List.copyOf(Given.require(COLUMNS, "the numbers", numbers));
        categories = List.copyOf(Given.require(COLUMNS, "the categories", categories));
        List<String> all = new ArrayList<>(numbers);
        all.addAll(categories);
        if (target != null) {
            all.add(target);
        }
        Set<String> different = new HashSet<>();
        for (String name : all) {
            if (!different.add(name)) {
                throw new IllegalArgumentException(Errors.columnTwice(name));
            }
        }
    }

    /** No columns. */
    public static Columns of() {
        return new Columns(List.of(), List.of(), null, false);
    }

    /** These, and columns of numbers. A missing one becomes the mean, and where some are missing one more feature tells that. */
    public Columns numbers(String... names) {
        return new Columns(joined(numbers, Given.all("numbers", "a name", names)), categories, target, labelled);
    }

    /** These, and columns of categories, each of which becomes as many features as it has values, one of which is 1. */
    public Columns categories(String... names) {
        return new Columns(numbers, joined(categories, Given.all("categories", "a name", names)), target, labelled);
    }

    /** These, with a column of classes to be predicted. */
    public Columns label(String name) {
        return new Columns(numbers, categories, Given.require("label", "the name", name), true);
    }

    /** These, with a column of numbers to be predicted. */
    public Columns target(String name) {
        return new Columns(numbers, categories, Given.require("target", "the name", name), false);
    }

    private static List<String> joined(List<String> some, List<String> more) {
        List<String> all = new ArrayList<>(some);
        all.addAll(more);
        return all;
    }

    /**
     * Learns means, deviations, categories and classes.
     *
     * @param train the rows to train on, and no others, so that nothing is known of those to test with
     * @throws IllegalArgumentException if there are no features, a column is not in the table, a cell is no number, or a column has no
     *     values; the message has the line
     */
    public Features fit(Table train) {
        Given.require("fit", "the table", train);
        if (numbers.isEmpty() && categories.isEmpty()) {
            throw new IllegalArgumentException(Errors.noFeatures());
        }
        List<Features.Numeric> numeric =
                numbers.stream().map(name -> Features.Numeric.fit(train, name)).toList();
        List<Features.Category> categorical = categories.stream()
                .map(name -> new Features.Category(name, values(train, name)))
                .toList();
        List<String> classes = target != null && labelled ? values(train, target) : List.of();
        return new Features(numeric, categorical, target == null ? "" : target, classes);
    }

    /** The different values of a column, numbers by size; {@code ""} stands for missing ones, if there are some. */
    private List<String> values(Table train, String name) {
        Set<String> values = new HashSet<>();
        for (int i = 0; i < train.size(); i++) {
            String cell = train.at(i, name);
            if (cell == null && name.equals(target)) {
                throw new IllegalArgumentException(Errors.missingTarget(train.place(i), name));
            }
            values.add(cell == null ? "" : cell);
        }
        if (values.isEmpty()) {
            throw new IllegalArgumentException(Errors.noValues(name));
        }
        return values.stream().sorted(new ByNumber()).toList();
    }
}
