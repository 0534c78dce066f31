package dev.fluxion.serving.http;

import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.net.SocketException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;

/** A connection that sends what it is told, byte for byte, and reads answers. */
final class Wire implements AutoCloseable {
    private final Socket socket;
    private final InputStream in;

    private Wire(Socket socket) throws IOException {
        this.socket = socket;
        this.in = new BufferedInputStream(socket.getInputStream());
        socket.setSoTimeout(300_000);
        socket.setTcpNoDelay(true);
    }

    static Wire to(RunningServer server) throws IOException {
        return over(new Socket(InetAddress.getLoopbackAddress(), server.port()));
    }

    static Wire over(Socket socket) throws IOException {
        return new Wire(socket);
    }

    /** An answer. */
    record Got(int status, Map<String, String> headers, byte[] body) {
        String text() {
            return new String(body, StandardCharsets.UTF_8);
        }

        /** The numbers after the JSON. */
        float[] floats() {
            int json = Integer.parseInt(headers.get("inference-header-content-length"));
            ByteBuffer rest =
                    ByteBuffer.wrap(body, json, body.length - json).slice().order(ByteOrder.LITTLE_ENDIAN);
            float[] floats = new float[rest.remaining() / 4];
            rest.asFloatBuffer().get(floats);
            return floats;
        }
    }

    static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    static byte[] floats(float... values) {
        ByteBuffer bytes = ByteBuffer.allocate(4 * values.length).order(ByteOrder.LITTLE_ENDIAN);
        bytes.asFloatBuffer().put(values);
        return bytes.array();
    }

    static byte[] join(byte[]... parts) {
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        for (byte[] part : parts) {
            all.writeBytes(part);
        }
        return all.toByteArray();
    }

    /** A request with a body, and its length. */
    static byte[] post(String path, String headers, byte[] body) {
        String head = "POST " + path + " HTTP/1.1\r\nHost: here\r\n" + headers + "Content-Length: " + body.length;
        return join(bytes(head + "\r\n\r\n"), body);
    }

    static byte[] get(String path, String headers) {
        return bytes("GET " + path + " HTTP/1.1\r\nHost: here\r\n" + headers + "\r\n");
    }

    Wire send(byte[]... parts) throws IOException {
        socket.getOutputStream().write(join(parts));
        socket.getOutputStream().flush();
        return this;
    }

    void endOutput() throws IOException {
        socket.shutdownOutput();
    }

    /** The first letter of the next answer, which is read again with it. */
    int first() throws IOException {
        in.mark(1);
        int letter = in.read();
        in.reset();
        return letter;
    }

    /** The next answer; an {@link EOFException} if there is none. */
    Got read() throws IOException {
        return read(true);
    }

    Got read(boolean hasBody) throws IOException {
        String first = line();
        int status = Integer.parseInt(first.split(" ")[1]);
        Map<String, String> headers = new TreeMap<>();
        for (String line = line(); !line.isEmpty(); line = line()) {
            String[] parts = line.split(":", 2);
            headers.put(parts[0].strip().toLowerCase(Locale.ROOT), parts[1].strip());
        }
        int length = Integer.parseInt(headers.getOrDefault("content-length", "0"));
        byte[] body = in.readNBytes(hasBody ? length : 0);
        if (hasBody && body.length < length) {
            throw new EOFException();
        }
        return new Got(status, headers, body);
    }

    private String line() throws IOException {
        ByteArrayOutputStream line = new ByteArrayOutputStream();
        for (int b = in.read(); b != '\n'; b = in.read()) {
            if (b < 0) {
                throw new EOFException();
            }
            line.write(b);
        }
        return line.toString(StandardCharsets.ISO_8859_1).stripTrailing();
    }

    /** Whether the server has closed. */
    boolean isEnded() throws IOException {
        try {
            return in.read() < 0;
        } catch (SocketException e) {
            return true;
        }
    }

    @Override
    public void close() throws IOException {
        socket.close();
    }
}
