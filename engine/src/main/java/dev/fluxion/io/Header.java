package dev.fluxion.io;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/**
 * The header of a safetensors file, as it is read.
 *
 * @param entries the tensors in the order of their data
 * @param hasChecksums whether there are checksums in the metadata
 */
record Header(Map<String, Entry> entries, boolean hasChecksums) {
    static final int LEAST_BYTES = 2;
    static final int MOST_BYTES = 100_000_000;
    static final String METADATA = "__metadata__";

    private static final int MOST_AXES = 64;
    private static final int LONGEST_FIELD = 80;

    /** What the header says of a tensor, and its place in the order of the data; offsets count from the end of the header. */
    record Entry(Description what, long begin, long end, int number) {
        long bytes() {
            return end - begin;
        }
    }

    /** What to do with a text of the metadata; it reads the text. */
    interface Texts {
        void read(String key, JsonReader json) throws IOException;
    }

    /** Reads the tensors of a header, and leaves the texts out. */
    static Header read(Path file, HeaderText text, long dataBytes) throws IOException {
        JsonReader json = new JsonReader(file, text);
        Map<String, Entry> entries = new LinkedHashMap<>();
        boolean[] metadata = {false, false};
        json.object(Integer.MAX_VALUE, name -> {
            if (name.equals(METADATA) ? metadata[0] : entries.containsKey(name)) {
                throw json.error(Errors.duplicate(name));
            }
            if (name.equals(METADATA)) {
                metadata[0] = true;
                json.object(LONGEST_FIELD, key -> {
                    metadata[1] |= Checksums.owns(key);
                    json.string(0);
                });
            } else {
                entries.put(name, entry(json, name));
            }
        });
        json.end();
        return new Header(checked(file, entries, dataBytes), metadata[1]);
    }

    /** Reads the texts of a header, whose keys are kept up to a length, and leaves the tensors out. */
    static void texts(Path file, HeaderText text, int longestKey, Texts texts) throws IOException {
        JsonReader json = new JsonReader(file, text);
        json.object(METADATA.length() + 1, name -> {
            if (name.equals(METADATA)) {
                json.object(longestKey, key -> texts.read(key, json));
            } else {
                entry(json, name);
            }
        });
    }

    private static Entry entry(JsonReader json, String name) throws IOException {
        String[] type = {null};
        long[][] numbers = {null, null};
        json.object(LONGEST_FIELD, key -> {
            int place =
                    switch (key) {
                        case "dtype" -> -1;
                        case "shape" -> 0;
                        case "data_offsets" -> 1;
                        default -> throw json.error(Errors.unknownField(key));
                    };
            if (place < 0 ? type[0] != null : numbers[place] != null) {
                throw json.error(Errors.duplicate(key));
            }
            if (place < 0) {
                type[0] = json.string(LONGEST_FIELD);
            } else {
                numbers[place] = numbers(json);
            }
        });
        if (type[0] == null || numbers[0] == null || numbers[1] == null) {
            throw json.error(Errors.missingField());
        }
        if (numbers[1].length != 2) {
            throw json.error(Errors.offsetCount(numbers[1].length));
        }
        String shared = Type.of(type[0]).map(Type::name).orElse(type[0]);
        return new Entry(new Description(name, shared, numbers[0]), numbers[1][0], numbers[1][1], 0);
    }

    private static long[] numbers(JsonReader json) throws IOException {
        long[] numbers = new long[MOST_AXES];
        int[] count = {0};
        json.array(index -> {
            if (index == MOST_AXES) {
                throw json.error(Errors.tooManyNumbers(MOST_AXES));
            }
            numbers[index] = json.integer();
            count[0] = index + 1;
        });
        return Arrays.copyOf(numbers, count[0]);
    }

    /** Checks that tensors are as large as their shapes say, as far as their types are known, and fill the data exactly. */
    private static Map<String, Entry> checked(Path file, Map<String, Entry> entries, long dataBytes)
            throws TensorFileException {
        Entry[] sorted = entries.values().toArray(Entry[]::new);
        Arrays.sort(sorted, Comparator.comparingLong(Entry::begin).thenComparingLong(Entry::end));
        entries.clear();
        long at = 0;
        for (Entry e : sorted) {
            Description what = e.what();
            Optional<Type> type = Type.of(what.type());
            if (e.bytes() < 0 || type.isPresent() && e.bytes() != type.get().bytes() * what.elements()) {
                throw new TensorFileException(file, Errors.wrongSize(e));
            }
            if (e.begin() != at) {
                throw new TensorFileException(file, Errors.notAdjacent(what.name(), at, e.begin()));
            }
            at = e.end();
            entries.put(what.name(), new Entry(what, e.begin(), e.end(), entries.size()));
        }
        if (at != dataBytes) {
            throw new TensorFileException(file, Errors.wrongDataSize(at, dataBytes));
        }
        return entries;
    }
}
