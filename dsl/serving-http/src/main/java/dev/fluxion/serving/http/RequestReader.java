package dev.fluxion.serving.http;

import dev.fluxion.Input;
import dev.fluxion.Tensor;
import dev.fluxion.Tensors;
import dev.fluxion.dsl.train.Signature;
import dev.fluxion.serving.Priority;
import dev.fluxion.serving.Terms;
import dev.fluxion.serving.protocol.DataType;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;

/**
 * Reads what the requests of a connection ask of models: JSON, JSON and binary tensors, or the bytes of the only input. Most have the
 * JSON of the request before, which is not parsed again.
 */
final class RequestReader {
    /** Longer JSON is not remembered. */
    private static final int LONGEST = 1024;

    private @Nullable Known last;

    /** A form, and what it was read of. */
    private record Known(Signature signature, ByteBuffer text, Form form) {}

    /**
     * Reads a request.
     *
     * @param body its bytes, which nobody else reads
     * @param jsonLength what the header says of how many bytes are JSON; null if all are
     */
    InferRequest read(Signature signature, ByteBuffer body, @Nullable String jsonLength) {
        ByteBuffer binary = body.order(ByteOrder.LITTLE_ENDIAN);
        int length = jsonLength == null ? binary.remaining() : length(jsonLength, binary.remaining());
        if (jsonLength != null && length == 0) {
            return raw(signature, binary);
        }
        int end = binary.limit();
        int numbers = binary.position() + length;
        Form form = form(signature, binary.limit(numbers), jsonLength == null);
        binary.limit(end).position(numbers);
        return new InferRequest(form, form.inputs(binary));
    }

    private static int length(String given, int most) {
        long length = given.isEmpty() ? -1 : 0;
        for (int i = 0; i < given.length() && length >= 0 && length <= most; i++) {
            int digit = given.charAt(i) - '0';
            length = digit < 0 || digit > 9 ? -1 : 10 * length + digit;
        }
        if (length < 0 || length > most) {
            throw Errors.badJsonLength(given, most);
        }
        return (int) length;
    }

    private Form form(Signature signature, ByteBuffer text, boolean isAll) {
        Known known = last;
        if (known != null && known.signature() == signature && known.text().equals(text)) {
            return known.form();
        }
        byte[] bytes = new byte[text.remaining()];
        text.get(bytes);
        Form read = read(signature, bytes, isAll);
        boolean again = bytes.length <= LONGEST && read.isWithoutNumbers();
        last = again ? new Known(signature, ByteBuffer.wrap(bytes), read) : null;
        return read;
    }

    private static Form read(Signature signature, byte[] text, boolean isAll) {
        try {
            return FormReader.read(signature, text);
        } catch (JacksonException e) {
            if (isAll && new String(text, StandardCharsets.ISO_8859_1).contains(GivenInput.SIZE)) {
                throw Errors.missingJsonLength();
            }
            throw e;
        }
    }

    /** The bytes are those of the only input, of whose extents one at most varies. */
    private static InferRequest raw(Signature signature, ByteBuffer binary) {
        if (signature.inputs().size() != 1) {
            throw Errors.rawNeedsOne(signature.inputs());
        }
        Input input = signature.inputs().get(0);
        if (!input.varying().isEmpty()) {
            throw Errors.rawVaries(input);
        }
        DataType type = DataType.of(input.type());
        long sample = (long) input.sample().size() * type.bytes();
        if (sample == 0 || binary.remaining() == 0 || binary.remaining() % sample != 0) {
            throw Errors.rawLength(input, sample, binary.remaining());
        }
        int rows = (int) (binary.remaining() / sample);
        Tensor tensor = GivenInput.read(input, type, rows * input.sample().size(), binary)
                .tensor(input.batched(rows).dims());
        Form form = new Form(null, Map.of(), List.of(), Form.Wanted.all(signature, true), Terms.of(Priority.NORMAL));
        return new InferRequest(form, Tensors.of(input.name(), tensor));
    }
}
