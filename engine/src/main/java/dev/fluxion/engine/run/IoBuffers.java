package dev.fluxion.engine.run;

import dev.fluxion.engine.error.Errors;
import dev.fluxion.engine.plan.Buffer;
import dev.fluxion.ir.Expr;
import dev.fluxion.ir.Interpreter;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** The inputs of a program, or its outputs, by name. */
public final class IoBuffers {
    private final String kind;
    private final Map<String, IoBuffer> all = new LinkedHashMap<>();
    private final List<Plan.Io> planned;
    private final IoBuffer[] order;

    /**
     * The buffers of a program.
     *
     * @param kind what they are, for complaints
     * @param whole all inputs or outputs, by name
     * @param planned those that a plan has; it may do without those that have no elements
     */
    public IoBuffers(String kind, Map<String, Expr> whole, List<Plan.Io> planned) {
        this.kind = kind;
        this.planned = planned;
        for (Plan.Io io : planned) {
            all.put(io.name(), new IoBuffer(io.name(), io.value()));
        }
        for (Map.Entry<String, Expr> each : whole.entrySet()) {
            if (each.getValue().shape().size() == 0) {
                all.putIfAbsent(each.getKey(), new IoBuffer(each.getKey(), each.getValue()));
            }
        }
        this.order = all.values().toArray(new IoBuffer[0]);
    }

    /** Gives all of them memory. They have no values yet. */
    public void bind(Binding binding) {
        for (Plan.Io io : planned) {
            if (io.buffer().bytes() > Integer.MAX_VALUE) {
                throw new IllegalArgumentException(Errors.tooLongToCopy(kind, io.buffer()));
            }
            Buffer squares = io.squares();
            get(io.name()).bind(binding.of(io.buffer()), squares == null ? null : binding.of(squares));
        }
    }

    /** Whether there is a buffer of this name. */
    public boolean contains(String name) {
        return all.containsKey(name);
    }

    /**
     * A buffer.
     *
     * @throws IllegalArgumentException if there is none of this name
     */
    public IoBuffer get(String name) {
        IoBuffer buffer = all.get(name);
        if (buffer == null) {
            throw new IllegalArgumentException(Errors.unknown(kind, name, all.keySet()));
        }
        return buffer;
    }

    /**
     * Requires that all have values.
     *
     * @throws IllegalStateException if one was never written
     */
    public void requireWritten() {
        for (IoBuffer buffer : order) {
            if (!buffer.isWritten()) {
                throw new IllegalStateException(Errors.unwritten(buffer.name()));
            }
        }
    }

    /** Forgets all values. */
    public void forget() {
        all.values().forEach(IoBuffer::forget);
    }

    /** Gives an interpreter the values. */
    void bind(Interpreter interpreter) {
        all.forEach((name, buffer) -> interpreter.bind(name, buffer.copy().toValue()));
    }
}
