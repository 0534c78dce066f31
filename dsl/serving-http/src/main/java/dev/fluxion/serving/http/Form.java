package dev.fluxion.serving.http;

import dev.fluxion.Tensors;
import dev.fluxion.dsl.train.Signature;
import dev.fluxion.ir.Shape;
import dev.fluxion.serving.Burst;
import dev.fluxion.serving.Served;
import dev.fluxion.serving.Terms;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What the JSON of a request says. It may stand before many requests of a connection, whose numbers come after it: then what was made
 * for one is used for the next. It is for one thread.
 */
final class Form {
    /** Requests with more bytes get new arrays, so that connections do not hold much. */
    private static final int MOST_HELD = 1 << 14;

    private final @Nullable String id;
    private final Map<String, Object> parameters;
    private final List<GivenInput> inputs;
    private final List<Wanted> outputs;
    private Terms terms;
    private final boolean wantsBinary;
    private final boolean wantsJson;
    private @Nullable Tensors held;
    private @Nullable Answered last;

    /**
     * An output that is wanted.
     *
     * @param name its name
     * @param binary whether its numbers come after the JSON
     */
    record Wanted(String name, boolean binary) {
        /** All outputs of a model. */
        static List<Wanted> all(Signature signature, boolean binary) {
            return signature.outputs().stream()
                    .map(output -> new Wanted(output.name(), binary))
                    .toList();
        }
    }

    /** The JSON of an answer whose numbers come after it, and what it depends on. */
    @SuppressWarnings("ArrayRecordComponent") // which nobody changes or compares
    private record Answered(String name, String version, List<Shape> shapes, Text json) {}

    /**
     * The JSON of an answer.
     *
     * @param headers say how long it is
     */
    @SuppressWarnings("ArrayRecordComponent") // which nobody changes or compares
    record Text(byte[] bytes, String headers) {
        static Text of(byte[] bytes) {
            return new Text(bytes, Reply.lines(Map.of(Reply.JSON_LENGTH, Integer.toString(bytes.length))));
        }
    }

    /**
     * What is asked.
     *
     * @param id comes back with the answer
     * @param parameters come back with the answer
     * @param inputs the inputs that are given
     * @param outputs what is wanted, in this order
     * @param terms how it is to be served
     */
    Form(
            @Nullable String id,
            Map<String, Object> parameters,
            List<GivenInput> inputs,
            List<Wanted> outputs,
            Terms terms) {
        this.id = id;
        this.parameters = parameters;
        this.inputs = List.copyOf(inputs);
        this.outputs = List.copyOf(outputs);
        this.terms = terms;
        this.wantsBinary = outputs.stream().anyMatch(Wanted::binary);
        this.wantsJson = !outputs.stream().allMatch(Wanted::binary);
    }

    @Nullable
    String id() {
        return id;
    }

    Map<String, Object> parameters() {
        return parameters;
    }

    List<Wanted> outputs() {
        return outputs;
    }

    /** How it is to be served, among requests that are made at the same time: those of one event loop, as all of a connection. */
    Terms terms(Burst burst) {
        if (terms.burst() != burst) {
            terms = terms.in(burst);
        }
        return terms;
    }

    /** Whether the numbers of an output come after the JSON. */
    boolean wantsBinary() {
        return wantsBinary;
    }

    /** Whether it says nothing that another request may say otherwise: no numbers. */
    boolean isWithoutNumbers() {
        return inputs.stream().allMatch(GivenInput::isBinary);
    }

    /** The inputs, whose numbers are here or come next. */
    Tensors inputs(ByteBuffer binary) {
        Tensors free = held;
        held = null;
        Tensors read = free == null ? made(binary) : filled(free, binary);
        if (binary.hasRemaining()) {
            throw Errors.bytesLeft(binary.remaining());
        }
        return read;
    }

    private Tensors made(ByteBuffer binary) {
        Tensors tensors = Tensors.none();
        for (GivenInput input : inputs) {
            tensors = tensors.with(input.name(), input.tensor(binary));
        }
        return tensors;
    }

    private Tensors filled(Tensors free, ByteBuffer binary) {
        for (GivenInput input : inputs) {
            input.fill(free.get(input.name()), binary);
        }
        return free;
    }

    /** Nobody reads the inputs of a request any more. */
    void giveBack(Tensors given) {
        long bytes = 0;
        for (GivenInput input : inputs) {
            bytes += 4L * given.get(input.name()).size();
        }
        held = !inputs.isEmpty() && bytes <= MOST_HELD ? given : null;
    }

    /** The JSON of an answer; that of the last one, if nothing is different. */
    Text json(Served served, Tensors answer) {
        if (wantsJson) {
            return Text.of(ResponseWriter.json(served, this, answer));
        }
        Answered before = last;
        if (before != null
                && before.name().equals(served.name())
                && before.version().equals(served.version())
                && isOfShapes(answer, before.shapes())) {
            return before.json();
        }
        List<Shape> shapes = outputs.stream()
                .map(output -> answer.get(output.name()).shape())
                .toList();
        Answered now = new Answered(
                served.name(), served.version(), shapes, Text.of(ResponseWriter.json(served, this, answer)));
        last = now;
        return now.json();
    }

    private boolean isOfShapes(Tensors answer, List<Shape> shapes) {
        for (int i = 0; i < shapes.size(); i++) {
            if (!answer.get(outputs.get(i).name()).shape().equals(shapes.get(i))) {
                return false;
            }
        }
        return true;
    }
}
