package dev.fluxion.serving.grpc;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fluxion.serving.Models;
import dev.fluxion.serving.protocol.About;
import io.grpc.Status;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HexFormat;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** What is asked of models and what comes back: recorded messages, messages by hand, and everything that is refused. */
class InferTest {
    private static final String INFER = "ModelInfer";
    private static final int HOSTILE = Integer.getInteger("fluxion.hostile", 500);
    private static final float[] NUMBERS = {0, 1, 2, 3, 4, 5, 6, 7.5f};
    private static final float[] DOUBLED = {0, 2, 4, 6, 8, 10, 12, 15};

    private static Models models;
    private static RunningGrpcServer server;
    private static Wire wire;

    @BeforeAll
    static void start() throws IOException {
        models = Samples.models();
        server = Samples.local(models).start();
        wire = Wire.to(server);
    }

    @AfterAll
    static void stop() {
        wire.close();
        server.close();
        models.close();
    }

    /** Messages that protobuf made, with the answers that it expects: see {@code record_messages.py}. */
    static Stream<Arguments> recorded() throws IOException {
        try (BufferedReader in = new BufferedReader(new InputStreamReader(
                Objects.requireNonNull(InferTest.class.getResourceAsStream("messages.txt")), StandardCharsets.UTF_8))) {
            return in
                    .lines()
                    .map(line -> line.split(" "))
                    .map(cells -> Arguments.of(
                            cells[0],
                            cells[1],
                            bytes(cells[2]),
                            bytes(cells[3].replace(version("development"), version(About.VERSION)))))
                    .toList()
                    .stream();
        }
    }

    /** A version as a field of the server's answer. */
    private static String version(String version) {
        return HexFormat.of().formatHex(WireWriter.write(out -> out.text(2, version)));
    }

