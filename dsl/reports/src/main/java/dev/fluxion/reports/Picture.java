package dev.fluxion.reports;

import dev.fluxion.ir.Shape;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import java.util.zip.CRC32;
import java.util.zip.Deflater;

/**
 * A small picture, of one channel or of red, green and blue.
 *
 * @param channels 1 or 3
 * @param height the number of rows
 * @param width the number of columns
 * @param pixels row by row, a byte for each channel
 */
@SuppressWarnings("ArrayRecordComponent") // pictures are written and never compared
record Picture(int channels, int height, int width, byte[] pixels) {
    private static final int LARGEST = 1024;
    private static final byte[] SIGNATURE = {(byte) 137, 80, 78, 71, 13, 10, 26, 10};

    /** Whether samples of a shape, batch first, are pictures. */
    static boolean isPicture(Shape batch) {
        return batch.rank() == 4
                && (batch.dim(1) == 1 || batch.dim(1) == 3)
                && Math.min(batch.dim(2), batch.dim(3)) > 1
                && Math.max(batch.dim(2), batch.dim(3)) <= LARGEST;
    }

    /** A sample, channel by channel, with its smallest number black and its largest one white; empty if it is no picture. */
    static Optional<Picture> of(Shape batch, float[] sample) {
        if (!isPicture(batch)) {
            return Optional.empty();
        }
        int channels = batch.dim(1);
        int size = batch.dim(2) * batch.dim(3);
        float least = Float.POSITIVE_INFINITY;
        float most = Float.NEGATIVE_INFINITY;
        for (float x : sample) {
            least = Math.min(least, x);
            most = Math.max(most, x);
        }
        byte[] pixels = new byte[channels * size];
        for (int i = 0; i < size; i++) {
            for (int c = 0; c < channels; c++) {
                float x = sample[c * size + i];
                pixels[i * channels + c] = (byte) Math.round(most > least ? 255 * (x - least) / (most - least) : 0);
            }
        }
        return Optional.of(new Picture(channels, batch.dim(2), batch.dim(3), pixels));
    }

    /** The file. */
    byte[] png() {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        out.writeBytes(SIGNATURE);
        byte kind = (byte) (channels == 1 ? 0 : 2);
        chunk(
                out,
                "IHDR",
                ByteBuffer.allocate(13)
                        .putInt(width)
                        .putInt(height)
                        .put((byte) 8)
                        .put(kind)
                        .array());
        byte[] rows = new byte[height * (1 + width * channels)];
        for (int y = 0; y < height; y++) {
            System.arraycopy(pixels, y * width * channels, rows, y * (1 + width * channels) + 1, width * channels);
        }
        chunk(out, "IDAT", deflated(rows));
        chunk(out, "IEND", new byte[0]);
        return out.toByteArray();
    }

    private static byte[] deflated(byte[] rows) {
        Deflater deflater = new Deflater();
        try {
            deflater.setInput(rows);
            deflater.finish();
            ByteArrayOutputStream out = new ByteArrayOutputStream();
            byte[] part = new byte[8192];
            while (!deflater.finished()) {
                out.write(part, 0, deflater.deflate(part));
            }
            return out.toByteArray();
        } finally {
            deflater.end();
        }
    }

    private static void chunk(ByteArrayOutputStream out, String type, byte[] content) {
        byte[] name = type.getBytes(StandardCharsets.US_ASCII);
        CRC32 crc = new CRC32();
        crc.update(name);
        crc.update(content);
        out.writeBytes(ByteBuffer.allocate(12 + content.length)
                .putInt(content.length)
                .put(name)
                .put(content)
                .putInt((int) crc.getValue())
                .array());
    }
}
