package dev.fluxion.ffi;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.IntToLongFunction;
import org.bytedeco.dnnl.dnnl_exec_arg_t;
import org.bytedeco.dnnl.dnnl_memory;
import org.bytedeco.dnnl.dnnl_primitive;
import org.bytedeco.dnnl.dnnl_stream;
import org.bytedeco.dnnl.global.dnnl;
import org.bytedeco.javacpp.Loader;
import org.bytedeco.javacpp.Pointer;
import org.jspecify.annotations.Nullable;

/** A primitive with native argument records that point into slices, which may move on. */
final class PrimitiveCall implements Call {
    private final Primitive owner;
    private final Handles handles = new Handles();
    private final Memory[] memories;
    /** The compiled primitive, once the call has run. */
    private @Nullable dnnl_primitive primitive;

    private final dnnl_stream stream;
    private final int count;
    private final dnnl_exec_arg_t arguments;
    private final List<Moving> moving = new ArrayList<>();
    private boolean closed;

    /** An argument that moves on. */
    private record Moving(dnnl_memory memory, Handles.Address data, long start, IntToLongFunction path) {
        void to(int repetition) {
            data.move(start + path.applyAsLong(repetition));
            dnnl.dnnl_memory_set_data_handle(memory, data);
        }
    }

    PrimitiveCall(Primitive owner, Map<Arg, Slice> slices, Map<Arg, IntToLongFunction> paths) {
        this.owner = owner;
        this.memories = slices.values().stream().map(Slice::memory).distinct().toArray(Memory[]::new);
        this.count = slices.size();
        try {
            this.stream = handles.create(
                    new dnnl_stream(),
                    s -> dnnl.dnnl_stream_create(s, NativeLibrary.engine(), dnnl.dnnl_stream_default_flags),
                    dnnl::dnnl_stream_destroy,
                    "stream");
            this.arguments = arguments(slices, paths);
        } catch (RuntimeException | Error e) {
            handles.close();
            throw e;
        }
    }

    @Override
    public void at(int repetition) {
        for (int i = 0; i < moving.size(); i++) {
            moving.get(i).to(repetition);
        }
    }

    @Override
    public void run() {
        if (closed) {
            throw new IllegalStateException(Errors.closed(owner.description()));
        }
        owner.requireOpen();
        for (Memory memory : memories) {
            memory.requireOpen();
        }
        if (primitive == null) {
            primitive = owner.compiled();
        }
        int status = dnnl.dnnl_primitive_execute(primitive, stream, count, arguments);
        if (status != dnnl.dnnl_success) {
            throw new NativeException(Errors.status(status, owner.description()));
        }
    }

    @Override
    public void close() {
        closed = true;
        handles.close();
    }

    @Override
    public String toString() {
        return owner.description();
    }

    private dnnl_exec_arg_t arguments(Map<Arg, Slice> slices, Map<Arg, IntToLongFunction> paths) {
        long size = Loader.sizeof(dnnl_exec_arg_t.class);
        dnnl_exec_arg_t records = new dnnl_exec_arg_t(handles.zeroed(size * slices.size()));
        for (Map.Entry<Arg, Slice> entry : slices.entrySet()) {
            dnnl_memory memory = memory(owner.layout(entry.getKey()), entry.getValue());
            records.arg(entry.getKey().code()).memory(memory);
            IntToLongFunction path = paths.get(entry.getKey());
            if (path != null) {
                long start = entry.getValue().address();
                moving.add(new Moving(memory, new Handles.Address(start), start, path));
            }
            records.position(records.position() + 1);
        }
        return records.position(0);
    }

    private dnnl_memory memory(Layout layout, Slice slice) {
        Pointer data = Handles.at(slice.address());
        return handles.create(
                new dnnl_memory(),
                m -> dnnl.dnnl_memory_create(m, handles.descriptor(layout), NativeLibrary.engine(), data),
                dnnl::dnnl_memory_destroy,
                owner);
    }
}
