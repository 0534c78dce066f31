package dev.fluxion.reports;

import dev.fluxion.io.Csv;
import dev.fluxion.ir.Given;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.Reader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;

/** Numbers in rows and columns, such as the losses of a run. */
public final class Table {
    private final List<String> columns;
    private final double[][] values;
    private int rows;

    private Table(List<String> columns) {
        this.columns = List.copyOf(columns);
        this.values = new double[columns.size()][64];
    }

    /** A table without columns. */
    static Table empty() {
        return new Table(List.of());
    }

    /**
     * Reads a CSV file of numbers with a line of names. A last row without its line end is left out, as that of a run that was
     * killed; an empty field is NaN.
     *
     * @throws IOException if it cannot be read, or a row has other columns or no numbers; the message names the file and line
     */
    static Table read(Path file) throws IOException {
        try (BufferedReader in = Files.newBufferedReader(file, StandardCharsets.UTF_8)) {
            List<List<String>> head = Csv.rows(line(in));
            Table table = new Table(head.isEmpty() ? List.of() : head.get(0));
            int number = 1;
            for (String line = line(in); !line.isEmpty(); line = line(in)) {
                number++;
                table.add(file, number, line.strip().split(",", -1));
            }
            return table;
        }
    }

    /** The next line with its end; empty if there is no whole one. */
    private static String line(Reader in) throws IOException {
        StringBuilder line = new StringBuilder();
        for (int c = in.read(); c >= 0; c = in.read()) {
            line.append((char) c);
            if (c == '\n') {
                return line.toString();
            }
        }
        return "";
    }

    private void add(Path file, int line, String... fields) throws IOException {
        if (fields.length != columns.size()) {
            throw new IOException(Errors.fields(file, line, columns.size(), fields.length));
        }
        double[] numbers = new double[fields.length];
        for (int column = 0; column < fields.length; column++) {
            try {
                numbers[column] = fields[column].isEmpty() ? Double.NaN : Double.parseDouble(fields[column]);
            } catch (NumberFormatException e) {
                throw new IOException(Errors.noNumber(file, line, columns.get(column), fields[column]), e);
            }
        }
        add(numbers);
    }

    private void add(double... numbers) {
        for (int column = 0; column < numbers.length; column++) {
            if (rows == values[column].length) {
                values[column] = Arrays.copyOf(values[column], 2 * rows);
            }
            values[column][rows] = numbers[column];
        }
        rows++;
    }

    /** The names of the columns. */
    public List<String> columns() {
        return columns;
    }

    /** The number of rows. */
    public int rows() {
        return rows;
    }

    /**
     * The numbers of a column, copied; NaN where it has none.
     *
     * @throws IllegalArgumentException if there is no such column
     */
    public double[] column(String name) {
        int column = columns.indexOf(Given.require("column", "the name", name));
        if (column < 0) {
            throw new IllegalArgumentException(Errors.noColumn(name, columns));
        }
        return Arrays.copyOf(values[column], rows);
    }

    /** The last number of a column; NaN if it has none, or there is no such column. */
    public double last(String name) {
        int column = columns.indexOf(Given.require("last", "the name", name));
        return column < 0 || rows == 0 ? Double.NaN : values[column][rows - 1];
    }

    /** The rows whose number in a column is one. */
    Table where(String column) {
        double[] present = column(column);
        Table some = new Table(columns);
        for (int row = 0; row < rows; row++) {
            if (!Double.isNaN(present[row])) {
                int at = row;
                some.add(Arrays.stream(values).mapToDouble(one -> one[at]).toArray());
            }
        }
        return some;
    }
}
