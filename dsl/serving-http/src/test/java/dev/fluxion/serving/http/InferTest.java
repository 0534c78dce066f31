package dev.fluxion.serving.http;

import static dev.fluxion.serving.http.Wire.bytes;
import static dev.fluxion.serving.http.Wire.floats;
import static dev.fluxion.serving.http.Wire.join;
import static dev.fluxion.serving.http.Wire.post;
import static org.assertj.core.api.Assertions.assertThat;

import dev.fluxion.Input;
import dev.fluxion.serving.Models;
import dev.fluxion.serving.protocol.DataType;
import dev.fluxion.serving.protocol.Elements;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** What is asked of models and what comes back: JSON, binary tensors, raw bodies, types, and everything that is refused. */
class InferTest {
    private static final String TWICE = "/v2/models/twice/infer";
    private static final String IDS = "/v2/models/ids/infer";
    private static final String RAW = "Inference-Header-Content-Length: 0\r\n";
    private static final float[] NUMBERS = {0, 1, 2, 3, 4, 5, 6, 7.5f};
    private static final float[] DOUBLED = {0, 2, 4, 6, 8, 10, 12, 15};

    private static Models models;
    private static RunningServer server;
    private static Wire wire;

    @BeforeAll
    static void start() throws IOException {
        models = Samples.models();
        server = Server.of(models)
                .host("127.0.0.1")
                .port(0)
                .limits(Samples.patient())
                .start();
        wire = Wire.to(server);
    }

    @AfterAll
    static void stop() throws IOException {
        wire.close();
        server.close();
        models.close();
    }

    private static Wire.Got ask(String path, String headers, byte[] body) throws IOException {
        return wire.send(post(path, headers, body)).read();
    }

    private static String twice(String type, String shape, String data) {
        return "{\"inputs\":[{\"name\":\"input\",\"datatype\":\"" + type + "\",\"shape\":" + shape + ",\"data\":" + data
                + "}]}";
    }

    private static String header(int json) {
        return "Inference-Header-Content-Length: " + json + "\r\n";
    }

    @Test
    void json_is_answered_in_json_with_id_and_parameters() throws IOException {
        String body = "{\"id\":\"x \\u00fc\",\"parameters\":{\"a\":1,\"b\":\"two\",\"c\":true,\"d\":0.5},"
                + twice("FP32", "[1,8]", "[0,1,2,3,4,5,6,7.5]").substring(1);
        Wire.Got got = ask(TWICE, "", bytes(body));
        assertThat(got.status()).isEqualTo(200);
        assertThat(got.headers()).containsEntry("content-type", "application/json");
        assertThat(got.text())
                .isEqualTo("{\"id\":\"x ü\",\"model_name\":\"twice\",\"model_version\":\"1\","
                        + "\"parameters\":{\"a\":1,\"b\":\"two\",\"c\":true,\"d\":0.5},\"outputs\":[{\"name\":\"output\","
                        + "\"datatype\":\"FP32\",\"shape\":[1,8],\"data\":[0.0,2.0,4.0,6.0,8.0,10.0,12.0,15.0]}]}");
    }

