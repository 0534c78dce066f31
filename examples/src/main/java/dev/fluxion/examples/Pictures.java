package dev.fluxion.examples;

import dev.fluxion.Tensor;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/** Images and predictions as text. */
final class Pictures {
    private static final String SHADES = " .:-=+*#%@";
    private static final int MARGIN = 2;
    private static final String GAP = "  ";

    private Pictures() {}

    /** Grey images side by side, without their margins; a character is two pixels high. */
    static String sideBySide(List<Tensor> images) {
        int height = images.get(0).shape().dim(1);
        List<String> lines = new ArrayList<>();
        for (int y = MARGIN; y + 1 < height - MARGIN; y += 2) {
            int row = y;
            lines.add(images.stream().map(image -> line(image, row)).collect(Collectors.joining(GAP)));
        }
        return lines.stream().map(String::stripTrailing).collect(Collectors.joining("\n"));
    }

    private static String line(Tensor image, int y) {
        StringBuilder out = new StringBuilder();
        for (int x = MARGIN; x < image.shape().dim(2) - MARGIN; x++) {
            double ink = (image.at(0, y, x) + image.at(0, y + 1, x)) / 2;
            out.append(SHADES.charAt((int) Math.min(ink * SHADES.length(), SHADES.length() - 1)));
        }
        return out.toString();
    }

    /** The likeliest classes of a sample, as {@code 7 (98.2 %), 1 (1.1 %)}. */
    static String likeliest(Tensor probabilities, int sample, List<String> classes, int count) {
        return IntStream.range(0, classes.size())
                .boxed()
                .sorted(Comparator.comparingDouble(c -> -probabilities.at(sample, c)))
                .limit(count)
                .map(c -> String.format(Locale.ROOT, "%s (%.1f %%)", classes.get(c), 100 * probabilities.at(sample, c)))
                .collect(Collectors.joining(", "));
    }
}
