package dev.fluxion.serving.grpc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.fluxion.dsl.train.Model;
import dev.fluxion.serving.Limits;
import dev.fluxion.serving.Models;
import dev.fluxion.serving.Repository;
import dev.fluxion.serving.Tls;
import io.grpc.CallOptions;
import io.grpc.Metadata;
import io.grpc.Status;
import io.grpc.netty.GrpcSslContexts;
import io.netty.handler.ssl.SslContext;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** All methods but that of inference, who may use them, and over what. */
class ServerTest {
    private static final String INFER = "ModelInfer";
    private static final byte[] NONE = {};
    private static final byte[] ONE = Wire.twice(1, 1, 1, 1, 1, 1, 1, 1);
    private static final float[] TWO = {2, 2, 2, 2, 2, 2, 2, 2};

    @TempDir
    private Path folder;

    private static byte[] name(int field, String name) {
        return WireWriter.write(out -> out.text(field, name));
    }

    /** The texts of fields in messages of field 1. */
    private static List<String> lines(Wire.Got got, int... fields) {
        assertThat(got.status()).isEqualTo(Status.OK);
        List<String> lines = new ArrayList<>();
        WireReader in = new WireReader(ByteBuffer.wrap(got.message()));
        while (in.next()) {
            StringBuilder line = new StringBuilder();
            WireReader one = in.message();
            while (one.next()) {
                int field = one.field();
                if (IntStream.of(fields).anyMatch(f -> f == field)) {
                    line.append(line.isEmpty() ? "" : " ").append(one.text());
                } else {
                    one.skip();
                }
            }
            lines.add(line.toString());
        }
        return lines;
    }

    @Test
    void a_repository_that_is_gone_is_no_fault_of_the_client() throws Exception {
        Path gone = Files.createDirectory(folder.resolve("gone"));
        try (Models models = Samples.models();
                RunningGrpcServer server =
                        Samples.local(models).repository(Repository.of(gone)).start();
                Wire wire = Wire.to(server)) {
            Files.delete(gone);
            Wire.Got index = wire.ask("RepositoryIndex", NONE);
            assertThat(index.code()).isEqualTo(Status.Code.INTERNAL);
            assertThat(index.text()).doesNotContain(gone.toString());
        }
    }

    @Test
    void models_come_from_the_repository_and_go() throws Exception {
        try (Model model = Samples.twice()) {
            model.export(folder.resolve("digits.fluxion"));
            Files.createDirectories(folder.resolve("letters"));
            model.export(folder.resolve("letters").resolve("2.fluxion"));
        }
        Files.writeString(folder.resolve("bad.fluxion"), "bad");
        try (Models models = Models.of(Limits.none());
                RunningGrpcServer server =
                        Samples.local(models).repository(Repository.of(folder)).start();
                Wire wire = Wire.to(server)) {
            assertThat(wire.ask("RepositoryModelLoad", name(2, "digits")).code())
                    .isEqualTo(Status.Code.OK);
            assertThat(lines(wire.ask("RepositoryIndex", NONE), 1, 2, 3, 4))
                    .containsExactly(
                            "digits 1 READY", "bad 1 UNAVAILABLE not loaded", "letters 2 UNAVAILABLE not loaded");
            assertThat(lines(wire.ask("RepositoryIndex", WireWriter.write(out -> out.flag(2, true))), 1))
                    .containsExactly("digits");
            Wire.Got bad = wire.ask("RepositoryModelLoad", name(2, "bad"));
            assertThat(bad.code()).isEqualTo(Status.Code.INVALID_ARGUMENT);
            assertThat(bad.text())
                    .contains("failed to load 'bad'", "bad.fluxion")
                    .doesNotContain(folder.toString());
            assertThat(wire.ask("RepositoryModelLoad", name(2, "../digits")).code())
                    .isEqualTo(Status.Code.NOT_FOUND);
            byte[] parameters = WireWriter.write(out -> {
                out.text(2, "digits");
                out.message(3, entry -> entry.text(1, "config"));
            });
            assertThat(wire.ask("RepositoryModelLoad", parameters).code()).isEqualTo(Status.Code.UNIMPLEMENTED);
            assertThat(wire.ask("RepositoryModelUnload", name(2, "digits")).code())
                    .isEqualTo(Status.Code.OK);
            assertThat(wire.ask("RepositoryModelUnload", name(2, "digits")).code())
                    .isEqualTo(Status.Code.NOT_FOUND);
            assertThat(wire.ask("ModelReady", name(1, "digits")).message()).isEmpty();
            assertThat(wire.ask("ModelMetadata", name(1, "digits")).code()).isEqualTo(Status.Code.NOT_FOUND);
        }
    }

