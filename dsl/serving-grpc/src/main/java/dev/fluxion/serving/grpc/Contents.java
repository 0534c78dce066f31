package dev.fluxion.serving.grpc;

import dev.fluxion.Input;
import dev.fluxion.Tensor;
import dev.fluxion.ir.DType;
import dev.fluxion.serving.protocol.DataType;
import dev.fluxion.serving.protocol.Elements;
import java.nio.ByteBuffer;
import java.util.List;

/** Numbers in their typed form: a repeated field for each kind of number. */
final class Contents {
    private static final int INT = 2;
    private static final int FP32 = 6;
    private static final int BYTES = 8;
    private static final List<String> NAMES = List.of(
            "bool_contents",
            "int_contents",
            "int64_contents",
            "uint_contents",
            "uint64_contents",
            "fp32_contents",
            "fp64_contents",
            "bytes_contents");

    private Contents() {}

    /** Where the numbers of a type are; 0 if it has no typed form. */
    private static int field(DataType type) {
        return switch (type) {
            case BOOL -> 1;
            case INT8, INT16, INT32 -> INT;
            case INT64 -> 3;
            case UINT8, UINT16, UINT32 -> 4;
            case UINT64 -> 5;
            case FP32 -> FP32;
            case FP64 -> 7;
            case BYTES -> BYTES;
            case FP16, BF16 -> 0;
        };
    }

    /** Reads the numbers of an input. Room is made for so many, if they may be there. */
    static Elements read(Input input, DataType type, int size, List<ByteBuffer> contents) {
        int wanted = field(type);
        if (wanted == 0) {
            throw Errors.onlyRaw(input, type);
        }
        int most = contents.stream().mapToInt(ByteBuffer::remaining).sum();
        Elements elements = new Elements(input, Math.min(size, most));
        for (ByteBuffer part : contents) {
            WireReader in = new WireReader(part);
            while (in.next()) {
                if (in.field() == wanted) {
                    add(in, type, elements);
                } else if (in.field() <= BYTES) {
                    throw Errors.wrongContents(input, type, NAMES.get(wanted - 1), NAMES.get(in.field() - 1));
                } else {
                    in.skip();
                }
            }
        }
        return elements;
    }

    private static void add(WireReader in, DataType type, Elements elements) {
        if (type.isReal()) {
            ByteBuffer numbers = in.numbers(type.bytes());
            type.read(numbers, numbers.remaining() / type.bytes(), elements);
        } else {
            in.integers(value -> elements.add(type, integer(type, value)));
        }
    }

    /** What an integer means. Each that is not 0 means true. */
    private static long integer(DataType type, long value) {
        return switch (type) {
            case BOOL -> value == 0 ? 0 : 1;
            case UINT64 -> value < 0 ? Long.MAX_VALUE : value;
            default -> value;
        };
    }

    /** Writes the numbers of an output. */
    static void write(Tensor tensor, WireWriter out) {
        if (tensor.dtype() == DType.INT) {
            out.integers(INT, tensor.ints());
        } else {
            out.floats(FP32, tensor.floats());
        }
    }
}