    private static byte[] bytes(String hex) {
        return hex.equals("-") ? new byte[0] : HexFormat.of().parseHex(hex);
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("recorded")
    void messages_of_protobuf_get_the_answers_that_it_would_write(
            String name, String method, byte[] request, byte[] answer) {
        Wire.Got got = wire.ask(method, request);
        assertThat(got.status()).isEqualTo(Status.OK);
        assertThat(got.message()).isEqualTo(answer);
    }

    private static byte[] request(Consumer<WireWriter> fields) {
        return WireWriter.write(fields);
    }

    private static byte[] input(Consumer<WireWriter> fields) {
        return request(out -> {
            out.text(1, "twice");
            out.message(5, fields);
        });
    }

    private static Consumer<WireWriter> tensor(String name, String type, List<Integer> shape) {
        return out -> {
            out.text(1, name);
            out.text(2, type);
            out.integers(3, shape);
        };
    }

    /** An input with a shape and contents. */
    private static byte[] contents(String type, List<Integer> shape, Consumer<WireWriter> contents) {
        return input(out -> {
            tensor("input", type, shape).accept(out);
            out.message(5, contents);
        });
    }

    /** A good request with more. */
    private static byte[] with(Consumer<WireWriter> more) {
        byte[] good = Wire.twice(NUMBERS);
        byte[] added = request(more);
        return ByteBuffer.allocate(good.length + added.length)
                .put(good)
                .put(added)
                .array();
    }

    private static Consumer<WireWriter> parameter(String name, Consumer<WireWriter> value) {
        return entry -> {
            entry.text(1, name);
            entry.message(2, value);
        };
    }

    /** What is refused, with the status and a part of the message. */
    static Stream<Arguments> bad() {
        List<Integer> one = List.of(1, 8);
        Consumer<WireWriter> floats = out -> out.floats(6, NUMBERS);
        Status.Code invalid = Status.Code.INVALID_ARGUMENT;
        Status.Code unsupported = Status.Code.UNIMPLEMENTED;
        return Stream.of(
                // Names.
                row(new byte[0], Status.Code.NOT_FOUND, "unknown model: '' is not found"),
                row(
                        request(out -> out.text(1, "none")),
                        Status.Code.NOT_FOUND,
                        "loaded are [twice 1, integers 3, varies 1]"),
                row(with(out -> out.text(2, "9")), Status.Code.NOT_FOUND, "version 9 of 'twice'"),
                row(
                        request(out -> out.text(1, "x".repeat(100_000))), // clients take no long headers
                        Status.Code.NOT_FOUND,
                        "unknown model: 'xxx"),
                row(input(tensor("other", "FP32", one)), invalid, "no input 'other'; the inputs are [input]"),
                row(input(tensor("", "FP32", one)), invalid, "no input ''"),
                row(
                        with(out -> out.message(6, o -> o.text(1, "o"))),
                        invalid,
                        "no output 'o'; the outputs are [output]"),
                row(with(out -> out.message(6, o -> {})), invalid, "no output ''"),
                row(
                        with(out -> {
                            out.message(6, o -> o.text(1, "output"));
                            out.message(6, o -> o.text(1, "output"));
                        }),
                        invalid,
                        "duplicate output name 'output'"),
                row(
                        request(out -> {
                            out.text(1, "twice");
                            for (int i = 0; i < 2; i++) {
                                out.message(5, tensor("input", "FP32", one));
                                out.floats(7, NUMBERS);
                            }
                        }),
                        invalid,
                        "duplicate input name 'input'"),
                row(request(out -> out.text(1, "twice")), invalid, "input"),
                // Shapes.
                row(contents("FP32", List.of(2, -5), floats), invalid, "must be from 0 to 2^31"),
                row(contents("FP32", List.of(65536, 65536), floats), invalid, "at most 2147483647 elements"),
                row(
                        contents("FP32", List.of(2147483647), floats),
                        invalid,
                        "as many elements as shape [2147483647] but have 8"),
                row(contents("FP32", List.of(8), floats), invalid, "but got 8;"),
                row(contents("FP32", List.of(2, 4), floats), invalid, "but got 2×4"),
                row(contents("FP32", List.of(0, 8), out -> {}), invalid, "but got 0×8"),
                row(contents("FP32", List.of(1, 7), floats), invalid, "as many elements as shape [1, 7] but have 8"),
                row(contents("FP32", Collections.nCopies(2000, 1), floats), invalid, "at most 1024 extents"),
                row(Wire.twice(new float[800]), invalid, "has 100 samples, but at most 64 may wait"),
                row(many(5), invalid, "at most 1024 inputs"),
                row(many(6), invalid, "at most 1024 outputs"),
                row(many(7), invalid, "at most 1024 raw inputs"),
                // Numbers.
                row(contents("FP99", one, floats), invalid, "no datatype 'FP99'"),
                row(contents("", one, floats), invalid, "no datatype ''"),
                row(contents("BYTES", one, out -> out.text(8, "427")), invalid, "BYTES is not supported"),
                row(
                        contents("FP16", one, floats),
                        invalid,
                        "FP16 has no typed form: send input 'input' in raw_input_contents"),
                row(
                        contents("FP32", one, out -> out.integers(2, new int[8])),
                        invalid,
                        "in fp32_contents, as FP32 says, but are in int_contents"),
                row(contents("FP64", one, out -> out.bytes(7, doubles(1))), invalid, "have 1"),
                row(
                        contents("FP64", one, out -> out.bytes(7, doubles(1e39))),
                        invalid,
                        "element 0 of 'input' is 1.0E39, which is beyond FP32"),
                row(
                        contents("FP32", one, out -> out.floats(6, new float[] {0, 1, 2, 3, 4, 5, 6, Float.NaN})),
                        invalid,
                        "NaN"),
                row(
                        contents("INT8", one, out -> out.integers(2, List.of(128))),
                        invalid,
                        "element 0 of 'input' is 128, which is beyond INT8"),
                row(contents("UINT8", one, out -> out.integers(4, List.of(-1))), invalid, "beyond UINT8"),
                row(contents("UINT64", one, out -> out.integers(5, List.of(-1))), invalid, "2^24"),
                row(contents("INT64", one, out -> out.integers(3, List.of(1 << 24 | 1))), invalid, "2^24"),
                row(
                        request(out -> {
                            out.text(1, "integers");
                            out.message(5, tensor("ids", "FP32", List.of(1, 4)));
                            out.floats(7, new float[4]);
                        }),
                        invalid,
                        "input 'ids' takes integers"),
                row(
                        request(out -> {
                            out.text(1, "integers");
                            out.message(5, input -> {
                                tensor("ids", "UINT32", List.of(1, 4)).accept(input);
                                input.message(5, c -> c.bytes(4, varints(0x80000000L, 1, 2, 3)));
                            });
                        }),
                        invalid,
                        "element 0 of 'ids' is 2147483648, which is beyond INT32"),
                row(input(tensor("input", "FP32", one)), invalid, "as many elements as shape [1, 8] but have 0"),
                // Raw contents.
                row(with(out -> out.floats(7, NUMBERS)), invalid, "a part for each of the 1 inputs, but has 2"),
                row(Wire.twice(), invalid, "but got 0×8"),
                row(
                        request(out -> {
                            out.text(1, "twice");
                            out.message(5, tensor("input", "FP64", one));
                            out.floats(7, NUMBERS);
                        }),
                        invalid,
                        "8 elements of FP64, which are 64 bytes, but 32 bytes"),
                row(
                        request(out -> {
                            out.text(1, "twice");
                            out.message(5, input -> {
                                tensor("input", "FP32", one).accept(input);
                                input.message(5, floats);
                            });
                            out.floats(7, NUMBERS);
                        }),
                        invalid,
                        "has contents, although raw_input_contents are given"),
                row(
                        request(out -> {
                            out.text(1, "twice");
                            out.message(5, tensor("input", "BOOL", one));
                            out.bytes(7, ByteBuffer.wrap(new byte[] {0, 1, 2, 0, 0, 0, 0, 0}));
                        }),
                        invalid,
                        "a BOOL must be 0 or 1 but is 2"),
                // Parameters.
                row(
                        with(out -> out.message(4, parameter("timeout", p -> p.integer(2, -5)))),
                        invalid,
                        "timeout must be an integer from 0 on"),
                row(
                        with(out -> out.message(4, parameter("timeout", p -> p.integer(5, -5)))),
                        invalid,
                        "timeout must be"),
                row(
                        with(out -> out.message(4, parameter("priority", p -> p.text(3, "1")))),
                        invalid,
                        "priority must be"),
                row(with(out -> out.message(4, parameter("a", p -> {}))), invalid, "parameter 'a' has no value"),
                row(
                        with(out -> out.message(4, parameter("sequence_id", p -> p.integer(2, 5)))),
                        unsupported,
                        "'sequence_id' is not supported"),
                row(
                        with(out -> out.message(6, o -> {
                            o.text(1, "output");
                            o.message(2, parameter("classification", p -> p.integer(2, 2)));
                        })),
                        unsupported,
                        "'classification' of an output"),
                row(
                        input(out -> {
                            tensor("input", "FP32", one).accept(out);
                            out.message(4, parameter("shared_memory_region", p -> p.text(3, "r")));
                        }),
                        unsupported,
                        "shared memory is not supported"),
                // Bytes.
                row(bytes("00"), invalid, "no valid protocol buffer: a tag is 0"),
                row(bytes("0a"), invalid, "it ends within field 1"),
                row(bytes("0aff"), invalid, "it ends within field 1"),
                row(bytes("0affffffff0f"), invalid, "it ends within field 1"),
                row(bytes("0affffffffffffffffff01"), invalid, "it ends within field 1"),
                row(bytes("78" + "ff".repeat(10) + "01"), invalid, "more than 10 bytes"),
                row(bytes("0b"), invalid, "field 1 has wire type 3"),
                row(bytes("0801"), invalid, "field 1 has wire type 0, not 2"),
                row(bytes("0a01ff"), invalid, "field 1 is no valid UTF-8"),
                row(contents("FP32", one, out -> out.text(6, "abc")), invalid, "it ends within field 6"));
    }

    private static byte[] many(int field) {
        return with(out -> {
            for (int i = 0; i < 2000; i++) {
                out.message(field, empty -> {});
            }
        });
    }

    private static ByteBuffer doubles(double value) {
        return ByteBuffer.allocate(8)
                .putLong(Long.reverseBytes(Double.doubleToLongBits(value)))
                .flip();
    }

    private static ByteBuffer varints(long... values) {
        ByteBuffer all = ByteBuffer.allocate(10 * values.length);
        for (long value : values) {
            long left = value;
            for (; left > 0x7F; left >>>= 7) {
                all.put((byte) (left | 0x80));
            }
            all.put((byte) left);
        }
        return all.flip();
    }

    private static Arguments row(byte[] message, Status.Code code, String text) {
        return Arguments.of(message, code, text);
    }

    @ParameterizedTest(name = "{1} {2}")
    @MethodSource("bad")
    void what_is_wrong_is_refused_and_the_next_request_is_right(byte[] message, Status.Code code, String text) {
        Wire.Got got = wire.ask(INFER, message);
        assertThat(got.text()).contains(text).hasSizeLessThan(1100);
        assertThat(got.code()).isEqualTo(code);
        assertThat(Wire.floats(wire.ask(INFER, Wire.twice(NUMBERS)))).containsExactly(DOUBLED);
        byte[] right = Wire.twice(NUMBERS);
        Wire.Streamed streamed = wire.stream(List.of(right, message, right));
        assertThat(streamed.status()).isEqualTo(Status.OK);
        List<Wire.Got> all = streamed.answers().stream().map(Wire::unwrapped).toList();
        assertThat(Wire.floats(all.get(0))).containsExactly(DOUBLED);
        assertThat(all.get(1).text()).isEqualTo(got.text());
        assertThat(Wire.floats(all.get(2))).containsExactly(DOUBLED);
        assertThat(all).hasSize(3);
    }

    /** More than are computed at one time. */
    @Test
    void a_stream_has_an_answer_to_each_request_in_their_order() throws InterruptedException {
        List<byte[]> requests = new ArrayList<>();
        for (int i = 0; i < 500; i++) {
            requests.add(i % 10 == 7 ? Wire.twice(new float[0]) : Wire.twice(i, 0, 0, 0, 0, 0, 0, 0));
        }
        Wire.Streamed streamed = wire.stream(requests);
        assertThat(streamed.status()).isEqualTo(Status.OK);
        assertThat(streamed.answers()).hasSize(500);
        for (int i = 0; i < 500; i++) {
            Wire.Got got = Wire.unwrapped(streamed.answers().get(i));
            if (i % 10 == 7) {
                assertThat(got.text()).isNotEmpty();
            } else {
                assertThat(Wire.floats(got)[0]).isEqualTo(2f * i);
            }
        }
        assertThat(wire.stream(List.of()).status()).isEqualTo(Status.OK);
        Hold.until(() -> server.bytes() == 0);
    }

    /** The id comes back with an error, too. */
    @Test
    void an_error_in_a_stream_has_the_id_of_its_request() {
        byte[] request = WireWriter.write(out -> {
            out.text(1, "nobody");
            out.text(3, "seven");
        });
        byte[] expected = WireWriter.write(out -> {
            out.text(1, wire.ask(INFER, request).text());
            out.message(2, inner -> inner.text(3, "seven"));
        });
        assertThat(wire.stream(List.of(request)).answers().get(0)).isEqualTo(expected);
    }

    /** Fields may come in any order, integers one by one, and what nobody knows is passed over. */
    @Test
    void the_same_message_may_be_written_in_many_ways() {
        String name = "0a057477696365";
        String more = "fa0701ff" + "f80701" + "f90700000000000000ff" + "fd0700000000";
        String shape = "1801" + "1808";
        String numbers = "35000000003500000000" + "3218" + "00".repeat(24);
        String contents = "2a" + HexFormat.of().toHexDigits((byte) (numbers.length() / 2)) + numbers;
        String input = contents + shape + "120446503332" + "0a05696e707574";
        byte[] message = bytes(more + "2a" + HexFormat.of().toHexDigits((byte) (input.length() / 2)) + input + name);
        Wire.Got got = wire.ask(INFER, message);
        assertThat(got.status()).isEqualTo(Status.OK);
        assertThat(HexFormat.of().formatHex(got.message())).endsWith("3220" + "00".repeat(32));
    }

    /** Random damage, from a seed: each message gets an error or an answer, never one that is the server's fault. */
    @Test
    void hostile_messages_get_errors_and_the_next_is_answered() throws IOException {
        List<byte[]> good = recorded().map(row -> (byte[]) row.get()[2]).toList();
        Random random = new Random(18);
        for (int i = 0; i < HOSTILE; i++) {
            byte[] message = good.get(random.nextInt(good.size())).clone();
            for (int damage = random.nextInt(4); damage >= 0 && message.length > 0; damage--) {
                message[random.nextInt(message.length)] = (byte) random.nextInt(256);
            }
            Wire.Got got = wire.ask(INFER, message);
            assertThat(got.code())
                    .as(HexFormat.of().formatHex(message) + " " + got.text())
                    .isIn(
                            Status.Code.OK,
                            Status.Code.INVALID_ARGUMENT,
                            Status.Code.NOT_FOUND,
                            Status.Code.UNIMPLEMENTED,
                            Status.Code.UNAVAILABLE);
        }
        assertThat(Wire.floats(wire.ask(INFER, Wire.twice(NUMBERS)))).containsExactly(DOUBLED);
    }
}
