package dev.fluxion.examples.service;

import static dev.fluxion.dsl.layer.Layers.*;
import static org.assertj.core.api.Assertions.assertThat;

import dev.fluxion.client.Client;
import dev.fluxion.client.Values;
import dev.fluxion.dsl.layer.Seq;
import dev.fluxion.dsl.train.Model;
import io.grpc.CallOptions;
import io.grpc.ClientCall;
import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.Status;
import io.grpc.netty.NettyChannelBuilder;
import java.io.BufferedReader;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The program as its users start it. */
class ServeTest {
    @TempDir
    private Path folder;

    private Process start(String... options) throws IOException {
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:TieredStopAtLevel=1",
                "-cp",
                System.getProperty("java.class.path"),
                Serve.class.getName()));
        command.addAll(List.of(options));
        return new ProcessBuilder(command).redirectErrorStream(true).start();
    }

    private static BufferedReader output(Process process) {
        return new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8));
    }

    private Path digits() throws IOException {
        Path file = folder.resolve("digits.fluxion");
        try (Model model = Model.of(Seq.of(flatten(), linear(10)), 1, 28, 28)) {
            model.export(file);
        }
        return file;
    }

    @Test
    void it_serves_a_page_and_answers_until_it_is_told_to_stop() throws Exception {
        Process process =
                start("--model", "digits=" + digits(), "--port", "0", "--grpc-port", "0", "--host", "127.0.0.1");
        try (BufferedReader output = output(process)) {
            String line = output.readLine();
            assertThat(line).startsWith("serving digits at http://localhost:");
            Matcher ports = Pattern.compile(".*:(\\d+) and, over gRPC, at localhost:(\\d+)")
                    .matcher(line);
            assertThat(ports.matches()).as(line).isTrue();
            URI here = URI.create("http://127.0.0.1:" + ports.group(1));
            String page = HttpClient.newHttpClient()
                    .send(HttpRequest.newBuilder(here.resolve("/")).build(), HttpResponse.BodyHandlers.ofString())
                    .body();
            assertThat(page).contains("<canvas", "/v2/models/stats");
            Client client = Client.of(here);
            Values pixels = Values.of(new float[784], 1, 1, 28, 28);
            assertThat(client.infer("digits", Map.of("input", pixels))
                            .get("output")
                            .floats())
                    .hasSize(10);
            assertThat(client.isReady("digits")).isTrue();
            assertThat(grpc(Integer.parseInt(ports.group(2)), "ServerReady")).containsExactly(8, 1); // field 1 is true
            process.toHandle().destroy(); // SIGTERM
            assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
            assertThat(output.readLine()).isNull();
        } finally {
            process.destroyForcibly();
        }
    }

    /** The answer to an empty message. */
    private static byte[] grpc(int port, String method) throws Exception {
        ManagedChannel channel =
                NettyChannelBuilder.forAddress("127.0.0.1", port).usePlaintext().build();
        try {
            CompletableFuture<byte[]> answer = new CompletableFuture<>();
            ClientCall<byte[], byte[]> call = channel.newCall(
                    MethodDescriptor.<byte[], byte[]>newBuilder()
                            .setType(MethodDescriptor.MethodType.UNARY)
                            .setFullMethodName("inference.GRPCInferenceService/" + method)
                            .setRequestMarshaller(new Bytes())
                            .setResponseMarshaller(new Bytes())
                            .build(),
                    CallOptions.DEFAULT);
            call.start(
                    new ClientCall.Listener<>() {
                        @Override
                        public void onMessage(byte[] message) {
                            answer.complete(message);
                        }

                        @Override
                        public void onClose(Status status, Metadata trailers) {
                            answer.completeExceptionally(status.asException());
                        }
                    },
                    new Metadata());
            call.request(1);
            call.sendMessage(new byte[0]);
            call.halfClose();
            return answer.get();
        } finally {
            channel.shutdownNow();
        }
    }

    private static final class Bytes implements MethodDescriptor.Marshaller<byte[]> {
        @Override
        public InputStream stream(byte[] message) {
            return new ByteArrayInputStream(message);
        }

        @Override
        public byte[] parse(InputStream stream) {
            try {
                return stream.readAllBytes();
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }

    /** Wrong arguments and files are told in one line. */
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "2 | '' | Missing required option",
                "2 | --model digits | should be in KEY=VALUE format but was digits",
                "2 | --model digits=DIGITS --port x | 'x' is not an int",
                "1 | --model digits=none.fluxion | none.fluxion: no such file",
                "1 | --model digits=WEIGHTS | this is no model that can be opened",
                "1 | --model =DIGITS | the name must not be empty",
                "1 | --model digits=DIGITS --port 99999 | port must be from 0 to 65535 but is 99999",
                "1 | --model digits=DIGITS --port 0 --grpc-port 99999 | port must be from 0 to 65535 but is 99999",
                "1 | --model digits=DIGITS --workers 0 | workers must be from 1 to 1024 but is 0",
                "1 | --model digits=DIGITS --repository nowhere | there is no folder nowhere",
                "1 | --model digits=DIGITS --seconds 0 | --seconds must be above 0",
                "1 | --model digits=DIGITS --host no.such.host.invalid | cannot listen at no.such.host.invalid",
            })
    void what_is_wrong_is_told_in_a_line(int code, String arguments, String message) throws IOException {
        Path weights = folder.resolve("weights.safetensors");
        try (Model model = Model.of(linear(10), 4)) {
            model.save(weights);
        }
        String line = arguments.replace("DIGITS", digits().toString()).replace("WEIGHTS", weights.toString());
        PrintStream before = System.err;
        ByteArrayOutputStream told = new ByteArrayOutputStream();
        System.setErr(new PrintStream(told, true, StandardCharsets.UTF_8));
        try {
            assertThat(Serve.run(line.isEmpty() ? new String[0] : line.split(" ")))
                    .isEqualTo(code);
        } finally {
            System.setErr(before);
        }
        assertThat(told.toString(StandardCharsets.UTF_8).lines())
                .singleElement()
                .asString()
                .startsWith("serve: ")
                .contains(message);
    }

    @Test
    void the_load_generator_prints_a_table() throws Exception {
        Process process = start(
                "--model", "digits=" + digits(), "--port", "0", "--host", "127.0.0.1", "--load", "--seconds", "0.1");
        try (BufferedReader output = output(process)) {
            List<String> lines = output.lines().toList();
            assertThat(lines).hasSize(6);
            assertThat(lines.get(1)).contains("callers", "answers/s", "p99.9 ms");
            assertThat(lines.subList(2, 6)).allMatch(line -> line.matches("( +[0-9.]+){5} +0 +0"));
            assertThat(process.waitFor()).isZero();
        } finally {
            process.destroyForcibly();
        }
    }
}