    static Stream<Arguments> same_numbers() {
        String flat = "[0,1,2,3,4,5,6,7.5]";
        return Stream.of(
                Arguments.of("flat", twice("FP32", "[1,8]", flat)),
                Arguments.of("nested", twice("FP32", "[1,8]", "[" + flat + "]")),
                Arguments.of("deeper by lists of one", twice("FP32", "[1,8]", "[".repeat(50) + flat + "]".repeat(50))),
                Arguments.of("FP64", twice("FP64", "[1,8]", flat)),
                Arguments.of("after a mark of UTF-8", "\uFEFF" + twice("FP32", "[1,8]", flat)),
                Arguments.of(
                        "data first",
                        "{\"inputs\":[{\"data\":" + flat
                                + ",\"shape\":[1,8],\"datatype\":\"FP32\",\"name\":\"input\"}]}"),
                Arguments.of(
                        "spaces, and fields that nobody knows",
                        " {\"x\":[{}], \"inputs\" :[ {\"name\":\"input\",\"more\":{\"a\":[1]},\"datatype\":\"FP32\",\"shape\":[1, 8],"
                                + "\n\"data\":[0, 1.0e0, 2, 3, 4, 5, 6, 75e-1]}],\"outputs\":[{\"name\":\"output\"}]} \r\n"));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("same_numbers")
    void numbers_in_json_are_the_same_however_they_are_written(String name, String body) throws IOException {
        Wire.Got got = ask(TWICE, "", bytes(body));
        assertThat(got.text()).contains("[0.0,2.0,4.0,6.0,8.0,10.0,12.0,15.0]");
    }

    @Test
    void raw_bodies_are_the_only_input_and_as_many_samples_as_they_have() throws IOException {
        for (int samples : new int[] {1, 4}) {
            float[] given = new float[8 * samples];
            float[] expected = new float[8 * samples];
            for (int i = 0; i < given.length; i++) {
                given[i] = i;
                expected[i] = 2 * i;
            }
            Wire.Got got = ask(TWICE, RAW, floats(given));
            assertThat(got.status()).isEqualTo(200);
            assertThat(got.headers()).containsEntry("content-type", "application/octet-stream");
            assertThat(got.floats()).containsExactly(expected);
            assertThat(got.text()).contains("\"shape\":[" + samples + ",8]");
        }
    }

    @Test
    void binary_tensors_go_both_ways() throws IOException {
        String json =
                "{\"id\":\"b\",\"inputs\":[{\"name\":\"input\",\"datatype\":\"FP32\",\"shape\":[1,8],\"parameters\":"
                        + "{\"binary_data_size\":32}}],\"outputs\":[{\"name\":\"output\",\"parameters\":{\"binary_data\":true}}]}";
        Wire.Got got = ask(TWICE, header(json.length()), join(bytes(json), floats(NUMBERS)));
        assertThat(got.floats()).containsExactly(DOUBLED);
        assertThat(got.text())
                .contains("\"parameters\":{\"binary_data_size\":32}")
                .doesNotContain("\"data\":");

        String all = twice("FP32", "[1,8]", "[0,1,2,3,4,5,6,7.5]")
                .replace("{\"inputs", "{\"parameters\":{\"binary_data_output\":true},\"inputs");
        assertThat(ask(TWICE, "", bytes(all)).floats()).containsExactly(DOUBLED);

        String one =
                all.replace("]}]}", "]}],\"outputs\":[{\"name\":\"output\",\"parameters\":{\"binary_data\":false}}]}");
        assertThat(ask(TWICE, "", bytes(one)).text()).contains("\"data\":[0.0,2.0");
    }

    @Test
    void two_inputs_one_in_json_and_one_in_binary() throws IOException {
        String json =
                "{\"inputs\":[{\"name\":\"mask\",\"datatype\":\"FP32\",\"shape\":[1,4],\"parameters\":{\"binary_data_size\":16}},"
                        + "{\"name\":\"ids\",\"datatype\":\"INT64\",\"shape\":[1,4],\"data\":[1,2,3,9]}],"
                        + "\"parameters\":{\"binary_data_output\":true}}";
        byte[] mask = floats(100, 200, Float.NEGATIVE_INFINITY, 400);
        float[] got = ask(IDS, header(json.length()), join(bytes(json), mask)).floats();
        assertThat(got[2]).isEqualTo(Float.NEGATIVE_INFINITY);
        assertThat(Math.round(got[3] / 100)).isEqualTo(4);
        String inJson = json.replace("true", "false");
        String text =
                ask(IDS, header(inJson.length()), join(bytes(inJson), mask)).text();
        assertThat(text).contains("JSON cannot hold");
    }

    /** Each type's numbers 0 to 7 in binary, little-endian. */
    static Stream<Arguments> types() {
        return Stream.of(DataType.values())
                .filter(type -> type != DataType.BYTES)
                .map(type -> {
                    ByteBuffer bytes = ByteBuffer.allocate(8 * type.bytes()).order(ByteOrder.LITTLE_ENDIAN);
                    int[] values = IntStream.range(0, 8)
                            .map(i -> type == DataType.BOOL ? i % 2 : i)
                            .toArray();
                    short[] halves = {0, 0x3C00, 0x4000, 0x4200, 0x4400, 0x4500, 0x4600, 0x4700};
                    for (int value : values) {
                        switch (type) {
                            case FP16 -> bytes.putShort(halves[value]);
                            case BF16 -> bytes.putShort((short) (Float.floatToRawIntBits(value) >>> 16));
                            case FP32 -> bytes.putFloat(value);
                            case FP64 -> bytes.putDouble(value);
                            default -> {
                                switch (type.bytes()) {
                                    case 1 -> bytes.put((byte) value);
                                    case 2 -> bytes.putShort((short) value);
                                    case 4 -> bytes.putInt(value);
                                    default -> bytes.putLong(value);
                                }
                            }
                        }
                    }
                    return Arguments.of(type, values, bytes.array());
                });
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("types")
    void numbers_of_every_type_become_those_of_the_model(DataType type, int[] values, byte[] binary)
            throws IOException {
        String json = "{\"parameters\":{\"binary_data_output\":true},\"inputs\":[{\"name\":\"input\",\"datatype\":\""
                + type + "\",\"shape\":[1,8],\"parameters\":{\"binary_data_size\":" + binary.length + "}}]}";
        Wire.Got got = ask(TWICE, header(json.length()), join(bytes(json), binary));
        assertThat(got.status()).as(got.text()).isEqualTo(200);
        for (int i = 0; i < 8; i++) {
            assertThat(got.floats()[i]).isEqualTo(2f * values[i]);
        }
        String ids = json.replace("input\"", "ids\"")
                .replace("[1,8]", "[2,4]")
                .replace(
                        "}]}",
                        "},{\"name\":\"mask\","
                                + "\"datatype\":\"FP32\",\"shape\":[2,4],\"data\":[0,0,0,0,0,0,0,0]}]}");
        Wire.Got integers = ask(IDS, header(ids.length()), join(bytes(ids), binary));
        assertThat(integers.status()).as(integers.text()).isEqualTo(type.isReal() ? 400 : 200);
    }

    @Test
    void halves_are_those_of_ieee_754() {
        ByteBuffer bits = ByteBuffer.allocate(16).order(ByteOrder.LITTLE_ENDIAN);
        short[] halves = {(short) 0x8000, 0x0001, 0x03FF, 0x7BFF, 0x7C00, (short) 0xFC00, 0x3555, (short) 0xC000};
        for (short half : halves) {
            bits.putShort(half);
        }
        Elements read = new Elements(Input.floats("x", 8), 8);
        DataType.FP16.read(bits.flip(), 8, read);
        assertThat(read.tensor(8).floats())
                .containsExactly(
                        -0f,
                        0x1p-24f,
                        0x1.ff8p-15f,
                        65504f,
                        Float.POSITIVE_INFINITY,
                        Float.NEGATIVE_INFINITY,
                        0x1.554p-2f,
                        -2f);
    }

    /** What is refused, with the status and a part of the message. */
    static Stream<Arguments> bad() {
        String flat = "[0,1,2,3,4,5,6,7]";
        String good = twice("FP32", "[1,8]", flat);
        String mask = "{\"name\":\"mask\",\"datatype\":\"FP32\",\"shape\":[1,4],\"data\":[0,0,0,0]}";
        String json =
                "{\"inputs\":[{\"name\":\"input\",\"datatype\":\"FP32\",\"shape\":[1,8],\"parameters\":{\"binary_data_size\":32}}]}";
        return Stream.of(
                // As JSON.
                row(TWICE, "", "", 400, "must be an object"),
                row(TWICE, "", "[]", 400, "must be an object"),
                row(TWICE, "", "{", 400, "expected close marker for Object\""),
                row(TWICE, "", good + "{}", 400, "more than one"),
                row(TWICE, "", "{\"inputs\":[],\"inputs\":[]}", 400, "failed to parse"),
                row(TWICE, "", "{\"inputs\":{}}", 400, "inputs must be an array"),
                row(TWICE, "", "{}", 400, "input"),
                row(TWICE, "", "{\"id\":5}", 400, "the id must be a string"),
                row(TWICE, "", "{\"parameters\":{\"a\":[]}}", 400, "a string, a number"),
                row(
                        TWICE,
                        "",
                        "{\"parameters\":{\"binary_data_output\":1}" + "," + good.substring(1),
                        400,
                        "true or false"),
                row(TWICE, "", "\u0000", 400, "must be in UTF-8"),
                row(TWICE, "", good.replaceAll("(.)", "$1\u0000"), 400, "must be in UTF-8"),
                row(TWICE, "", good.replaceAll("(.)", "\u0000$1"), 400, "must be in UTF-8"),
                row(TWICE, "", good.replaceAll("(.)", "\u0000\u0000\u0000$1"), 400, "must be in UTF-8"),
                row(TWICE, "", json + "\u0000\u0001", 400, "Inference-Header-Content-Length must say"),
                row(TWICE, "", twice("FP32", "[1,8]", "[" + "1".repeat(1500) + "]"), 400, "maximum allowed (1000)\""),
                row(TWICE, "", "{\"x\":" + "[".repeat(120) + "]".repeat(120) + "}", 400, "nesting depth exceeds"),
                row(
                        TWICE,
                        "",
                        twice("FP32", "[1,8]", "[".repeat(120) + "1" + "]".repeat(120)),
                        400,
                        "nesting depth exceeds"),
                // Names.
                row("/v2/models/none/infer", "", good, 404, "unknown model: 'none'"),
                row("/v2/models/twice/versions/9/infer", "", good, 404, "version 9"),
                row(TWICE, "", good.replace("\"input\"", "\"other\""), 400, "no input 'other'; the inputs are [input]"),
                row(TWICE, "", good.replace("\"name\":\"input\",", ""), 400, "an object with a name"),
                row(TWICE, "", good.replace("]}]}", "]}],\"outputs\":[{\"name\":\"o\"}]}"), 400, "no output 'o'"),
                row(TWICE, "", good.replace("]}]}", "]}],\"outputs\":[{}]}"), 400, "no name"),
                row(
                        TWICE,
                        "",
                        good.replace("]}]}", "]}],\"outputs\":[{\"name\":\"output\"},{\"name\":\"output\"}]}"),
                        400,
                        "duplicate output name 'output'"),
                row(TWICE, "", good.replace("}]}", "}," + good.substring(11)), 400, "duplicate input name 'input'"),
                row(IDS, "", "{\"inputs\":[" + mask + "]}", 400, "ids"),
                row(TWICE, "", "{\"inputs\":[{}" + ",{}".repeat(2000) + "]}", 400, "at most 1024 inputs"),
                row(TWICE, "", twice("FP32", "[1" + ",1".repeat(2000) + "]", "[1]"), 400, "at most 1024 extents"),
                // Shapes.
                row(TWICE, "", twice("FP32", "[2,-5]", "[1.0]"), 400, "must be from 0"),
                row(TWICE, "", twice("FP32", "[16,1152921504606846978]", "[1.0]"), 400, "must be from 0"),
                row(TWICE, "", twice("FP32", "[99999999999999999999]", "[1.0]"), 400, "an integer below"),
                row(TWICE, "", twice("FP32", "[65536,65536]", "[1.0]"), 400, "at most 2147483647 elements"),
                row(TWICE, "", twice("FP32", "[2147483647]", "[1.0]"), 400, "have 1"),
                row(TWICE, "", twice("FP32", "[1.5]", "[1.0]"), 400, "an integer"),
                row(TWICE, "", twice("FP32", "8", flat), 400, "the shape must be an array"),
                row(TWICE, "", twice("FP32", "[8]", flat), 400, "but got 8;"),
                row(TWICE, "", twice("FP32", "[1,7]", "[0,1,2,3,4,5,6]"), 400, "but got 1×7"),
                row(TWICE, "", twice("FP32", "[0,8]", "[]"), 400, "but got 0×8"),
                row(TWICE, "", twice("FP32", "[1,8]", "[0]"), 400, "as many elements as shape [1, 8] but have 1"),
                row(TWICE, "", twice("FP32", "[2,8]", "[" + flat + ",[1]]"), 400, "nested as the shape says"),
                row(TWICE, "", twice("FP32", "[1,8]", "[0,1,2,3,4,5,6,[7]]"), 400, "nested as the shape says"),
                row(TWICE, "", twice("FP32", "[1,8]", "[0,1,2,3,4,5,6,7,[]]"), 400, "nested as the shape says"),
                row(TWICE, "", twice("FP32", "[1,8]", "[[0,1,2,3],[4,5,6,7]]"), 400, "nested as the shape says"),
                // Numbers.
                row(TWICE, "", twice("FP99", "[1,8]", flat), 400, "no datatype 'FP99'"),
                row(TWICE, "", twice("BYTES", "[1,1]", "[\"427\"]"), 400, "BYTES"),
                row(TWICE, "", twice("FP16", "[1,8]", flat), 400, "as binary data"),
                row(
                        TWICE,
                        "",
                        twice("FP32", "[1,8]", "[\"0\",1,2,3,4,5,6,7]"),
                        400,
                        "element 0 of 'input' must be a number"),
                row(TWICE, "", twice("FP32", "[1,8]", "[0,null,2,3,4,5,6,7]"), 400, "element 1"),
                row(TWICE, "", twice("FP32", "[1,8]", "[1e39,1,2,3,4,5,6,7]"), 400, "beyond FP32"),
                row(TWICE, "", twice("FP64", "[1,8]", "[1e39,1,2,3,4,5,6,7]"), 400, "beyond FP32"),
                row(TWICE, "", twice("FP64", "[1,8]", "[1e999,1,2,3,4,5,6,7]"), 400, "beyond FP64"),
                row(TWICE, "", twice("FP32", "[1,8]", "[NaN,1,2,3,4,5,6,7]"), 400, "NaN"),
                row(TWICE, "", twice("FP32", "[1,8]", "[-Infinity,1,2,3,4,5,6,7]"), 400, "nfinit"),
                row(TWICE, "", twice("INT8", "[1,8]", "[128,1,2,3,4,5,6,7]"), 400, "beyond INT8"),
                row(TWICE, "", twice("UINT8", "[1,8]", "[-1,1,2,3,4,5,6,7]"), 400, "beyond UINT8"),
                row(TWICE, "", twice("INT32", "[1,8]", "[1.0,1,2,3,4,5,6,7]"), 400, "an integer"),
                row(TWICE, "", twice("INT64", "[1,8]", "[16777217,1,2,3,4,5,6,7]"), 400, "2^24"),
                row(TWICE, "", twice("BOOL", "[1,8]", flat), 400, "true or false"),
                row(TWICE, "", twice("FP32", "[1,8]", "7"), 400, "an array"),
                row(TWICE, "", twice("FP32", "[1,8]", flat).replace(",\"data\":" + flat, ""), 400, "either data or"),
                row(TWICE, "", good.replace("\"shape\":[1,8],", ""), 400, "needs a datatype and a shape"),
                row(
                        IDS,
                        "",
                        "{\"inputs\":[" + mask
                                + ",{\"name\":\"ids\",\"datatype\":\"INT64\",\"shape\":[1,4],\"data\":[0,1,2,2147483648]}]}",
                        400,
                        "beyond INT32"),
                row(
                        IDS,
                        "",
                        "{\"inputs\":[" + mask
                                + ",{\"name\":\"ids\",\"datatype\":\"FP32\",\"shape\":[1,4],\"data\":[0,1,2,3]}]}",
                        400,
                        "takes integers"),
                row(
                        IDS,
                        "",
                        "{\"inputs\":[" + mask
                                + ",{\"name\":\"ids\",\"datatype\":\"INT32\",\"shape\":[1,4],\"data\":[0,1,2,77]}]}",
                        400,
                        "77"),
                row(
                        IDS,
                        "",
                        "{\"inputs\":[" + mask
                                + ",{\"name\":\"ids\",\"datatype\":\"INT32\",\"shape\":[2,4],\"data\":[0,1,2,3,4,5,6,7]}]}",
                        400,
                        "has 2 samples but"),
                // Binary and raw.
                row(TWICE, header(9999), good, 400, "from 0 to the length of the body"),
                row(TWICE, "Inference-Header-Content-Length: -1\r\n", good, 400, "'-1'"),
                row(TWICE, "Inference-Header-Content-Length: 99999999999\r\n", good, 400, "'99999999999'"),
                row(TWICE, "Inference-Header-Content-Length: x\r\n", good, 400, "'x'"),
                row(TWICE, header(1), good, 400, "failed to parse"),
                row(TWICE, header(json.length()), json, 400, "only 0 bytes of the body are left"),
                row(
                        TWICE,
                        header(json.length()),
                        json + " ".repeat(33),
                        400,
                        "1 bytes after the JSON belong to no input"),
                row(
                        TWICE,
                        header(json.length()),
                        json.replace("32}", "33}") + " ".repeat(33),
                        400,
                        "8 elements of FP32 but a binary_data_size of 33"),
                row(TWICE, "", json.replace("32}", "-1}"), 400, "an integer from 0 on"),
                row(
                        TWICE,
                        "",
                        json.replace("[1,8]", "[1073741824]").replace("32}", "4294967296}"),
                        400,
                        "only 0 bytes"),
                row(TWICE, "", json.replace("}}]", "},\"data\":" + flat + "}]"), 400, "either data or"),
                row(TWICE, RAW, "", 400, "multiple of 32 bytes, but has 0"),
                row(TWICE, RAW, "427", 400, "multiple of 32 bytes, but has 3"),
                row(IDS, RAW, "0".repeat(32), 400, "a model with 1 input, but there are 2"),
                row("/v2/models/varies/infer", RAW, "0".repeat(32), 400, "more than one extent varies"),
                // What is not there.
                row(
                        TWICE,
                        "",
                        good.replace(
                                "]}]}",
                                "]}],\"outputs\":[{\"name\":\"output\",\"parameters\":{\"classification\":2}}]}"),
                        400,
                        "'classification' of an output is not supported"),
                row(
                        TWICE,
                        "",
                        good.replace("\"shape\"", "\"parameters\":{\"shared_memory_region\":\"r\"},\"shape\""),
                        400,
                        "shared memory"),
                row(TWICE, "", "{\"parameters\":{\"sequence_id\":5}," + good.substring(1), 400, "'sequence_id'"),
                row(TWICE, "", "{\"parameters\":{\"timeout\":-5}," + good.substring(1), 400, "timeout must be"),
                row(TWICE, "Content-Encoding: br\r\n", good, 415, "'br' is not supported"),
                row(TWICE, "Content-Encoding: gzip\r\n", good, 400, "no valid gzip"),
                row(TWICE, "Content-Encoding: deflate\r\n", good, 400, "no valid deflate"),
                row("/v2/models/twice", "", good, 405, "must be GET"),
                row("/v2/models/twice/guess", "", good, 404, "nothing at this path"),
                row("/v2/models/%zz/infer", "", good, 400, "not encoded well"));
    }

    private static Arguments row(String path, String headers, String body, int status, String message) {
        return Arguments.of(path, headers, body, status, message);
    }

    @ParameterizedTest(name = "{3} {4}: {2}")
    @MethodSource("bad")
    void what_is_wrong_is_refused_and_the_next_request_is_right(
            String path, String headers, String body, int status, String message) throws IOException {
        Wire.Got got = ask(path, headers, bytes(body));
        assertThat(got.text()).startsWith("{\"error\":\"").contains(message);
        assertThat(got.status()).isEqualTo(status);
        assertThat(ask(TWICE, RAW, floats(NUMBERS)).floats()).containsExactly(DOUBLED);
        assertThat(server.bytes()).isZero();
    }

    @Test
    void extents_that_vary_vary() throws IOException {
        String body =
                "{\"inputs\":[{\"name\":\"x\",\"datatype\":\"FP32\",\"shape\":[2,1,3],\"data\":[[[1,2,3]],[[4,5,6]]]}]}";
        assertThat(ask("/v2/models/varies/infer", "", bytes(body)).text())
                .contains("\"shape\":[2,1,3],\"data\":[2.0,4.0,6.0,8.0,10.0,12.0]");
    }
}
