package dev.fluxion.serving.http;

import dev.fluxion.serving.protocol.Rules;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.function.IntConsumer;
import java.util.zip.CRC32;
import java.util.zip.DataFormatException;
import java.util.zip.Inflater;

/** A body while it is unfolded. */
final class Unfolding {
    private static final int CHUNK = 8192;

    private final ByteBuffer rest;
    private final Inflater inflater;
    private final int most;
    private final IntConsumer each;
    private final ByteArrayOutputStream unfolded = new ByteArrayOutputStream();
    private final byte[] chunk = new byte[CHUNK];

    private Unfolding(ByteBuffer rest, Inflater inflater, int most, IntConsumer each) {
        this.rest = rest;
        this.inflater = inflater;
        this.most = most;
        this.each = each;
    }

    /** The content of a body: the members of a gzip file one after the other, or one of zlib. */
    static byte[] of(boolean gzip, ByteBuffer body, int most, IntConsumer each) throws DataFormatException {
        Inflater inflater = new Inflater(gzip);
        try {
            ByteBuffer rest = body.slice().order(ByteOrder.LITTLE_ENDIAN);
            Unfolding unfolding = new Unfolding(rest, inflater, most, each);
            if (gzip) {
                unfolding.members();
            } else {
                unfolding.inflate(new CRC32());
            }
            if (rest.hasRemaining()) {
                throw new DataFormatException();
            }
            return unfolding.unfolded.toByteArray();
        } finally {
            inflater.end();
        }
    }

    private void members() throws DataFormatException {
        int count = 0;
        do {
            Rules.requireMore("members of gzip", count++);
            int before = unfolded.size();
            CRC32 sum = new CRC32();
            Gzip.skipHeader(rest);
            inflate(sum);
            Gzip.requireTrailer(rest, sum, unfolded.size() - before);
        } while (rest.hasRemaining());
    }

    private void inflate(CRC32 sum) throws DataFormatException {
        inflater.reset();
        inflater.setInput(rest);
        while (!inflater.finished()) {
            int read = inflater.inflate(chunk);
            if (read == 0 && !inflater.finished()) {
                throw new DataFormatException();
            }
            if (read > most - unfolded.size()) {
                throw Errors.longBody(most);
            }
            each.accept(read);
            unfolded.write(chunk, 0, read);
            sum.update(chunk, 0, read);
        }
    }
}
