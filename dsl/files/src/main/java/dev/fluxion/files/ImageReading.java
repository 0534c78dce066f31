package dev.fluxion.files;

import dev.fluxion.data.DataFileException;
import dev.fluxion.data.Resize;
import java.awt.color.ColorSpace;
import java.awt.image.BufferedImage;
import java.awt.image.IndexColorModel;
import java.awt.image.Raster;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Iterator;
import javax.imageio.ImageIO;
import javax.imageio.ImageReader;
import javax.imageio.stream.ImageInputStream;
import javax.imageio.stream.MemoryCacheImageInputStream;

/**
 * Reads the image of a file in a size. What the file says of its size is checked before memory is taken.
 *
 * @param height the height of the image that is made
 * @param width the width
 * @param channels 3 for red, green and blue, 1 for grey
 * @param stretched whether it is stretched to the size, not cut
 */
record ImageReading(int height, int width, int channels, boolean stretched) {
    /** The most pixels of a file, those of a camera of 64 megapixels. */
    private static final long MOST_PIXELS = 1L << 26;
    /** Cyan, magenta, yellow and black, as in images for print. */
    private static final int INKS = 4;

    void read(Path file, float[] to, int at) throws DataFileException {
        float[][] planes;
        int tall;
        int wide;
        try {
            BufferedImage image = decode(file);
            tall = image.getHeight();
            wide = image.getWidth();
            if (cover(height, tall, tall, wide) * cover(width, wide, tall, wide) > MOST_PIXELS) {
                throw new DataFileException(file, Errors.thinImage(wide, tall, width, height));
            }
            planes = planes(image);
        } catch (DataFileException e) {
            throw e;
        } catch (IOException | RuntimeException e) {
            throw new DataFileException(file, Errors.badImage(e), e);
        }
        for (int c = 0; c < channels; c++) {
            fit(planes[c], tall, wide, to, at + c * height * width);
        }
    }

    private static BufferedImage decode(Path file) throws IOException {
        if (!Files.isRegularFile(file)) {
            throw new DataFileException(file, Errors.missing());
        }
        try (ImageInputStream in = new MemoryCacheImageInputStream(Files.newInputStream(file))) {
            Iterator<ImageReader> readers = ImageIO.getImageReaders(in);
            if (!readers.hasNext()) {
                throw new DataFileException(file, Errors.noImage());
            }
            ImageReader reader = readers.next();
            try {
                reader.setInput(in, true, true);
                long pixels = (long) reader.getWidth(0) * reader.getHeight(0);
                if (pixels > MOST_PIXELS) {
                    throw new DataFileException(
                            file, Errors.largeImage(reader.getWidth(0), reader.getHeight(0), MOST_PIXELS));
                }
                return reader.read(0);
            } finally {
                reader.dispose();
            }
        }
    }

    /** The channels in [0, 1]. */
    private float[][] planes(BufferedImage image) {
        int wide = image.getWidth();
        float[][] planes = new float[channels][image.getHeight() * wide];
        // A colour model would make numbers of grey images, and of those in inks, brighter.
        boolean grey = image.getRaster().getNumBands() <= 2 && !(image.getColorModel() instanceof IndexColorModel);
        boolean inks = image.getColorModel().getColorSpace().getType() == ColorSpace.TYPE_CMYK;
        int[] line = new int[inks ? INKS * wide : wide];
        for (int y = 0; y < image.getHeight(); y++) {
            if (grey) {
                Raster raster = image.getRaster();
                float most = (1 << raster.getSampleModel().getSampleSize(0)) - 1;
                raster.getSamples(0, y, wide, 1, 0, line);
                for (int x = 0; x < wide; x++) {
                    for (float[] plane : planes) {
                        plane[y * wide + x] = line[x] / most;
                    }
                }
            } else if (inks) {
                image.getRaster().getPixels(0, y, wide, 1, line);
                for (int x = 0; x < wide; x++) {
                    int ink = INKS * x;
                    float light = (255 - line[ink + 3]) / 255f;
                    set(
                            planes,
                            y * wide + x,
                            light * (255 - line[ink]),
                            light * (255 - line[ink + 1]),
                            light * (255 - line[ink + 2]));
                }
            } else {
                image.getRGB(0, y, wide, 1, line, 0, wide);
                for (int x = 0; x < wide; x++) {
                    set(planes, y * wide + x, line[x] >> 16 & 0xff, line[x] >> 8 & 0xff, line[x] & 0xff);
                }
            }
        }
        return planes;
    }

    /** Sets a pixel of colours up to 255. */
    private static void set(float[][] planes, int at, float red, float green, float blue) {
        if (planes.length == 1) {
            planes[0][at] = (0.299f * red + 0.587f * green + 0.114f * blue) / 255;
        } else {
            planes[0][at] = red / 255;
            planes[1][at] = green / 255;
            planes[2][at] = blue / 255;
        }
    }

    /** The extent to which one of an image is scaled. */
    private long cover(int wanted, int extent, int tall, int wide) {
        double scale = Math.max((double) height / tall, (double) width / wide);
        return stretched ? wanted : Math.max(wanted, Math.round(extent * scale));
    }

    /** Scales a plane so that it covers the size, and takes its middle. */
    private void fit(float[] plane, int tall, int wide, float[] to, int at) {
        int coverTall = (int) cover(height, tall, tall, wide);
        int coverWide = (int) cover(width, wide, tall, wide);
        float[] cover = new float[coverTall * coverWide];
        new Resize(tall, wide, coverTall, coverWide).apply(plane, 0, cover, 0);
        int top = (coverTall - height) / 2;
        int left = (coverWide - width) / 2;
        for (int y = 0; y < height; y++) {
            System.arraycopy(cover, (top + y) * coverWide + left, to, at + y * width, width);
        }
    }
}
