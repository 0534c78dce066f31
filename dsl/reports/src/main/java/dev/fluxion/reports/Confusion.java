package dev.fluxion.reports;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/** The part of a report that shows what is taken for what. */
final class Confusion {
    private static final int MOST_CLASSES = 40;
    private static final int MOST_PAIRS = 40;

    private Confusion() {}

    /** A table of all classes, or of many classes the pairs that are confused most often; empty without rows. */
    static Optional<String> section(List<List<String>> rows) {
        if (rows.size() < 2) {
            return Optional.empty();
        }
        List<List<String>> cells = rows.subList(1, rows.size());
        int classes = (int) Math.round(Math.sqrt(cells.size()));
        return Optional.of(classes <= MOST_CLASSES ? matrix(cells, classes) : pairs(cells));
    }

    private static String matrix(List<List<String>> cells, int classes) {
        List<String> names =
                cells.subList(0, classes).stream().map(cell -> cell.get(1)).toList();
        List<String> head = new ArrayList<>(List.of("target \\ predicted"));
        head.addAll(names);
        StringBuilder table = new StringBuilder("<div class=\"box\"><table class=\"confusion\">\n<thead>");
        table.append(Html.row("th", head)).append("</thead>\n<tbody>\n");
        for (int target = 0; target < classes; target++) {
            List<List<String>> row = cells.subList(target * classes, (target + 1) * classes);
            long all =
                    row.stream().mapToLong(cell -> Long.parseLong(cell.get(2))).sum();
            table.append("<tr><th>").append(Html.text(names.get(target))).append("</th>");
            for (List<String> cell : row) {
                long count = Long.parseLong(cell.get(2));
                double part = all == 0 ? 0 : (double) count / all;
                table.append(String.format(
                        Locale.ROOT,
                        "<td style=\"background: rgba(var(--cell), %.3f)\">%s</td>",
                        shade(part),
                        count == 0 ? "" : count));
            }
            table.append("</tr>\n");
        }
        return table.append("</tbody></table></div>\n").toString();
    }

    /** How dark a part of a row is: few mistakes are seen, too, and the number on it is legible. */
    private static double shade(double part) {
        return part == 0 ? 0.03 : 0.08 + 0.47 * Math.sqrt(part);
    }

    private static String pairs(List<List<String>> cells) {
        StringBuilder table = new StringBuilder("<div class=\"box\"><table>\n<thead>");
        table.append(Html.row("th", List.of("target", "predicted", "count"))).append("</thead>\n<tbody>\n");
        cells.stream()
                .filter(cell -> !cell.get(0).equals(cell.get(1)) && Long.parseLong(cell.get(2)) > 0)
                .sorted(Comparator.comparingLong((List<String> cell) -> Long.parseLong(cell.get(2)))
                        .reversed())
                .limit(MOST_PAIRS)
                .forEachOrdered(cell -> table.append(Html.row("td", cell)));
        return table.append("</tbody></table></div>\n").toString();
    }
}
