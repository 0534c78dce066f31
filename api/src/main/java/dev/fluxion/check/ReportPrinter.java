package dev.fluxion.check;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** Writes reports. */
final class ReportPrinter {
    private static final int SHOWN = 5;
    private static final double SAME_FACTOR = 1e-4;

    private ReportPrinter() {}

    static String print(Report report) {
        List<Report.Entry> failures = report.failures();
        StringBuilder text = new StringBuilder(report.kind().title());
        text.append(report.subject().isEmpty() ? "" : " of " + report.subject());
        text.append(report.passed() ? " passed (" : " failed (");
        text.append(counts(report, failures.size())).append(')');
        if (report.onlyKinks()) {
            text.append("\n").append(Errors.onlyKinks());
        } else if (report.passed()) {
            report.worst().ifPresent(w -> text.append("; worst ").append(line(report.kind(), w)));
        } else if (failures.isEmpty()) {
            text.append("\n").append(report.skipped().isEmpty() ? Errors.nothingToCompare() : Errors.nothingCompared());
        } else {
            table(report.kind(), failures, text);
            text.append(hint(failures));
        }
        if (!report.passed() || report.onlyKinks()) {
            skipped(report.skipped(), text);
        }
        return text.toString();
    }

    private static String counts(Report report, int wrong) {
        return String.format(
                Locale.ROOT,
                "%d checked, %d wrong, %d skipped, tolerance %s",
                report.checked().size(),
                wrong,
                report.skipped().size(),
                brief(report.tolerance()));
    }

    private static String line(Report.Kind kind, Report.Entry e) {
        return e.place() + ": " + kind.actual() + " " + number(e.actual()) + ", " + kind.expected() + " "
                + number(e.expected()) + ", " + kind.error() + " " + brief(e.error());
    }

    private static void table(Report.Kind kind, List<Report.Entry> failures, StringBuilder text) {
        List<String[]> rows = new ArrayList<>();
        rows.add(new String[] {"", kind.actual(), kind.expected(), kind.error()});
        failures.stream()
                .limit(SHOWN)
                .forEach(e ->
                        rows.add(new String[] {e.place(), number(e.actual()), number(e.expected()), brief(e.error())}));
        int[] width = new int[4];
        for (String[] row : rows) {
            for (int i = 0; i < width.length; i++) {
                width[i] = Math.max(width[i], row[i].length());
            }
        }
        for (String[] row : rows) {
            text.append("\n  ").append(row[0]).append(" ".repeat(width[0] - row[0].length()));
            for (int i = 1; i < width.length; i++) {
                text.append(" ".repeat(2 + width[i] - row[i].length())).append(row[i]);
            }
        }
        if (failures.size() > SHOWN) {
            text.append("\n  … and ").append(failures.size() - SHOWN).append(" more");
        }
    }

    private static void skipped(List<Report.Skipped> skipped, StringBuilder text) {
        skipped.stream().limit(SHOWN).forEach(s -> text.append("\n  skipped ").append(s));
        if (skipped.size() > SHOWN) {
            text.append("\n  … and ").append(skipped.size() - SHOWN).append(" more skipped");
        }
    }

    /** What is wrong, if all wrong numbers are wrong by the same factor. */
    private static String hint(List<Report.Entry> failures) {
        double factor = failures.get(0).actual() / failures.get(0).expected();
        boolean same = failures.stream()
                .allMatch(e ->
                        Math.abs(e.actual() - factor * e.expected()) <= SAME_FACTOR * Math.abs(factor * e.expected()));
        if (failures.stream().anyMatch(e -> !Double.isFinite(e.actual()))) {
            return "\n" + Errors.notFinite();
        }
        if (failures.stream().allMatch(e -> e.actual() == 0)) {
            return "\n" + Errors.allZero();
        }
        return same && failures.size() > 1 ? "\n" + Errors.sameFactor(factor) : "";
    }

    private static String number(double x) {
        return String.format(Locale.ROOT, "%.9g", x + 0.0); // 0.0 for −0.0
    }

    private static String brief(double x) {
        return x == 1 ? "1" : String.format(Locale.ROOT, "%.1e", x);
    }
}
