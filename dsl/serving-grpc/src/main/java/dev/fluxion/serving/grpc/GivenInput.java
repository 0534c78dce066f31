package dev.fluxion.serving.grpc;

import dev.fluxion.Input;
import dev.fluxion.Tensor;
import dev.fluxion.dsl.train.Signature;
import dev.fluxion.ir.Shape;
import dev.fluxion.serving.protocol.DataType;
import dev.fluxion.serving.protocol.Elements;
import dev.fluxion.serving.protocol.Rules;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** An input of a request. */
final class GivenInput {
    private final List<Long> shape = new ArrayList<>();
    private final Parameters parameters = new Parameters();
    private final List<ByteBuffer> contents = new ArrayList<>();
    private String name = "";
    private String type = "";

    private GivenInput() {}

    static GivenInput read(WireReader in) {
        GivenInput given = new GivenInput();
        while (in.next()) {
            given.field(in);
        }
        return given;
    }

    private void field(WireReader in) {
        switch (in.field()) {
            case 1 -> name = in.text();
            case 2 -> type = in.text();
            case 3 ->
                in.integers(extent -> {
                    Rules.requireMore("extents", shape.size());
                    shape.add(extent);
                });
            case 4 -> parameters.add(in);
            case 5 -> {
                Rules.requireMore("contents", contents.size());
                contents.add(in.bytes());
            }
            default -> in.skip();
        }
    }

    String name() {
        return name;
    }

    /** The tensor, whose numbers are in the contents, or in bytes beside them. */
    Tensor tensor(Signature signature, @Nullable ByteBuffer raw) {
        Input input = Rules.input(signature.inputs(), name);
        Rules.inputParameters(parameters.values().keySet());
        DataType of = DataType.named(type);
        of.requireNumbers(input);
        int[] dims = Rules.dims(shape);
        int size = Shape.of(dims).size();
        Elements elements = raw == null ? Contents.read(input, of, size, contents) : read(input, of, size, raw);
        elements.requireCount(dims);
        return elements.tensor(dims);
    }

    private Elements read(Input input, DataType of, int size, ByteBuffer raw) {
        if (!contents.isEmpty()) {
            throw Errors.contentsTwice(input);
        }
        if (raw.remaining() != (long) size * of.bytes()) {
            throw Errors.wrongBytes(input, of, size, raw.remaining());
        }
        Elements elements = new Elements(input, size);
        of.read(raw, size, elements);
        return elements;
    }
}
