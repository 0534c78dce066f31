package dev.fluxion.serving.protocol;

import dev.fluxion.Input;
import dev.fluxion.ir.DType;
import java.nio.ByteBuffer;

/** The element types of the protocol, and how numbers of each become those of a model. */
public enum DataType {
    BOOL(1),
    UINT8(1),
    UINT16(2),
    UINT32(4),
    UINT64(8),
    INT8(1),
    INT16(2),
    INT32(4),
    INT64(8),
    FP16(2),
    BF16(2),
    FP32(4),
    FP64(8),
    BYTES(0);

    private final int bytes;

    DataType(int bytes) {
        this.bytes = bytes;
    }

    /** How many bytes an element has. */
    public int bytes() {
        return bytes;
    }

    /** The type of a model's numbers. */
    public static DataType of(DType type) {
        return type == DType.FLOAT ? FP32 : INT32;
    }

    /** The type of a name. */
    public static DataType named(String name) {
        for (DataType type : values()) {
            if (type.name().equals(name)) {
                return type;
            }
        }
        throw Faults.unknownType(name);
    }

    /** Requires that its elements are numbers. */
    public void requireNumbers(Input input) {
        if (this == BYTES) {
            throw Faults.noBytes(input);
        }
    }

    /** Whether its numbers may have fractions. */
    public boolean isReal() {
        return this == FP16 || this == BF16 || this == FP32 || this == FP64;
    }

    /** Reads little-endian numbers. */
    public void read(ByteBuffer from, int count, Elements into) {
        if (this == FP32) {
            into.addAll(from.asFloatBuffer(), count);
            return;
        }
        if (this == INT32 && into.takesIntegers()) {
            into.addAll(from.asIntBuffer(), count);
            return;
        }
        for (int i = 0; i < count; i++) {
            if (isReal()) {
                into.add(real(from));
            } else {
                into.add(integer(from));
            }
        }
    }

    private double real(ByteBuffer from) {
        return switch (this) {
            case FP16 -> half(from.getShort());
            case BF16 -> Float.intBitsToFloat(from.getShort() << 16);
            case FP64 -> from.getDouble();
            default -> from.getFloat();
        };
    }

    private long integer(ByteBuffer from) {
        return switch (this) {
            case BOOL -> bool(from.get());
            case UINT8 -> from.get() & 0xFF;
            case UINT16 -> from.getShort() & 0xFFFF;
            case UINT32 -> from.getInt() & 0xFFFF_FFFFL;
            case UINT64 -> unsigned(from.getLong());
            case INT8 -> from.get();
            case INT16 -> from.getShort();
            case INT32 -> from.getInt();
            default -> from.getLong();
        };
    }

    private static long bool(byte value) {
        if (value != 0 && value != 1) {
            throw Faults.noBool(value);
        }
        return value;
    }

    private static long unsigned(long value) {
        return value < 0 ? Long.MAX_VALUE : value;
    }

    /** The least integer of this type. */
    long least() {
        return switch (this) {
            case INT8 -> Byte.MIN_VALUE;
            case INT16 -> Short.MIN_VALUE;
            case INT32 -> Integer.MIN_VALUE;
            case INT64 -> Long.MIN_VALUE;
            default -> 0;
        };
    }

    /** The largest integer of this type. */
    long most() {
        return switch (this) {
            case BOOL -> 1;
            case UINT8 -> 0xFF;
            case UINT16 -> 0xFFFF;
            case UINT32 -> 0xFFFF_FFFFL;
            case INT8 -> Byte.MAX_VALUE;
            case INT16 -> Short.MAX_VALUE;
            case INT32 -> Integer.MAX_VALUE;
            default -> Long.MAX_VALUE;
        };
    }

    /** A number of IEEE 754 in 16 bits. */
    private static float half(short bits) {
        int sign = (bits & 0x8000) << 16;
        int exponent = bits >> 10 & 0x1F;
        int fraction = bits & 0x3FF;
        if (exponent == 0) {
            float magnitude = fraction * 0x1p-24f;
            return sign == 0 ? magnitude : -magnitude;
        }
        int widened = exponent == 0x1F ? 0xFF : exponent + 112;
        return Float.intBitsToFloat(sign | widened << 23 | fraction << 13);
    }
}
