package dev.fluxion.examples;

import dev.fluxion.data.Rng;
import dev.fluxion.files.Texts;
import java.awt.Color;
import java.awt.Graphics2D;
import java.awt.RenderingHints;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import javax.imageio.ImageIO;

/** Files that programs make in {@code target/made} to have something to learn from: always the same. */
final class MadeFiles {
    private static final Path FOLDER = Path.of("target", "made");
    private static final int ROWS = 1_000;
    private static final int IMAGES = 400;
    private static final int TEXTS = 900;

    private MadeFiles() {}

    /** A table of passengers; some ages and ports are missing. */
    static Path passengers() throws IOException {
        Path file = FOLDER.resolve("passengers.csv");
        Rng random = new Rng(7, 0);
        StringBuilder rows = new StringBuilder("age,fare,sex,port,survived\n");
        for (int i = 0; i < ROWS; i++) {
            int age = random.below(75);
            boolean isWoman = random.chance(0.4);
            double fare = Math.exp(random.between(2, 5));
            double odds = (isWoman ? 2.5 : -1) + (age < 12 ? 2 : 0) + (fare - 40) / 40;
            rows.append(random.chance(0.2) ? "" : age)
                    .append(String.format(Locale.ROOT, ",%.2f,", fare))
                    .append(isWoman ? "female," : "male,")
                    .append(random.chance(0.05) ? "" : "SCQ".charAt(random.below(3)))
                    .append(random.chance(1 / (1 + Math.exp(-2 * odds))) ? ",yes\n" : ",no\n");
        }
        Files.createDirectories(FOLDER);
        return Files.writeString(file, rows);
    }

    /** Images of discs, squares and rings, of several sizes. */
    static Path photos() throws IOException {
        Path folder = FOLDER.resolve("photos");
        String[] kinds = {"disc", "ring", "square"};
        for (int i = 0; i < IMAGES; i++) {
            Path file = folder.resolve(kinds[i % kinds.length]).resolve(i + ".png");
            Files.createDirectories(file.getParent());
            ImageIO.write(photo(kinds[i % kinds.length], new Rng(8, i)), "png", file.toFile());
        }
        return folder;
    }

    private static BufferedImage photo(String kind, Rng random) {
        int side = 40 + random.below(40);
        BufferedImage image = new BufferedImage(side, side + random.below(20), BufferedImage.TYPE_INT_RGB);
        Graphics2D pen = image.createGraphics();
        pen.setRenderingHint(RenderingHints.KEY_ANTIALIASING, RenderingHints.VALUE_ANTIALIAS_ON);
        Color ground = new Color(random.below(128), random.below(128), random.below(128));
        pen.setColor(ground);
        pen.fillRect(0, 0, image.getWidth(), image.getHeight());
        pen.setColor(new Color(128 + random.below(128), 128 + random.below(128), 128 + random.below(128)));
        int size = side / 3 + random.below(side / 4);
        int x = random.below(side - size);
        int y = (image.getHeight() - side) / 2 + random.below(side - size);
        if (kind.equals("square")) {
            pen.fillRect(x, y, size, size);
        } else {
            pen.fillOval(x, y, size, size);
        }
        if (kind.equals("ring")) {
            pen.setColor(ground);
            pen.fillOval(x + size / 4, y + size / 4, size / 2, size / 2);
        }
        pen.dispose();
        return image;
    }

    /** Remarks of guests. */
    static Path reviews() throws IOException {
        Path folder = FOLDER.resolve("reviews");
        Texts remarks = Remarks.of(TEXTS, 0);
        int[] labels = remarks.labels();
        for (int i = 0; i < TEXTS; i++) {
            Path file = folder.resolve(remarks.classes().get(labels[i])).resolve(i + ".txt");
            Files.createDirectories(file.getParent());
            Files.writeString(file, remarks.text(i));
        }
        return folder;
    }
}
