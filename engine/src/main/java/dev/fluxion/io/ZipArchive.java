package dev.fluxion.io;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.zip.CRC32;

/** The directory of a zip archive whose entries are stored as they are. Nothing is unpacked; entries are read in place. */
final class ZipArchive {
    private static final int END = 0x06054b50;
    private static final int END_BYTES = 22;
    private static final int LOCATOR = 0x07064b50;
    private static final int LOCATOR_BYTES = 20;
    private static final int WIDE_END = 0x06064b50;
    private static final int WIDE_END_BYTES = 56;
    private static final int ENTRY = 0x02014b50;
    private static final int ENTRY_BYTES = 46;
    private static final int LOCAL = 0x04034b50;
    private static final int LOCAL_BYTES = 30;
    private static final int LONGEST_COMMENT = 0xffff;
    private static final long WIDE = 0xffffffffL;
    private static final int WIDE_FIELD = 1;
    private static final int MOST_BYTES = 1 << 26;
    private static final int CHUNK = 1 << 16;

    private final Path file;
    private final FileChannel from;
    private final Map<String, Entry> entries = new LinkedHashMap<>();
    private final Set<String> verified = new HashSet<>();

    /** An entry; {@code plain} if it is neither compressed nor encrypted. */
    private record Entry(long header, long bytes, long crc, boolean plain) {}

    ZipArchive(Path file, FileChannel from) throws IOException {
        this.file = file;
        this.from = from;
        readDirectory();
    }

    /** The folder that the first entry lies in. */
    String folder() throws TensorFileException {
        String first = entries.isEmpty() ? "" : entries.keySet().iterator().next();
        if (first.indexOf('/') < 0) {
            throw new TensorFileException(file, TorchErrors.noEntry("archive/data.pkl"));
        }
        return first.substring(0, first.indexOf('/') + 1);
    }

    boolean has(String name) {
        return entries.containsKey(name);
    }

    /** The bytes of an entry. */
    long bytes(String name) throws TensorFileException {
        return entry(name).bytes();
    }

    /** Where the bytes of an entry begin in the file, whose checksum is right. */
    long begin(String name) throws IOException {
        Entry entry = entry(name);
        if (!entry.plain()) {
            throw new TensorFileException(file, TorchErrors.packed(name));
        }
        byte[] expected = name.getBytes(StandardCharsets.UTF_8);
        ByteBuffer local = part(entry.header(), LOCAL_BYTES + expected.length);
        byte[] found = new byte[expected.length];
        local.position(LOCAL_BYTES).get(found);
        int length = Short.toUnsignedInt(local.getShort(26));
        long begin = entry.header() + LOCAL_BYTES + length + Short.toUnsignedInt(local.getShort(28));
        if (local.getInt(0) != LOCAL
                || length != expected.length
                || !Arrays.equals(found, expected)
                || begin > from.size() - entry.bytes()) {
            throw bad("the header of '" + Errors.name(name) + "' is not where the directory says");
        }
        if (verified.add(name)) {
            verify(name, begin, entry);
        }
        return begin;
    }

    private void verify(String name, long begin, Entry entry) throws IOException {
        CRC32 sum = new CRC32();
        ByteBuffer buffer = ByteBuffer.allocate(CHUNK);
        for (long done = 0; done < entry.bytes(); done += buffer.limit()) {
            buffer.clear().limit((int) Math.min(CHUNK, entry.bytes() - done));
            Channels.read(file, from, buffer, begin + done);
            sum.update(buffer.flip());
        }
        if (sum.getValue() != entry.crc()) {
            throw new TensorFileException(file, TorchErrors.damaged(name));
        }
    }

    private Entry entry(String name) throws TensorFileException {
        Entry entry = entries.get(name);
        if (entry == null) {
            throw new TensorFileException(file, TorchErrors.noEntry(name));
        }
        return entry;
    }

