package dev.fluxion.examples;

import dev.fluxion.Tensor;
import dev.fluxion.data.Dataset;
import dev.fluxion.ir.Shape;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.Random;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;
import javax.imageio.ImageIO;

/** Training images of CIFAR-10 from a zip of JPEG files, in the order in which the recorded runs saw them. */
final class CifarZip {
    private static final List<String> CLASSES =
            List.of("airplane", "automobile", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "truck");
    private static final int PLANE = 32 * 32;

    private CifarZip() {}

    static Dataset firstImages(Path folder, int count) throws IOException {
        float[] pixels = new float[count * 3 * PLANE];
        int[] labels = new int[count];
        try (ZipFile zip = new ZipFile(folder.resolve("cifar10-jpeg.zip").toFile())) {
            List<ZipEntry> images = new ArrayList<>();
            zip.stream().filter(e -> e.getName().startsWith("train/")).forEach(images::add);
            images.sort(Comparator.comparing(ZipEntry::getName));
            Collections.shuffle(images, new Random(10));
            for (int i = 0; i < count; i++) {
                labels[i] = CLASSES.indexOf(images.get(i).getName().split("/", -1)[1]);
                try (InputStream in = zip.getInputStream(images.get(i))) {
                    decode(ImageIO.read(in), pixels, i * 3 * PLANE);
                }
            }
        }
        return Dataset.of(Tensor.of(pixels, Shape.of(count, 3, 32, 32)), Tensor.labels(labels));
    }

    private static void decode(BufferedImage image, float[] pixels, int at) {
        for (int i = 0; i < PLANE; i++) {
            int rgb = image.getRGB(i % 32, i / 32);
            for (int c = 0; c < 3; c++) {
                pixels[at + c * PLANE + i] = ((rgb >> (16 - 8 * c)) & 255) / 255f;
            }
        }
    }
}
