package dev.fluxion.files;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import dev.fluxion.data.DataFileException;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.Stream;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Files come from mirrors whole, with the right checksum, or not at all. */
class FetchTest {
    private static final byte[] DATA = bytes(300_000);

    private final List<String> asked = new ArrayList<>();
    private HttpServer server;

    @TempDir
    Path cache;

    private static byte[] bytes(int count) {
        byte[] bytes = new byte[count];
        new Random(1).nextBytes(bytes);
        return bytes;
    }

    private static String sum(byte[] bytes) throws Exception {
        return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(bytes));
    }

    @BeforeEach
    void serve() throws IOException {
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.createContext("/good/", exchange -> answer(exchange, DATA, DATA.length));
        server.createContext("/torn/", exchange -> answer(exchange, DATA, 100_000));
        server.createContext("/evil/", exchange -> answer(exchange, bytes(DATA.length - 1), DATA.length));
        server.start();
    }

    @AfterEach
    void stop() {
        server.stop(0);
    }

    /** Sends some of the bytes from the one that is asked for. */
    private synchronized void answer(HttpExchange exchange, byte[] data, int most) throws IOException {
        String range = exchange.getRequestHeaders().getFirst("Range");
        asked.add(exchange.getRequestURI().getPath() + (range == null ? "" : " " + range));
        int from = range == null ? 0 : Integer.parseInt(range.replaceAll("\\D", ""));
        if (from >= data.length) {
            exchange.sendResponseHeaders(416, -1);
        } else {
            if (range != null) {
                exchange.getResponseHeaders()
                        .add("Content-Range", "bytes " + from + "-" + (data.length - 1) + "/" + data.length);
            }
            exchange.sendResponseHeaders(range == null ? 200 : 206, data.length - from);
            exchange.getResponseBody().write(data, from, Math.max(0, Math.min(most, data.length - from)));
        }
        exchange.close();
    }

    private Fetch fetch(String... mirrors) throws Exception {
        String[] addresses = Stream.of(mirrors)
                .map(mirror -> "http://127.0.0.1:" + server.getAddress().getPort() + "/" + mirror + "/")
                .toArray(String[]::new);
        return new Fetch("set", Map.of("x.bin", sum(DATA)), List.of(), List.of(), cache, false, part -> {})
                .mirrors(addresses);
    }

    private Path file(String name) {
        return cache.resolve("set").resolve(name);
    }

    private void assertWhole() throws IOException {
        assertThat(Files.readAllBytes(file("x.bin"))).isEqualTo(DATA);
        assertThat(file("x.bin.part")).doesNotExist();
    }

    @Test
    void aFileIsFetchedOnce() throws Exception {
        List<Fetch.Progress> told = new ArrayList<>();
        assertThat(fetch("good").progress(told::add).folder()).isEqualTo(cache.resolve("set"));
        assertWhole();
        assertThat(told.get(told.size() - 1)).isEqualTo(new Fetch.Progress("x.bin", DATA.length, DATA.length));
        fetch("good").folder();
        fetch("good").offline(true).folder();
        assertThat(asked).containsExactly("/good/x.bin");
        Files.write(file("x.bin"), new byte[3]);
        assertThatThrownBy(() -> fetch("good").offline(true).folder())
                .isInstanceOf(DataFileException.class)
                .hasMessage(file("x.bin") + ": not there, and nothing may be fetched: -Dfluxion.offline or"
                        + " offline(true) forbids it");
        fetch("good").folder();
        assertWhole();
    }

    @Test
    void mirrorsAreTriedInOrder() throws Exception {
        fetch("none", "evil", "torn", "good").folder();
        assertWhole();
        assertThat(asked).containsExactly("/evil/x.bin", "/torn/x.bin", "/good/x.bin bytes=100000-");
    }

    /** Where the server breaks off a download goes on, also in another program. */
    @Test
    void aDownloadGoesOnWhereItBrokeOff() throws Exception {
        for (int there = 100_000; there < 300_000; there += 100_000) {
            int now = there;
            assertThatThrownBy(() -> fetch("torn").folder())
                    .hasMessageContaining("no mirror gives the file; http://")
                    .hasMessageEndingWith("broke off after " + now + " of 300000 bytes; the next call goes on there");
            assertThat(Files.size(file("x.bin.part"))).isEqualTo(there);
            assertThat(file("x.bin")).doesNotExist();
        }
        fetch("torn").folder();
        assertWhole();
    }

    /** What is left of another file, or longer than this one, is thrown away. */
    @Test
    void whatIsThereAndWrongIsFetchedAnew() throws Exception {
        for (int length : new int[] {10, 300_000, 400_000}) {
            Files.createDirectories(cache.resolve("set"));
            Files.deleteIfExists(file("x.bin"));
            Files.write(file("x.bin.part"), new byte[length]);
            fetch("good").folder();
            assertWhole();
        }
        Files.delete(file("x.bin"));
        Files.write(file("x.bin.part"), DATA);
        fetch("good").folder();
        assertWhole();
    }

    @Test
    void whatNoMirrorHasIsTold() throws Exception {
        assertThatThrownBy(() -> fetch("evil", "none").folder())
                .isInstanceOf(DataFileException.class)
                .hasMessageContaining("/evil/x.bin: ")
                .hasMessageContaining("/none/x.bin: status 404");
        assertThat(file("x.bin")).doesNotExist();
        assertThatThrownBy(() -> fetch().folder()).hasMessageEndingWith(": there is no mirror");
        assertThatThrownBy(() -> fetch().mirrors("file:/tmp/").folder())
                .hasMessageEndingWith("file:/tmp/x.bin: no address of HTTP");
        server.stop(0);
        assertThatThrownBy(() -> fetch("good").folder()).hasMessageContaining("/good/x.bin: Connection refused");
    }

    @Test
    void archivesAreUnpacked() throws Exception {
        byte[] archive = tar(Map.of("set/a.bin", "one", "../out", "bad", "set/b.bin", "x".repeat(1_000)));
        server.createContext("/tar/", exchange -> answer(exchange, archive, archive.length));
        Fetch fetch = new Fetch(
                "set",
                Map.of("a.tar.gz", sum(archive)),
                List.of("set/a.bin", "set/b.bin"),
                fetch("tar").mirrors(),
                cache,
                false,
                part -> {});
        Path folder = fetch.folder();
        assertThat(folder.resolve("set/a.bin")).hasContent("one");
        assertThat(Files.size(folder.resolve("set/b.bin"))).isEqualTo(1_000);
        assertThat(cache.resolve("out")).doesNotExist();
        Files.delete(folder.resolve("a.tar.gz"));
        fetch.offline(true).folder();
        Files.delete(folder.resolve("set/a.bin"));
        Files.write(folder.resolve("a.tar.gz"), archive);
        fetch.offline(true).folder();
        assertThat(folder.resolve("set/a.bin")).hasContent("one");
        Path cut = Files.write(cache.resolve("cut.tar.gz"), Arrays.copyOf(archive, archive.length / 2));
        assertThatThrownBy(() -> Tar.unpack(cut, List.of("set/a.bin", "set/b.bin"), cache))
                .hasMessageContaining("cut.tar.gz: no archive that can be unpacked: ");
        Path whole = Files.write(cache.resolve("whole.tar.gz"), archive);
        assertThatThrownBy(() -> Tar.unpack(whole, List.of("c"), cache)).hasMessageEndingWith("the archive lacks c");
    }

    private static byte[] tar(Map<String, String> files) throws IOException {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        try (GZIPOutputStream zipped = new GZIPOutputStream(out)) {
            for (Map.Entry<String, String> file : files.entrySet()) {
                byte[] name = file.getKey().getBytes(StandardCharsets.ISO_8859_1);
                byte[] text = file.getValue().getBytes(StandardCharsets.ISO_8859_1);
                byte[] size = String.format("%011o", text.length).getBytes(StandardCharsets.ISO_8859_1);
                byte[] header = new byte[512];
                System.arraycopy(name, 0, header, 0, name.length);
                System.arraycopy(size, 0, header, 124, size.length);
                zipped.write(header);
                zipped.write(Arrays.copyOf(text, (text.length + 511) / 512 * 512));
            }
            zipped.write(new byte[1024]);
        }
        return out.toByteArray();
    }

    @Test
    void theKnownSetsHaveChecksums() {
        for (Fetch fetch : List.of(Fetch.mnist(), Fetch.fashionMnist(), Fetch.cifar10(), Fetch.cifar100())) {
            assertThat(fetch.sums().values()).allMatch(sum -> sum.matches("[0-9a-f]{64}"));
            assertThat(fetch.mirrors()).isNotEmpty().allMatch(mirror -> mirror.endsWith("/"));
        }
    }
}
