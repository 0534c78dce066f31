package dev.fluxion.serving.protocol;

import dev.fluxion.Input;
import dev.fluxion.dsl.train.Signature;
import dev.fluxion.serving.Models;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Every message of this package. */
final class Faults {
    private Faults() {}

    private static Fault bad(String message) {
        return new Fault(Fault.Kind.INVALID, message);
    }

    // Models.

    static Fault unknownModel(String name, @Nullable String version, Models models) {
        String what = version == null ? "'" + name + "'" : "version " + version + " of '" + name + "'";
        return new Fault(Fault.Kind.UNKNOWN, "unknown model: " + what + " is not found; loaded are " + loaded(models));
    }

    private static List<String> loaded(Models models) {
        return models.list().stream()
                .map(one -> one.name() + " " + one.version())
                .toList();
    }

    static Fault noRepository() {
        return new Fault(Fault.Kind.UNSUPPORTED, "models cannot be loaded and unloaded: the server has no repository");
    }

    static Fault notInRepository(String name) {
        return new Fault(Fault.Kind.UNKNOWN, "the repository has no file of '" + name + "'");
    }

    static Fault notLoaded(String name, String why) {
        return bad("failed to load '" + name + "': " + why);
    }

    static String cannotLoad(Path file) {
        return "cannot load the model in " + file;
    }

    static Fault noParameters() {
        return new Fault(Fault.Kind.UNSUPPORTED, "parameters of loading are not supported");
    }

    static Fault busy() {
        return new Fault(Fault.Kind.BUSY, "too many models are being loaded or unloaded");
    }

    static Fault manyBytes(long most) {
        return new Fault(
                Fault.Kind.BUSY,
                "the bodies of all requests have more bytes than the " + most + " that the server takes");
    }

    // Requests.

    static Fault wrong(String what, String expected) {
        return bad(what + " must be " + expected);
    }

    static Fault notSupported(String what) {
        return new Fault(Fault.Kind.UNSUPPORTED, what + " is not supported");
    }

    static Fault twice(String kind, String name) {
        return bad("duplicate " + kind + " name '" + name + "' is not allowed in a request");
    }

    static Fault unknownInput(String name, List<Input> known) {
        return bad("there is no input '" + name + "'; the inputs are "
                + known.stream().map(Input::name).toList());
    }

    static Fault unknownOutput(@Nullable String name, Signature signature) {
        return bad((name == null ? "an output has no name" : "there is no output '" + name + "'") + "; the outputs are "
                + signature.outputs().stream().map(Signature.Output::name).toList());
    }

    static Fault unknownType(String name) {
        return bad("there is no datatype '" + name + "'; there are " + Arrays.toString(DataType.values()));
    }

    static Fault many(String what, int most) {
        return bad("a request has at most " + most + " " + what);
    }

    static Fault badExtent(List<Long> shape) {
        return bad("the extents of shape " + shape + " must be from 0 to 2^31 - 1");
    }

    static Fault wrongCount(Input input, int[] shape, int given) {
        return bad("the data of '" + input.name() + "' must have as many elements as shape " + Arrays.toString(shape)
                + " but have " + given);
    }

    static Fault manySamples(int samples, int most) {
        return bad(
                "the request has " + samples + " samples, but at most " + most + " may wait: send fewer at one time");
    }

    // Numbers.

    static Fault noBytes(Input input) {
        return bad("datatype BYTES is not supported: input '" + input.name() + "' takes numbers");
    }

    static Fault wantsIntegers(Input input) {
        return bad("input '" + input.name() + "' takes integers, not numbers with fractions");
    }

    private static Fault badNumber(Input input, int index, Object value, String why) {
        return bad("element " + index + " of '" + input.name() + "' is " + value + ", " + why);
    }

    static Fault beyond(Input input, int index, Object value, DataType type) {
        return badNumber(input, index, value, "which is beyond " + type);
    }

    static Fault notExact(Input input, int index, long value) {
        return badNumber(input, index, value, "but the input takes FP32, which holds integers up to 2^24 exactly");
    }

    static Fault noBool(byte value) {
        return bad("a BOOL must be 0 or 1 but is " + value);
    }
}
