package dev.fluxion.files;

import dev.fluxion.files.Fetch.Progress;
import java.io.IOException;
import java.io.InputStream;
import java.net.HttpURLConnection;
import java.net.URI;
import java.net.URLConnection;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** A file that is fetched into another one beside it, which takes its place when it is whole and has the right checksum. */
final class Download {
    private static final int CONNECT_MILLIS = 20_000;
    private static final int READ_MILLIS = 60_000;
    /** More than any data set here. */
    private static final long MOST_BYTES = 1L << 30;

    private final String address;
    private final Path target;
    private final Path part;
    private final String sum;
    private final Consumer<Progress> progress;

    Download(String address, Path target, String sum, Consumer<Progress> progress) {
        this.address = address;
        this.target = target;
        this.part = target.resolveSibling(target.getFileName() + ".part");
        this.sum = sum;
        this.progress = progress;
    }

    /** Whether a file is there and has a checksum. */
    static boolean isThere(Path file, String sum) throws IOException {
        return Files.isRegularFile(file) && sum.equals(sum(file));
    }

    private static String sum(Path file) throws IOException {
        try (InputStream in = Files.newInputStream(file)) {
            MessageDigest digest = MessageDigest.getInstance("SHA-256");
            byte[] buffer = new byte[1 << 16];
            for (int n = in.read(buffer); n >= 0; n = in.read(buffer)) {
                digest.update(buffer, 0, n);
            }
            return HexFormat.of().formatHex(digest.digest());
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }

    /** Goes on with what is there of the file; if that leads to another checksum, begins anew. */
    void run() throws IOException {
        try (FileChannel to = FileChannel.open(part, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
                FileLock lock = lock(to)) {
            if (lock == null) {
                throw new IOException(Errors.fetchedElsewhere());
            }
            boolean begun = to.size() > 0;
            transfer(to);
            if (!sum.equals(sum(part)) && begun) {
                to.truncate(0);
                transfer(to);
            }
            String found = sum(part);
            if (!sum.equals(found)) {
                to.truncate(0);
                throw new IOException(Errors.otherSum(sum, found));
            }
            to.force(true);
            Files.move(part, target, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        }
    }

    private static @Nullable FileLock lock(FileChannel channel) throws IOException {
        try {
            return channel.tryLock();
        } catch (OverlappingFileLockException e) {
            return null;
        }
    }

    private void transfer(FileChannel to) throws IOException {
        long there = to.size();
        HttpURLConnection from = open(there);
        try {
            int status = from.getResponseCode();
            if (status == 416
                    && there > 0) { // There is nothing behind what is there: it is whole, or not of this file.
                return;
            }
            if (status != HttpURLConnection.HTTP_OK && status != HttpURLConnection.HTTP_PARTIAL) {
                throw new IOException(Errors.status(status));
            }
            String range = String.valueOf(from.getHeaderField("Content-Range"));
            if (status == HttpURLConnection.HTTP_OK || !range.startsWith("bytes " + there + "-")) {
                if (status == HttpURLConnection.HTTP_PARTIAL) {
                    throw new IOException(Errors.otherRange(there, range));
                }
                to.truncate(0);
                there = 0;
            }
            long length = from.getContentLengthLong();
            read(from, to, there, length < 0 ? -1 : there + length);
        } finally {
            from.disconnect();
        }
    }

    private HttpURLConnection open(long there) throws IOException {
        URLConnection connection;
        try {
            connection = URI.create(address).toURL().openConnection();
        } catch (IllegalArgumentException e) {
            throw new IOException(Errors.noAddress(), e);
        }
        if (!(connection instanceof HttpURLConnection http)) {
            throw new IOException(Errors.noAddress());
        }
        http.setConnectTimeout(CONNECT_MILLIS);
        http.setReadTimeout(READ_MILLIS);
        if (there > 0) {
            http.setRequestProperty("Range", "bytes=" + there + "-");
        }
        return http;
    }

    private void read(HttpURLConnection from, FileChannel to, long there, long total) throws IOException {
        byte[] buffer = new byte[1 << 16];
        long at = there;
        to.position(at);
        try (InputStream in = from.getInputStream()) {
            for (int n = in.read(buffer); n >= 0; n = in.read(buffer)) {
                ByteBuffer bytes = ByteBuffer.wrap(buffer, 0, n);
                while (bytes.hasRemaining()) {
                    at += to.write(bytes);
                }
                if (at > MOST_BYTES) {
                    to.truncate(0);
                    throw new IOException(Errors.tooMuch(MOST_BYTES));
                }
                progress.accept(new Progress(String.valueOf(target.getFileName()), at, total));
            }
        }
        if (total >= 0 && at < total) {
            throw new IOException(Errors.brokeOff(at, total));
        }
    }
}
