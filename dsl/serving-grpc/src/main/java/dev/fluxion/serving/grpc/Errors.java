package dev.fluxion.serving.grpc;

import dev.fluxion.Input;
import dev.fluxion.serving.protocol.DataType;
import dev.fluxion.serving.protocol.Fault;

/** Every message of this package. */
final class Errors {
    private Errors() {}

    static String failed() {
        return "the server failed to answer the request; its log says why";
    }

    static String unauthorized() {
        return "a valid 'authorization: Bearer' is needed";
    }

    static String expired() {
        return "the deadline has passed before the request was computed";
    }

    static String closing() {
        return "the server is closing; what came last may not have been answered";
    }

    static String manyConnections() {
        return "the server has as many connections as it takes";
    }

    static String oneMessage() {
        return "a request of this method is one message";
    }

    static Fault unknownService(String name) {
        return new Fault(Fault.Kind.UNKNOWN, "unknown service '" + name + "'");
    }

    // Messages.

    private static Fault bad(String message) {
        return new Fault(Fault.Kind.INVALID, message);
    }

    static Fault badFolding() {
        return bad("the message is no valid gzip");
    }

    static Fault malformed(String why) {
        return bad("the message is no valid protocol buffer: " + why);
    }

    static Fault cut(int field) {
        return malformed("it ends within field " + field);
    }

    static Fault noValue(String parameter) {
        return bad("parameter '" + parameter + "' has no value");
    }

    // Tensors.

    static Fault onlyRaw(Input input, DataType type) {
        return bad(type + " has no typed form: send input '" + input.name() + "' in raw_input_contents");
    }

    static Fault wrongContents(Input input, DataType type, String wanted, String given) {
        return bad("the contents of input '" + input.name() + "' must be in " + wanted + ", as " + type
                + " says, but are in " + given);
    }

    static Fault wrongBytes(Input input, DataType type, int elements, int given) {
        return bad("input '" + input.name() + "' has " + elements + " elements of " + type + ", which are "
                + (long) elements * type.bytes() + " bytes, but " + given + " bytes of raw_input_contents");
    }

    static Fault wrongParts(int inputs, int parts) {
        return bad("raw_input_contents must have a part for each of the " + inputs + " inputs, but has " + parts);
    }

    static Fault contentsTwice(Input input) {
        return bad("input '" + input.name() + "' has contents, although raw_input_contents are given");
    }
}