    @Test
    void it_tells_what_it_has_and_does() throws Exception {
        try (Models models = Samples.models();
                RunningGrpcServer server = Samples.local(models).start();
                Wire wire = Wire.to(server)) {
            wire.ask(INFER, ONE);
            wire.ask(INFER, name(1, "twice"));
            byte[] config = wire.ask("ModelConfig", name(1, "twice")).message();
            assertThat(new String(config, StandardCharsets.ISO_8859_1)).contains("twice", "fluxion", "input", "output");
            assertThat(lines(wire.ask("ModelStatistics", NONE), 1, 2))
                    .containsExactly("twice 1", "integers 3", "varies 1");
            assertThat(lines(wire.ask("ModelStatistics", name(1, "twice")), 1)).containsExactly("twice");
            assertThat(wire.ask("ModelStatistics", name(1, "none")).code()).isEqualTo(Status.Code.NOT_FOUND);
            assertThat(wire.ask("grpc.health.v1.Health/Check", NONE).message()).containsExactly(8, 1);
            assertThat(wire.ask("grpc.health.v1.Health/Check", name(1, "none")).code())
                    .isEqualTo(Status.Code.NOT_FOUND);
            assertThat(wire.ask("Guess", NONE).code()).isEqualTo(Status.Code.UNIMPLEMENTED);
            assertThat(wire.ask("RepositoryModelUnload", name(2, "twice")).text())
                    .contains("has no repository");
            Map<String, Long> counts = Map.of("OK", 5L, "INVALID_ARGUMENT", 1L, "NOT_FOUND", 2L, "UNIMPLEMENTED", 2L);
            Hold.until(() -> models.overGrpc().statuses().equals(counts));
        }
    }

    @Test
    void without_the_token_there_is_only_health() throws Exception {
        try (Models models = Samples.models();
                RunningGrpcServer server = Samples.local(models).token("secret").start();
                Wire wire = Wire.to(server)) {
            for (String method : List.of(INFER, "ServerMetadata", "ModelReady", "RepositoryIndex")) {
                assertThat(wire.ask(method, NONE).code()).isEqualTo(Status.Code.UNAUTHENTICATED);
                assertThat(authorized(wire, method, "Bearer secre").code()).isEqualTo(Status.Code.UNAUTHENTICATED);
            }
            assertThat(wire.ask("ServerReady", NONE).message()).containsExactly(8, 1);
            assertThat(wire.ask("grpc.health.v1.Health/Check", NONE).message()).containsExactly(8, 1);
            assertThat(Wire.floats(authorized(wire, INFER, "bearer secret"))).containsExactly(TWO);
            assertThat(Samples.local(models).token("secret").toString()).doesNotContain("secret");
        }
    }

    private static Wire.Got authorized(Wire wire, String method, String shown) {
        Metadata headers = new Metadata();
        headers.put(Wire.AUTHORIZATION, shown);
        return wire.send(method, ONE, CallOptions.DEFAULT, headers, false).get();
    }

