package dev.fluxion.reports;

import java.util.List;

/** Texts in HTML. Whatever comes from outside goes through {@link #text}. */
final class Html {
    private Html() {}

    /** A text with the signs replaced that mean something in HTML, also within quotes; signs that no file may have become �. */
    static String text(String text) {
        StringBuilder out = new StringBuilder(text.length() + 16);
        text.codePoints().forEach(c -> {
            switch (c) {
                case '&' -> out.append("&amp;");
                case '<' -> out.append("&lt;");
                case '>' -> out.append("&gt;");
                case '"' -> out.append("&quot;");
                case '\'' -> out.append("&#39;");
                default -> out.appendCodePoint(isAllowed(c) ? c : 0xFFFD);
            }
        });
        return out.toString();
    }

    private static boolean isAllowed(int c) {
        return c == '\n' || c == '\t' || c >= ' ' && c != 0x7F && Character.getType(c) != Character.SURROGATE;
    }

    /** A row of a table whose cells are texts. */
    static String row(String cell, List<String> texts) {
        StringBuilder row = new StringBuilder("<tr>");
        texts.forEach(text -> row.append('<')
                .append(cell)
                .append('>')
                .append(text(text))
                .append("</")
                .append(cell)
                .append('>'));
        return row.append("</tr>\n").toString();
    }
}
