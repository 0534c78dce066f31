package dev.fluxion.engine.update;

import dev.fluxion.engine.plan.ScheduleKey;
import dev.fluxion.ffi.Layout;
import java.util.List;
import java.util.stream.IntStream;

/** Parameters that lie one after the other: bytes from {@code start} to {@code end} of their block. */
record Range(List<String> names, long start, long end, ScheduleKey key) {
    /** Pieces start where cache lines do. */
    private static final long CELL = 64;

    Layout layout() {
        return Layout.plain((end - start) / Float.BYTES);
    }

    /** Pieces that threads can share, whatever their number. */
    List<Range> pieces() {
        long cells = (end - start) / CELL;
        int count = UpdateLowering.pieces(cells * CELL);
        if (count == 1) {
            return List.of(this);
        }
        return IntStream.range(0, count)
                .mapToObj(i -> new Range(
                        names,
                        start + cells * i / count * CELL,
                        i == count - 1 ? end : start + cells * (i + 1) / count * CELL,
                        ScheduleKey.last(i)))
                .toList();
    }
}
