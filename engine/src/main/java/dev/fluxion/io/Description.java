package dev.fluxion.io;

import java.util.Arrays;
import java.util.Optional;

/**
 * What a file says of a tensor.
 *
 * @param type its element type, as {@link Type} has it, or another that cannot be read
 */
@SuppressWarnings("ArrayRecordComponent")
record Description(String name, String type, long[] shape) {
    private static final long MUCH = 1L << 59;

    /** Why no tensor can hold it; nothing if one can. */
    Optional<String> problem() {
        if (Type.of(type).isEmpty()) {
            return Optional.of(Errors.unknownType(name, type));
        }
        if (Arrays.stream(shape).anyMatch(extent -> extent > Integer.MAX_VALUE)) {
            return Optional.of(Errors.extentTooLarge(name, shape));
        }
        return 4 * elements() > Integer.MAX_VALUE
                ? Optional.of(Errors.tensorTooLarge(name, 4 * elements()))
                : Optional.empty();
    }

    int[] dims() {
        return Arrays.stream(shape).mapToInt(Math::toIntExact).toArray();
    }

    /** The number of elements; of more than 2⁵⁹ it says as many as that. */
    long elements() {
        long count = 1;
        for (long extent : shape) {
            boolean much = Math.multiplyHigh(count, extent) != 0 || count * extent < 0 || count * extent > MUCH;
            count = much ? MUCH : count * extent;
        }
        return count;
    }
}
