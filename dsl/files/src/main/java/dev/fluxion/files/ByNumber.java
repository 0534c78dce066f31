package dev.fluxion.files;

import java.math.BigDecimal;
import java.util.Comparator;
import org.jspecify.annotations.Nullable;

/** Whole numbers and decimals by size and before texts, texts by their characters. */
final class ByNumber implements Comparator<String> {
    private static final int MOST_DIGITS = 30;

    @Override
    public int compare(String a, String b) {
        BigDecimal x = number(a);
        BigDecimal y = number(b);
        if (x == null || y == null) {
            return x != null ? -1 : y != null ? 1 : a.compareTo(b);
        }
        int order = x.compareTo(y);
        return order == 0 ? a.compareTo(b) : order;
    }

    private static @Nullable BigDecimal number(String text) {
        if (text.length() > MOST_DIGITS || !text.matches("-?\\d+(\\.\\d+)?")) {
            return null;
        }
        return new BigDecimal(text);
    }
}
