package dev.fluxion.io;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.zip.CRC32C;

/**
 * The checksums (CRC32C) that a file of ours has in its metadata: one of the header, with the eight bytes in front that
 * give its length and with zeros in its own place, which is always the same, and one for each tensor, in the order of the
 * data. There are two texts, so that no single change makes both disappear.
 */
final class Checksums {
    private static final String OWN = "fluxion.";
    private static final String HEADER = OWN + "header.crc32c";
    private static final String TENSORS = OWN + "tensors.crc32c";
    private static final String BLANK = "00000000";
    private static final String BEGIN = "{\"" + Header.METADATA + "\":{\"" + HEADER + "\":\"";
    private static final String BETWEEN = "\",\"" + TENSORS + "\":\"";
    private static final int HEADER_SUM = Long.BYTES + BEGIN.length();
    private static final int STRIDE = BLANK.length() + 1;
    private static final int CHUNK = 1 << 14;

    private final Path file;
    private final String tensors;

    private Checksums(Path file, String tensors) {
        this.file = file;
        this.tensors = tensors;
    }

    /** Whether a text of the metadata is one of these. */
    static boolean owns(String key) {
        return key.equals(HEADER) || key.equals(TENSORS);
    }

    /** The beginning of a header up to the checksums of the tensors. */
    static String begin() {
        return BEGIN + BLANK + BETWEEN;
    }

    /** The place of the checksums of so many tensors. */
    static String blank(int tensors) {
        return (BLANK + " ").repeat(tensors).strip();
    }

    /** Puts the checksums of the tensors, and then its own, into a header that begins with its length. */
    static void fill(byte[] lengthAndHeader, CRC32C[] tensors) {
        for (int i = 0; i < tensors.length; i++) {
            put(lengthAndHeader, HEADER_SUM + BLANK.length() + BETWEEN.length() + i * STRIDE, tensors[i]);
        }
        CRC32C sum = new CRC32C();
        sum.update(lengthAndHeader);
        put(lengthAndHeader, HEADER_SUM, sum);
    }

    private static void put(byte[] to, int at, CRC32C sum) {
        byte[] text = text(sum).getBytes(StandardCharsets.US_ASCII);
        System.arraycopy(text, 0, to, at, text.length);
    }

    private static String text(CRC32C sum) {
        return String.format("%08x", sum.getValue());
    }

    /** Those of a file that has none: everything is right. */
    static Checksums none(Path file) {
        return new Checksums(file, "");
    }

    /** Those of a file that has at least one, the one of its header being right, which ends at a byte. */
    static Checksums of(Path file, FileChannel from, long headerEnd, int tensors) throws IOException {
        String[] found = {null, null};
        HeaderText text = new HeaderText(file, from, Long.BYTES, headerEnd);
        Header.texts(file, text, TENSORS.length() + 1, (key, json) -> {
            int place = key.equals(HEADER) ? 0 : 1;
            boolean own = owns(key);
            if (own && found[place] != null) {
                throw json.error(Errors.duplicate(key));
            }
            String value = json.string(own ? Math.max(STRIDE, tensors * STRIDE) : 0);
            found[place] = own ? value : found[place];
        });
        if (found[0] == null || found[1] == null || !found[0].equals(text(sum(file, from, headerEnd)))) {
            throw new TensorFileException(file, Errors.damaged("its header"));
        }
        if (found[1].length() != Math.max(0, tensors * STRIDE - 1)) {
            throw new TensorFileException(file, Errors.damaged("its list of checksums"));
        }
        return new Checksums(file, found[1]);
    }

    private static CRC32C sum(Path file, FileChannel from, long headerEnd) throws IOException {
        CRC32C sum = new CRC32C();
        ByteBuffer buffer = ByteBuffer.allocate(CHUNK).order(ByteOrder.LITTLE_ENDIAN);
        for (long at = 0; at < headerEnd; at += buffer.limit()) {
            buffer.clear().limit((int) Math.min(CHUNK, headerEnd - at));
            Channels.read(file, from, buffer, at);
            if (at == 0) {
                buffer.put(HEADER_SUM, BLANK.getBytes(StandardCharsets.US_ASCII));
            }
            sum.update(buffer.flip());
        }
        return sum;
    }

    /** Requires the checksum of a tensor to be the one that the file states. */
    void require(Header.Entry tensor, CRC32C sum) throws TensorFileException {
        if (!tensors.isEmpty() && !tensors.startsWith(text(sum), tensor.number() * STRIDE)) {
            throw new TensorFileException(
                    file, Errors.damaged("tensor '" + Errors.name(tensor.what().name()) + "'"));
        }
    }
}
