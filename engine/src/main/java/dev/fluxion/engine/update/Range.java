package dev.fluxion.engine.update;

import dev.fluxion.engine.plan.ScheduleKey;
import dev.fluxion.engine.store.ParameterStore;
import dev.fluxion.ffi.Layout;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/** Parameters that lie one after the other: bytes from {@code start} to {@code end} of their block. */
record Range(List<String> names, long start, long end, ScheduleKey key) {
    /** Pieces start where cache lines do. */
    private static final long CELL = 64;

    /** Some parameters in as few ranges as they lie in. */
    static List<Range> of(ParameterStore parameters, Stream<String> some) {
        List<Range> ranges = new ArrayList<>();
        some.sorted(Comparator.comparingLong(parameters::offset)).forEach(name -> {
            Range last = ranges.isEmpty() ? null : ranges.get(ranges.size() - 1);
            if (last != null && last.end() == parameters.offset(name)) {
                List<String> all = new ArrayList<>(last.names());
                all.add(name);
                ranges.set(ranges.size() - 1, new Range(all, last.start(), parameters.end(name), ScheduleKey.SERIAL));
            } else {
                ranges.add(new Range(List.of(name), parameters.offset(name), parameters.end(name), ScheduleKey.SERIAL));
            }
        });
        return ranges;
    }

    /** The numbers that lie between two parameters. */
    int[] gaps(ParameterStore parameters) {
        return names.stream()
                .flatMapToInt(
                        name -> IntStream.range((int) element(parameters.offset(name) + parameters.bytes(name)), (int)
                                element(parameters.end(name))))
                .toArray();
    }

    /** The names of the numbers. */
    Elements elements(ParameterStore parameters) {
        return new Elements(names.stream()
                .map(name -> new Elements.Part(
                        name,
                        element(parameters.offset(name)),
                        element(parameters.offset(name) + parameters.bytes(name)),
                        element(parameters.end(name)),
                        parameters.shape(name),
                        parameters.layout(name).isPlain()))
                .toList());
    }

    private long element(long offset) {
        return (offset - start) / Float.BYTES;
    }

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
