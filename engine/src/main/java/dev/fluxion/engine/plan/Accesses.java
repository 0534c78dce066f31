package dev.fluxion.engine.plan;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * Who touches some memory, found by place: a look at a part of it does not pass those who touch others, as the layers of a deep
 * net touch their own weights in the memory of all.
 */
final class Accesses {
    /** By the number of bits of their length, and where they start. */
    private final Map<Integer, TreeMap<Long, List<Access>>> all = new HashMap<>();

    /** A buffer that a step touches. */
    record Access(int step, Buffer buffer) {}

    void add(int step, Buffer buffer) {
        Buffer swept = buffer.swept();
        all.computeIfAbsent(bits(swept), k -> new TreeMap<>())
                .computeIfAbsent(swept.offset(), k -> new ArrayList<>())
                .add(new Access(step, buffer));
    }

    /** The accesses to what overlaps a buffer of the same memory, in no order. */
    List<Access> to(Buffer buffer) {
        Buffer swept = buffer.swept();
        long from = swept.offset();
        long end = from + swept.bytes();
        List<Access> found = new ArrayList<>();
        for (Map.Entry<Integer, TreeMap<Long, List<Access>>> e : all.entrySet()) {
            for (List<Access> some :
                    e.getValue().subMap(from - (1L << e.getKey()), end).values()) {
                for (Access access : some) {
                    if (access.buffer.overlaps(buffer)) {
                        found.add(access);
                    }
                }
            }
        }
        return found;
    }

    private static int bits(Buffer buffer) {
        return Long.SIZE - Long.numberOfLeadingZeros(buffer.bytes());
    }
}