    private void readDirectory() throws IOException {
        long size = from.size();
        int tail = (int) Math.min(size, END_BYTES + LONGEST_COMMENT);
        ByteBuffer end = part(size - tail, tail);
        int at = tail - END_BYTES;
        while (at >= 0 && end.getInt(at) != END) {
            at--;
        }
        if (at < 0) {
            throw new TensorFileException(file, TorchErrors.zipCutShort());
        }
        long place = size - tail + at;
        long count = Short.toUnsignedLong(end.getShort(at + 10));
        long bytes = Integer.toUnsignedLong(end.getInt(at + 12));
        long begin = Integer.toUnsignedLong(end.getInt(at + 16));
        long locator = place - LOCATOR_BYTES;
        if (locator >= 0 && part(locator, LOCATOR_BYTES).getInt(0) == LOCATOR) {
            long wide = part(locator, LOCATOR_BYTES).getLong(8);
            ByteBuffer record = part(wide, WIDE_END_BYTES);
            if (record.getInt(0) != WIDE_END) {
                throw bad("its 64-bit end is not where it says");
            }
            count = record.getLong(32);
            bytes = record.getLong(40);
            begin = record.getLong(48);
        }
        if (bytes < 0 || bytes > MOST_BYTES) {
            throw new TensorFileException(file, TorchErrors.directoryTooLong(bytes, MOST_BYTES));
        }
        readEntries(part(begin, (int) bytes), count, begin);
    }

    private void readEntries(ByteBuffer directory, long count, long begin) throws TensorFileException {
        for (long i = 0; i < count; i++) {
            if (directory.remaining() < ENTRY_BYTES || directory.getInt(directory.position()) != ENTRY) {
                throw bad("its directory has fewer entries than it says");
            }
            int at = directory.position();
            int nameLength = Short.toUnsignedInt(directory.getShort(at + 28));
            int extraLength = Short.toUnsignedInt(directory.getShort(at + 30));
            int length = ENTRY_BYTES + nameLength + extraLength + Short.toUnsignedInt(directory.getShort(at + 32));
            if (length > directory.remaining()) {
                throw bad("its directory is cut short");
            }
            byte[] name = new byte[nameLength];
            directory.position(at + ENTRY_BYTES).get(name);
            ByteBuffer extra = directory.slice().limit(extraLength).order(ByteOrder.LITTLE_ENDIAN);
            put(new String(name, StandardCharsets.UTF_8), entry(directory, at, extra), begin);
            directory.position(at + length);
        }
    }

    private static Entry entry(ByteBuffer directory, int at, ByteBuffer extra) {
        long packed = Integer.toUnsignedLong(directory.getInt(at + 20));
        long bytes = Integer.toUnsignedLong(directory.getInt(at + 24));
        long header = Integer.toUnsignedLong(directory.getInt(at + 42));
        ByteBuffer wide = wide(extra);
        bytes = bytes == WIDE && wide.remaining() >= Long.BYTES ? wide.getLong() : bytes;
        packed = packed == WIDE && wide.remaining() >= Long.BYTES ? wide.getLong() : packed;
        header = header == WIDE && wide.remaining() >= Long.BYTES ? wide.getLong() : header;
        boolean encrypted = (directory.getShort(at + 8) & 1) != 0;
        boolean plain = directory.getShort(at + 10) == 0 && packed == bytes && !encrypted;
        return new Entry(header, bytes, Integer.toUnsignedLong(directory.getInt(at + 16)), plain);
    }

    /** Those numbers of an entry that need 64 bits. */
    private static ByteBuffer wide(ByteBuffer extra) {
        while (extra.remaining() >= 4) {
            int kind = Short.toUnsignedInt(extra.getShort());
            int length = Math.min(Short.toUnsignedInt(extra.getShort()), extra.remaining());
            if (kind == WIDE_FIELD) {
                return extra.limit(extra.position() + length);
            }
            extra.position(extra.position() + length);
        }
        return extra.limit(extra.position());
    }

    private void put(String name, Entry entry, long directory) throws TensorFileException {
        if (name.startsWith("/") || name.contains("\\") || ("/" + name + "/").contains("/../")) {
            throw new TensorFileException(file, TorchErrors.leadsOut(name));
        }
        if (entry.header() < 0
                || entry.bytes() < 0
                || entry.bytes() > directory
                || entry.header() > directory - entry.bytes()) {
            throw bad("the entry '" + Errors.name(name) + "' lies outside the file");
        }
        if (entries.put(name, entry) != null) {
            throw new TensorFileException(file, TorchErrors.twice(name));
        }
    }

    private ByteBuffer part(long begin, int bytes) throws IOException {
        if (begin < 0 || begin > from.size() - bytes) {
            throw bad("its directory lies outside the file");
        }
        ByteBuffer part = ByteBuffer.allocate(bytes).order(ByteOrder.LITTLE_ENDIAN);
        Channels.read(file, from, part, begin);
        return part.flip();
    }

    private TensorFileException bad(String problem) {
        return new TensorFileException(file, TorchErrors.badZip(problem));
    }
}
