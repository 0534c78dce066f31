package dev.fluxion.dsl.metric;

import java.util.ArrayList;
import java.util.List;

/** Rows of cells: the first column is on the left, the others on the right of their space. */
final class TextTable {
    private final List<String[]> rows = new ArrayList<>();

    void row(String... cells) {
        rows.add(cells);
    }

    @Override
    public String toString() {
        StringBuilder out = new StringBuilder();
        for (String[] row : rows) {
            StringBuilder line = new StringBuilder();
            for (int column = 0; column < row.length; column++) {
                String space = " ".repeat(width(column) - row[column].length());
                line.append(column == 0 ? row[column] + space : "  " + space + row[column]);
            }
            out.append(line.toString().stripTrailing()).append('\n');
        }
        return out.toString().stripTrailing();
    }

    private int width(int column) {
        return rows.stream()
                .filter(row -> row.length > column)
                .mapToInt(row -> row[column].length())
                .max()
                .orElse(0);
    }
}
