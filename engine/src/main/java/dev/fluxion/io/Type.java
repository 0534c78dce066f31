package dev.fluxion.io;

import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.Optional;

/** The element types of the format that become float32 or int32, each number checked. */
enum Type {
    F16(2, true),
    BF16(2, true),
    F32(4, true),
    F64(8, true),
    BOOL(1, false),
    U8(1, false),
    I8(1, false),
    U16(2, false),
    I16(2, false),
    U32(4, false),
    I32(4, false),
    U64(8, false),
    I64(8, false);

    private final int bytes;
    private final boolean floating;

    Type(int bytes, boolean floating) {
        this.bytes = bytes;
        this.floating = floating;
    }

    static Optional<Type> of(String name) {
        return Arrays.stream(values()).filter(type -> type.name().equals(name)).findFirst();
    }

    /** The bytes of an element in a file. */
    int bytes() {
        return bytes;
    }

    /** Whether it becomes float32; else it becomes int32. */
    boolean floating() {
        return floating;
    }

    /** Takes elements until one comes that float32 cannot hold; tells how many. */
    int floats(ByteBuffer from, int count, float[] to, int at) {
        if (this == F32) {
            from.asFloatBuffer().get(to, at, count);
            return count;
        }
        for (int i = 0; i < count; i++) {
            float value = asFloat(from, i);
            if (this == F64 && !fits(from.getDouble(8 * i), value)) {
                return i;
            }
            to[at + i] = value;
        }
        return count;
    }

    /** Takes elements until one comes that int32 cannot hold; tells how many. */
    int ints(ByteBuffer from, int count, int[] to, int at) {
        if (this == I32) {
            from.asIntBuffer().get(to, at, count);
            return count;
        }
        for (int i = 0; i < count; i++) {
            long value = asLong(from, i);
            if (value != (int) value || this == U64 && value < 0 || this == BOOL && value > 1) {
                return i;
            }
            to[at + i] = (int) value;
        }
        return count;
    }

    /** An element as it is in the file. */
    String text(ByteBuffer from, int i) {
        return this == F64
                ? Double.toString(from.getDouble(8 * i))
                : this == U64 ? Long.toUnsignedString(asLong(from, i)) : Long.toString(asLong(from, i));
    }

    /** Rounding is no harm; what becomes infinite or zero is another number. */
    private static boolean fits(double exact, float rounded) {
        return Float.isInfinite(rounded) == Double.isInfinite(exact) && (rounded == 0) == (exact == 0);
    }

    private float asFloat(ByteBuffer from, int i) {
        return switch (this) {
            case F16 -> half(from.getShort(2 * i));
            case BF16 -> Float.intBitsToFloat(from.getShort(2 * i) << 16);
            case F64 -> (float) from.getDouble(8 * i);
            default -> throw new AssertionError(this);
        };
    }

    private static float half(int bits) {
        int exponent = bits >> 10 & 0x1f;
        int fraction = bits & 0x3ff;
        int sign = bits & 0x8000;
        if (exponent == 0) {
            return (sign == 0 ? 1f : -1f) * fraction * 0x1p-24f;
        }
        int wide = exponent == 0x1f ? 0xff : exponent + 127 - 15;
        return Float.intBitsToFloat(sign << 16 | wide << 23 | fraction << 13);
    }

    private long asLong(ByteBuffer from, int i) {
        return switch (this) {
            case BOOL, U8 -> Byte.toUnsignedLong(from.get(i));
            case I8 -> from.get(i);
            case U16 -> Short.toUnsignedLong(from.getShort(2 * i));
            case I16 -> from.getShort(2 * i);
            case U32 -> Integer.toUnsignedLong(from.getInt(4 * i));
            case U64, I64 -> from.getLong(8 * i);
            default -> throw new AssertionError(this);
        };
    }
}
