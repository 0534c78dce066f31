package dev.fluxion.files;

import dev.fluxion.data.DataFileException;
import dev.fluxion.ir.Given;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.Reader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Rows of named columns, all of which are texts or missing: {@code Table.read(Path.of("houses.csv"))}. {@link Columns} make data sets of
 * them. It is immutable.
 */
public final class Table {
    private static final String TABLE = "Table";
    /** What numbers are made of; Java's have letters behind them, too, as in 7d, which is no number but may be seven days. */
    private static final String OF_NUMBERS = "+-.0123456789eE";

    private static final Set<String> MISSING = Set.of("", "na", "n/a", "nan", "null", "?");

    private final List<String> columns;
    private final List<Row> rows;

    /** The cells of a row, null where one is missing, and where it is, as {@code line 7}. */
    @SuppressWarnings("ArrayRecordComponent")
    private record Row(@Nullable String[] cells, String place) {}

    private Table(List<String> columns, List<Row> rows) {
        this.columns = columns;
        this.rows = rows;
    }

    /**
     * A CSV file in UTF-8 whose first record has the names of the columns; one without a name is called {@code column 1}, if it is the
     * first. Fields with commas, quotes or line ends stand in quotes. Cells that are empty, {@code NA}, {@code N/A}, {@code NaN}, {@code
     * null} or {@code ?} are missing.
     *
     * @throws DataFileException if the file cannot be read, is no UTF-8, or a record has more or fewer fields than the first one; the
     *     message has the line
     */
    public static Table read(Path file) throws DataFileException {
        return read(file, ',');
    }

    /** The same with another character between fields, such as a semicolon or a tab. */
    public static Table read(Path file, char delimiter) throws DataFileException {
        Given.require("read", "the file", file);
        if (delimiter == '"' || delimiter == '\n' || delimiter == '\r') {
            throw new IllegalArgumentException(Errors.badDelimiter(delimiter));
        }
        if (!Files.isRegularFile(file)) {
            throw new DataFileException(file, Files.exists(file) ? Errors.notAFile() : Errors.missing());
        }
        try (BufferedReader in =
                new BufferedReader(Channels.strict(Files.newInputStream(file), StandardCharsets.UTF_8), 1 << 16)) {
            return read(file, in, delimiter);
        } catch (DataFileException e) {
            throw e;
        } catch (IOException e) {
            throw new DataFileException(file, Errors.unreadable(e), e);
        }
    }

    private static Table read(Path file, Reader in, char delimiter) throws DataFileException {
        CsvReader csv = new CsvReader(file, in, delimiter);
        List<String> header = csv.record();
        if (header == null) {
            throw new DataFileException(file, Errors.noHeader());
        }
        List<String> columns = IntStream.range(0, header.size())
                .mapToObj(i -> header.get(i).isBlank()
                        ? "column " + (i + 1)
                        : header.get(i).strip())
                .toList();
        if (Set.copyOf(columns).size() < columns.size()) {
            throw new DataFileException(file, Errors.badHeader(columns));
        }
        List<Row> rows = new ArrayList<>();
        for (List<String> record = csv.record(); record != null; record = csv.record()) {
            if (record.size() != columns.size()) {
                throw new DataFileException(file, Errors.fields(csv.line(), record.size(), columns.size()));
            }
            rows.add(new Row(
                    record.stream().map(Table::cell).toArray(String[]::new),
                    file.getFileName() + ", line " + csv.line()));
        }
        return new Table(columns, rows);
    }

    private static @Nullable String cell(String field) {
        String text = field.strip();
        return MISSING.contains(text.toLowerCase(Locale.ROOT)) ? null : text;
    }

    /**
     * Rows from elsewhere, such as a data base.
     *
     * @param columns the names of the columns, none of which is blank or there twice
     * @param rows as many cells as columns each; null for a missing one
     * @throws IllegalArgumentException if the names are bad, or a row has more or fewer cells
     */
    public static Table of(List<String> columns, Stream<? extends List<? extends @Nullable Object>> rows) {
        List<String> names = List.copyOf(Given.require(TABLE, "the columns", columns));
        if (names.isEmpty()
                || Set.copyOf(names).size() < names.size()
                || names.stream().anyMatch(String::isBlank)) {
            throw new IllegalArgumentException(Errors.badHeader(names));
        }
        List<Row> all = new ArrayList<>();
        Given.require(TABLE, "the rows", rows).forEach(row -> {
            if (row.size() != names.size()) {
                throw new IllegalArgumentException(Errors.cells(all.size(), row.size(), names.size()));
            }
            all.add(new Row(
                    row.stream().map(x -> x == null ? null : cell(x.toString())).toArray(String[]::new),
                    "row " + all.size()));
        });
        return new Table(names, all);
    }

    /** The names of the columns, in order. */
    public List<String> columns() {
        return columns;
    }

    /** The number of rows. */
    public int size() {
        return rows.size();
    }

    /**
     * A cell, null if it is missing.
     *
     * @throws IndexOutOfBoundsException if there is no such row
     * @throws IllegalArgumentException if there is no such column; the message lists those that there are
     */
    public @Nullable String at(int row, String column) {
        return rows.get(Given.within("at", "row", row, size())).cells[number(column)];
    }

    /**
     * A cell as a number, null if it is missing.
     *
     * @throws IndexOutOfBoundsException if there is no such row
     * @throws IllegalArgumentException if there is no such column, or the cell is no number that a float can hold; the message has the line
     */
    public @Nullable Double number(int row, String column) {
        String cell = at(row, column);
        if (cell == null) {
            return null;
        }
        if (cell.chars().allMatch(c -> OF_NUMBERS.indexOf(c) >= 0)) {
            try {
                double x = Double.parseDouble(cell);
                if (Float.isFinite((float) x)) {
                    return x;
                }
            } catch (NumberFormatException e) {
                throw new IllegalArgumentException(Errors.noNumber(place(row), column, cell), e);
            }
        }
        throw new IllegalArgumentException(Errors.noNumber(place(row), column, cell));
    }

    /** Some rows, in this order: {@code table.select(split.train())}. */
    public Table select(int... numbers) {
        return new Table(
                columns,
                Arrays.stream(Given.require("select", "the numbers", numbers))
                        .mapToObj(i -> rows.get(Given.within("select", "row", i, size())))
                        .toList());
    }

    /** The cells of a column from the first row on, null where one is missing. */
    public List<@Nullable String> column(String name) {
        int number = number(name);
        List<@Nullable String> cells = new ArrayList<>();
        rows.forEach(row -> cells.add(row.cells[number]));
        return Collections.unmodifiableList(cells);
    }

    /** Where a row is, for messages. */
    String place(int row) {
        return rows.get(row).place;
    }

    private int number(String column) {
        int number = columns.indexOf(Given.require(TABLE, "the name of the column", column));
        if (number < 0) {
            throw new IllegalArgumentException(Errors.noColumn(column, columns));
        }
        return number;
    }

    /** The number of rows, and the columns. */
    @Override
    public String toString() {
        return size() + " rows of " + columns;
    }
}