    @Test
    void tls_is_spoken_with_a_certificate() throws Exception {
        Path store = folder.resolve("store.p12");
        String keytool =
                Path.of(System.getProperty("java.home"), "bin", "keytool").toString();
        String options =
                " -genkeypair -alias a -keyalg EC -dname CN=here -ext SAN=IP:127.0.0.1 -storepass secret -keystore ";
        Process made = new ProcessBuilder((keytool + options + store).split(" "))
                .inheritIO()
                .start();
        assertThat(made.waitFor()).isZero();
        KeyStore keys = KeyStore.getInstance(store.toFile(), "secret".toCharArray());
        Path chain = pem("CERTIFICATE", keys.getCertificate("a").getEncoded());
        Tls tls = new Tls(
                chain,
                pem("PRIVATE KEY", keys.getKey("a", "secret".toCharArray()).getEncoded()));
        SslContext trusting =
                GrpcSslContexts.forClient().trustManager(chain.toFile()).build();
        try (Models models = Samples.models();
                RunningGrpcServer server = Samples.local(models).tls(tls).start();
                Wire wire = Wire.to(server, builder -> builder.sslContext(trusting));
                Wire plain = Wire.to(server)) {
            assertThat(Wire.floats(wire.ask(INFER, ONE))).containsExactly(TWO);
            assertThat(plain.ask("ServerLive", NONE).code()).isEqualTo(Status.Code.UNAVAILABLE);
            assertThatThrownBy(() ->
                            Samples.local(models).tls(new Tls(store, store)).start())
                    .isInstanceOf(IOException.class)
                    .hasMessageContaining("store.p12")
                    .hasMessageContaining("PEM");
        }
        GrpcLimits one = Samples.patient().connections(1);
        try (Models models = Samples.models();
                RunningGrpcServer server =
                        Samples.local(models).tls(tls).limits(one).start();
                Wire first = Wire.to(server, builder -> builder.sslContext(trusting));
                Wire second = Wire.to(server, builder -> builder.sslContext(trusting))) {
            assertThat(Wire.floats(first.ask(INFER, ONE))).containsExactly(TWO);
            Wire.Got refused = second.ask(INFER, ONE);
            assertThat(refused.code()).isEqualTo(Status.Code.UNAVAILABLE);
            assertThat(refused.text()).contains("as many connections as it takes");
        }
    }

    private Path pem(String kind, byte[] content) throws IOException {
        String text = Base64.getMimeEncoder().encodeToString(content);
        return Files.writeString(
                folder.resolve(kind.replace(' ', '-') + ".pem"),
                "-----BEGIN " + kind + "-----\n" + text + "\n-----END " + kind + "-----\n");
    }

    @Test
    void options_are_checked() throws IOException {
        try (Models models = Models.of(Limits.none());
                RunningGrpcServer server = Samples.local(models).start()) {
            assertThatThrownBy(() -> GrpcServer.of(models).port(70_000))
                    .hasMessage("GrpcServer: port must be from 0 to 65535 but is 70000");
            assertThatThrownBy(() -> GrpcServer.of(models).threads(0)).hasMessageContaining("threads must be from 1");
            assertThatThrownBy(() -> GrpcServer.of(models).token(" ")).hasMessageContaining("token must not be blank");
            assertThatThrownBy(() -> Samples.local(models).port(server.port()).start())
                    .isInstanceOf(IOException.class)
                    .hasMessage("cannot listen at 127.0.0.1:" + server.port());
            assertThatThrownBy(() ->
                            Samples.local(models).host("no.such.host.invalid").start())
                    .isInstanceOf(IOException.class)
                    .hasMessage("cannot listen at no.such.host.invalid:0");
            GrpcLimits limits = GrpcLimits.defaults();
            assertThatThrownBy(() -> limits.message(0)).hasMessageContaining("message must be from 1");
            assertThatThrownBy(() -> limits.messages(1)).hasMessageContaining("messages must be from 16777216");
            assertThatThrownBy(() -> limits.header(1)).hasMessageContaining("header must be from 256");
            assertThatThrownBy(() -> limits.connections(0)).hasMessageContaining("connections must be from 1");
            assertThatThrownBy(() -> limits.calls(0)).hasMessageContaining("calls must be from 1");
            for (Consumer<Duration> time :
                    List.<Consumer<Duration>>of(limits::call, limits::idle, limits::keepAlive, limits::drain)) {
                assertThatThrownBy(() -> time.accept(Duration.ZERO))
                        .hasMessageContaining("must be above 0 but is PT0S");
            }
        }
    }
}
