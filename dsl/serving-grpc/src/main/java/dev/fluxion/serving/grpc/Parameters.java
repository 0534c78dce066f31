package dev.fluxion.serving.grpc;

import dev.fluxion.serving.protocol.Rules;
import java.math.BigInteger;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Parameters by name: true and false, integers, texts, numbers. They go back as they came. */
final class Parameters {
    private final Map<String, Object> values = new HashMap<>();
    private final List<ByteBuffer> given = new ArrayList<>();

    /** Reads one more. */
    void add(WireReader in) {
        Rules.requireMore("parameters", given.size());
        ByteBuffer entry = in.bytes();
        given.add(entry);
        WireReader fields = new WireReader(entry);
        String name = "";
        Object value = null;
        while (fields.next()) {
            switch (fields.field()) {
                case 1 -> name = fields.text();
                case 2 -> value = value(fields.message(), value);
                default -> fields.skip();
            }
        }
        if (value == null) {
            throw Errors.noValue(name);
        }
        values.put(name, value);
    }

    private static @Nullable Object value(WireReader in, @Nullable Object before) {
        Object value = before;
        while (in.next()) {
            switch (in.field()) {
                case 1 -> value = in.flag();
                case 2 -> value = in.integer();
                case 3 -> value = in.text();
                case 4 -> value = in.real();
                case 5 -> value = unsigned(in.integer());
                default -> in.skip();
            }
        }
        return value;
    }

    private static Object unsigned(long value) {
        if (value >= 0) {
            return value;
        }
        return new BigInteger(Long.toUnsignedString(value));
    }

    /** Their values. */
    Map<String, Object> values() {
        return values;
    }

    /** Writes them back. */
    void write(int field, WireWriter out) {
        given.forEach(entry -> out.bytes(field, entry));
    }
}
