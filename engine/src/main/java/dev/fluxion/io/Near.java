package dev.fluxion.io;

import java.util.LinkedHashMap;
import java.util.Map;

/** Finds names that may have been meant. */
final class Near {
    /** How many names are looked at. */
    static final int MOST_OFFERED = 500;

    private static final int MOST_WANTED = 50;
    private static final int LONGEST = 100;

    private Near() {}

    /**
     * For names the nearest of other names that go with the same shape, each of these once: one within a path, or up to a
     * third of the characters changed.
     *
     * @param wanted shapes by name
     * @param offered shapes by other names, not more than are looked at
     */
    static Map<String, String> names(Map<String, String> wanted, Map<String, String> offered) {
        Map<String, String> left = new LinkedHashMap<>(offered);
        Map<String, String> near = new LinkedHashMap<>();
        wanted.entrySet().stream().limit(MOST_WANTED).forEach(want -> {
            String best = best(want.getKey(), want.getValue(), left);
            if (!best.isEmpty()) {
                near.put(want.getKey(), best);
                left.remove(best);
            }
        });
        return near;
    }

    private static String best(String name, String shape, Map<String, String> offered) {
        String best = "";
        double least = 1;
        for (Map.Entry<String, String> offer : offered.entrySet()) {
            double distance = offer.getValue().equals(shape) ? distance(name, offer.getKey()) : 1;
            if (distance < least) {
                least = distance;
                best = offer.getKey();
            }
        }
        return best;
    }

    /** From 0 for equal to 1 for too different. */
    private static double distance(String a, String b) {
        int longest = Math.max(a.length(), b.length());
        if (longest > LONGEST) {
            return 1;
        }
        if (a.endsWith("." + b) || b.endsWith("." + a)) {
            return 0;
        }
        int changes = changes(a, b);
        return 3 * changes <= longest ? (double) changes / longest : 1;
    }

    /** The least number of characters put in, left out or replaced that make one of the other. */
    private static int changes(String a, String b) {
        int[] row = new int[b.length() + 1];
        for (int j = 0; j < row.length; j++) {
            row[j] = j;
        }
        for (int i = 0; i < a.length(); i++) {
            int diagonal = row[0];
            row[0] = i + 1;
            for (int j = 0; j < b.length(); j++) {
                int replaced = diagonal + (a.charAt(i) == b.charAt(j) ? 0 : 1);
                diagonal = row[j + 1];
                row[j + 1] = Math.min(replaced, 1 + Math.min(row[j], row[j + 1]));
            }
        }
        return row[b.length()];
    }
}
