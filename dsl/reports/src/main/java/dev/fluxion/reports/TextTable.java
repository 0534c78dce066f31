package dev.fluxion.reports;

import dev.fluxion.ir.Legible;
import java.util.List;
import java.util.stream.IntStream;

/** A table for a terminal. */
final class TextTable {
    private TextTable() {}

    /** The rows, of as many cells each, in columns as wide as their widest cell. */
    static String of(List<List<String>> rows) {
        int columns = rows.isEmpty() ? 0 : rows.get(0).size();
        int[] widths = IntStream.range(0, columns)
                .map(column -> rows.stream()
                        .mapToInt(row -> Legible.whole(row.get(column)).length())
                        .max()
                        .orElse(0))
                .toArray();
        StringBuilder out = new StringBuilder();
        for (List<String> row : rows) {
            StringBuilder line = new StringBuilder();
            for (int column = 0; column < columns; column++) {
                String cell = Legible.whole(row.get(column));
                line.append(cell).append(" ".repeat(widths[column] - cell.length() + 2));
            }
            out.append(line.toString().stripTrailing()).append('\n');
        }
        return out.toString();
    }
}
