package dev.fluxion.files;

import dev.fluxion.data.DataFileException;
import dev.fluxion.data.Resampling;
import java.awt.color.ColorSpace;
import java.awt.image.BufferedImage;
import java.awt.image.ColorModel;
import java.awt.image.DataBuffer;
import java.awt.image.IndexColorModel;
import java.awt.image.Raster;
import java.awt.image.SampleModel;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Iterator;
import java.util.concurrent.atomic.AtomicBoolean;
import javax.imageio.ImageIO;
import javax.imageio.ImageReadParam;
import javax.imageio.ImageReader;
import javax.imageio.ImageTypeSpecifier;
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
    /** The most bits of a number of a pixel. */
    private static final int MOST_BITS = 16;
    /** How the JDK warns of a JPEG file that ends too early; it makes the rest of the image grey. */
    private static final String CUT_OFF = "Truncated";

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
            planes = planes(file, image);
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
                AtomicBoolean cutOff = new AtomicBoolean();
                reader.addIIOReadWarningListener((source, warning) -> {
                    if (warning.startsWith(CUT_OFF)) {
                        cutOff.set(true);
                    }
                });
                BufferedImage image = reader.read(0, asStored(reader));
                if (cutOff.get()) {
                    throw new DataFileException(file, Errors.cutOffImage());
                }
                return image;
            } finally {
                reader.dispose();
            }
        }
    }

    /** Leaves colours in the space of the file's profile, if it has one; else the JDK makes those of a screen of them. */
    private static ImageReadParam asStored(ImageReader reader) throws IOException {
        ImageReadParam how = reader.getDefaultReadParam();
        for (Iterator<ImageTypeSpecifier> types = reader.getImageTypes(0); types.hasNext(); ) {
            ImageTypeSpecifier type = types.next();
            ColorSpace colours = type.getColorModel().getColorSpace();
            if (colours.getType() == ColorSpace.TYPE_RGB && !colours.isCS_sRGB()) {
                how.setDestination(type.createBufferedImage(reader.getWidth(0), reader.getHeight(0)));
            }
        }
        return how;
    }

    /**
     * The channels in [0, 1]: the numbers of the file, as other readers give them. A colour model would make those of grey images and of
     * inks brighter.
     */
    private float[][] planes(Path file, BufferedImage image) throws DataFileException {
        int wide = image.getWidth();
        float[][] planes = new float[channels][image.getHeight() * wide];
        ColorModel colours = image.getColorModel();
        boolean palette = colours instanceof IndexColorModel;
        boolean inks = colours.getColorSpace().getType() == ColorSpace.TYPE_CMYK;
        Raster raster = image.getRaster();
        int bands = raster.getNumBands();
        float[] largest = largest(file, raster.getSampleModel());
        float most = largest[0];
        int[] line = new int[bands * wide];
        for (int y = 0; y < image.getHeight(); y++) {
            if (palette) {
                image.getRGB(0, y, wide, 1, line, 0, wide);
            } else {
                raster.getPixels(0, y, wide, 1, line);
            }
            for (int x = 0; x < wide; x++) {
                int at = y * wide + x;
                int from = bands * x;
                if (palette) {
                    set(planes, at, line[x] >> 16 & 0xff, line[x] >> 8 & 0xff, line[x] & 0xff, 255);
                } else if (inks) {
                    float light = (most - line[from + 3]) / most;
                    set(
                            planes,
                            at,
                            light * (most - line[from]),
                            light * (most - line[from + 1]),
                            light * (most - line[from + 2]),
                            most);
                } else if (bands <= 2) {
                    for (float[] plane : planes) {
                        plane[at] = line[from] / most;
                    }
                } else {
                    float green = line[from + 1] * (most / largest[1]);
                    float blue = line[from + 2] * (most / largest[2]);
                    set(planes, at, line[from], green, blue, most);
                }
            }
        }
        return planes;
    }

    /** The largest number of each channel, of which some have fewer bits than others. */
    private static float[] largest(Path file, SampleModel samples) throws DataFileException {
        float[] largest = new float[samples.getNumBands()];
        for (int i = 0; i < largest.length; i++) {
            int bits = samples.getSampleSize(i);
            if (bits > MOST_BITS || samples.getDataType() == DataBuffer.TYPE_SHORT) {
                throw new DataFileException(file, Errors.samples(bits, MOST_BITS));
            }
            largest[i] = (1 << bits) - 1;
        }
        return largest;
    }

    /** Sets a pixel of colours up to a number. */
    private static void set(float[][] planes, int at, float red, float green, float blue, float most) {
        if (planes.length == 1) {
            planes[0][at] = (0.299f * red + 0.587f * green + 0.114f * blue) / most;
        } else {
            planes[0][at] = red / most;
            planes[1][at] = green / most;
            planes[2][at] = blue / most;
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
        new Resampling(tall, wide, coverTall, coverWide).apply(plane, 0, cover, 0);
        int top = (coverTall - height) / 2;
        int left = (coverWide - width) / 2;
        for (int y = 0; y < height; y++) {
            System.arraycopy(cover, (top + y) * coverWide + left, to, at + y * width, width);
        }
    }
}
