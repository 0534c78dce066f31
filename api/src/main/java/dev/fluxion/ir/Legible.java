package dev.fluxion.ir;

import java.util.ArrayList;
import java.util.Collection;
import java.util.List;

/** Makes names and texts from outside, such as those in files, safe to print in messages. */
public final class Legible {
    private static final int LONGEST = 80;
    private static final int MOST = 20;

    private Legible() {}

    /** The text, cut where it is long, with an escape for each character that does not print or moves others. */
    public static String of(String text) {
        return text.length() > LONGEST ? whole(text.substring(0, LONGEST)) + "…" : whole(text);
    }

    /** The text with such escapes, all of it. */
    public static String whole(String text) {
        StringBuilder out = new StringBuilder();
        text.codePoints().forEach(c -> {
            if (prints(c)) {
                out.appendCodePoint(c);
            } else {
                out.append(String.format("\\u%04x", c));
            }
        });
        return out.toString();
    }

    /** The texts as a list; of many, the first ones and the number of the others. */
    public static String list(Collection<String> texts) {
        List<String> shown =
                new ArrayList<>(texts.stream().limit(MOST).map(Legible::of).toList());
        if (texts.size() > MOST) {
            shown.add("… and " + (texts.size() - MOST) + " more");
        }
        return shown.toString();
    }

    private static boolean prints(int c) {
        return switch (Character.getType(c)) {
            case Character.CONTROL,
                    Character.FORMAT,
                    Character.LINE_SEPARATOR,
                    Character.PARAGRAPH_SEPARATOR,
                    Character.SURROGATE,
                    Character.PRIVATE_USE,
                    Character.UNASSIGNED -> false;
            default -> true;
        };
    }
}
