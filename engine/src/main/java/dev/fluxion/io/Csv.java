package dev.fluxion.io;

import dev.fluxion.ir.Given;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.stream.Collectors;

/** The records of CSV files (RFC 4180) that programs write and read back, such as logs. */
public final class Csv {
    private Csv() {}

    /** One record with its line end; fields stand in quotes where they have to. */
    public static String row(Collection<String> fields) {
        return Given.require("row", "the fields", fields).stream()
                .map(Csv::field)
                .collect(Collectors.joining(",", "", "\r\n"));
    }

    private static String field(String text) {
        boolean plain = text.chars().noneMatch(c -> c == ',' || c == '"' || c == '\r' || c == '\n');
        return plain ? text : '"' + text.replace("\"", "\"\"") + '"';
    }

    /** The records of a text. A last one without its line end, as in a log that was cut, is left out. */
    public static List<List<String>> rows(String text) {
        List<List<String>> rows = new ArrayList<>();
        List<String> row = new ArrayList<>();
        StringBuilder field = new StringBuilder();
        boolean quoted = false;
        int length = Given.require("rows", "the text", text).length();
        for (int i = 0; i < length; i++) {
            char c = text.charAt(i);
            if (c == '"' && quoted && i + 1 < length && text.charAt(i + 1) == '"') {
                field.append(c);
                i++;
            } else if (c == '"') {
                quoted = !quoted;
            } else if (quoted || c != ',' && c != '\r' && c != '\n') {
                field.append(c);
            } else if (c != '\r') {
                row.add(field.toString());
                field.setLength(0);
                if (c == '\n') {
                    rows.add(row);
                    row = new ArrayList<>();
                }
            }
        }
        return rows;
    }
}
