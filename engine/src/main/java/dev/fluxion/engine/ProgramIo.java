package dev.fluxion.engine;

import dev.fluxion.Tensor;
import dev.fluxion.engine.run.IoBuffer;
import dev.fluxion.engine.run.IoBuffers;
import dev.fluxion.ir.DType;
import java.nio.FloatBuffer;
import java.util.Objects;

/** What goes into a program and comes out of it: copies, while no other thread uses it. See the methods of {@link Program}. */
final class ProgramIo {
    private final IoBuffers inputs;
    private final IoBuffers outputs;
    private final ProgramAccess access;

    ProgramIo(IoBuffers inputs, IoBuffers outputs, ProgramAccess access) {
        this.inputs = inputs;
        this.outputs = outputs;
        this.access = access;
    }

    void write(String input, Tensor value) {
        inputs.get(input).require(value);
        if (value.dtype() == DType.INT) {
            write(input, value.ints());
        } else {
            write(input, value.floats());
        }
    }

    void write(String input, float[] values) {
        IoBuffer buffer = inputs.get(input);
        buffer.require(DType.FLOAT, values.length);
        access.enter();
        try {
            buffer.put(0, values, 0, values.length, buffer.shape());
        } finally {
            access.leave();
        }
    }

    void write(String input, int[] values) {
        IoBuffer buffer = inputs.get(input);
        buffer.require(DType.INT, values.length);
        access.enter();
        try {
            buffer.put(0, values, 0, values.length);
        } finally {
            access.leave();
        }
    }

    void writeRows(String input, int at, Tensor value, int from, int rows) {
        IoBuffer buffer = inputs.get(input);
        buffer.requireRows(at, value, from, rows);
        int row = buffer.row();
        access.enter();
        try {
            if (value.dtype() == DType.INT) {
                buffer.put(at * row, value.ints(), from * row, rows * row);
            } else {
                buffer.put(at * row, value.floats(), from * row, rows * row, value.shape());
            }
        } finally {
            access.leave();
        }
    }

    void repeatRows(String input, int rows) {
        IoBuffer buffer = inputs.get(input);
        Objects.checkIndex(rows - 1, buffer.shape().dim(0));
        access.enter();
        try {
            buffer.repeat(rows);
        } finally {
            access.leave();
        }
    }

    Tensor read(String output) {
        IoBuffer buffer = outputs.get(output);
        access.enterToRead();
        try {
            return buffer.copy();
        } finally {
            access.leave();
        }
    }

    void read(String output, float[] into) {
        IoBuffer buffer = outputs.get(output);
        buffer.require(DType.FLOAT, into.length);
        access.enterToRead();
        try {
            buffer.get(0, into, 0, into.length);
        } finally {
            access.leave();
        }
    }

    float scalar(String output) {
        IoBuffer buffer = outputs.get(output);
        buffer.require(DType.FLOAT, 1);
        access.enterToRead();
        try {
            return buffer.first();
        } finally {
            access.leave();
        }
    }

    void readRows(String output, int at, Tensor into, int from, int rows) {
        IoBuffer buffer = outputs.get(output);
        buffer.requireRows(at, into, from, rows);
        int row = buffer.row();
        access.enterToRead();
        try {
            if (into.dtype() == DType.INT) {
                buffer.get(at * row, into.ints(), from * row, rows * row);
            } else {
                buffer.get(at * row, into.floats(), from * row, rows * row);
            }
        } finally {
            access.leave();
        }
    }

    void readRows(String output, int at, FloatBuffer into, int from, int rows) {
        IoBuffer buffer = outputs.get(output);
        buffer.require(DType.FLOAT, buffer.shape().size());
        int row = buffer.row();
        access.enterToRead();
        try {
            buffer.get(at * row, into, from * row, rows * row);
        } finally {
            access.leave();
        }
    }
}
