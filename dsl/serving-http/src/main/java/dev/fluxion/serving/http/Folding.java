package dev.fluxion.serving.http;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Locale;
import java.util.function.IntConsumer;
import java.util.zip.DataFormatException;
import java.util.zip.Deflater;
import java.util.zip.DeflaterOutputStream;
import java.util.zip.GZIPOutputStream;
import org.jspecify.annotations.Nullable;

/** Folds and unfolds bodies: gzip, and deflate, which is zlib in HTTP. */
final class Folding {
    private static final String GZIP = "gzip";
    private static final String DEFLATE = "deflate";
    /** Less is not worth it. */
    private static final int LEAST = 1024;

    private Folding() {}

    /** Whether a body is folded. */
    static boolean isFolded(@Nullable String encoding) {
        return encoding != null && !encoding.isBlank() && !encoding.strip().equalsIgnoreCase("identity");
    }

    /**
     * Unfolds a body.
     *
     * @param each hears of every part before more is unfolded, and may refuse
     */
    static byte[] unfold(String encoding, ByteBuffer body, int most, IntConsumer each) {
        String name = encoding.strip().toLowerCase(Locale.ROOT);
        if (!name.equals(GZIP) && !name.equals(DEFLATE)) {
            throw Errors.badEncoding(encoding);
        }
        try {
            return Unfolding.of(name.equals(GZIP), body, most, each);
        } catch (DataFormatException | BufferUnderflowException e) {
            throw Errors.badUnfolding(name);
        }
    }

    /** What a client takes of these, by its {@code Accept-Encoding}; null if nothing, or if it is not worth it. */
    static @Nullable String accepted(@Nullable String accept, int bytes) {
        if (accept == null || bytes < LEAST) {
            return null;
        }
        for (String one : accept.toLowerCase(Locale.ROOT).split(",")) {
            String[] parts = one.strip().split("\\s*;\\s*", -1);
            boolean refused = List.of(parts).stream().skip(1).anyMatch(part -> part.matches("q\\s*=\\s*0(\\.0*)?"));
            if (!refused && (parts[0].equals(GZIP) || parts[0].equals(DEFLATE))) {
                return parts[0];
            }
        }
        return null;
    }

    static byte[] fold(String encoding, byte[] body) {
        ByteArrayOutputStream folded = new ByteArrayOutputStream();
        try (OutputStream out = encoding.equals(GZIP) ? new Fast(folded) : deflate(folded)) {
            out.write(body);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return folded.toByteArray();
    }

    private static OutputStream deflate(OutputStream to) {
        Deflater deflater = new Deflater(Deflater.BEST_SPEED);
        return new DeflaterOutputStream(to, deflater) {
            @Override
            public void close() throws IOException {
                try {
                    super.close();
                } finally {
                    deflater.end();
                }
            }
        };
    }

    private static final class Fast extends GZIPOutputStream {
        Fast(OutputStream to) throws IOException {
            super(to);
            def.setLevel(Deflater.BEST_SPEED);
        }
    }
}
