package dev.fluxion.dsl.watch;

import dev.fluxion.Tensor;
import dev.fluxion.data.Batch;
import dev.fluxion.data.Dataset;
import dev.fluxion.dsl.lint.Check;
import dev.fluxion.dsl.lint.Finding;
import dev.fluxion.dsl.lint.Findings;
import dev.fluxion.ir.DType;
import java.util.Arrays;
import java.util.Locale;
import java.util.stream.IntStream;

/**
 * Finds samples of an evaluation that are training data, too: by their names if these are not mere numbers, as those of files, else by
 * hashes of their inputs. Of each side it looks at no more than {@value #MOST_SAMPLES} samples and {@value #MOST_NUMBERS} numbers,
 * spread evenly, and keeps 8 bytes for each.
 */
final class OverlapLint {
    static final int MOST_SAMPLES = 1 << 16;
    static final int MOST_NUMBERS = 1 << 22;
    private static final int PART = 64;
    private static final int POOR = 16;

    private OverlapLint() {}

    /** Samples that were looked at. */
    @SuppressWarnings("ArrayRecordComponent")
    private record Looked(int[] numbers, long[] hashes, boolean poor) {}

    static void look(Findings findings, Dataset train, String name, Dataset other) {
        if (!findings.asks(Check.OVERLAP) || name.toLowerCase(Locale.ROOT).startsWith("train")) {
            return;
        }
        String where = name.isEmpty() ? "the evaluation" : "the evaluation '" + name + "'";
        if (train == other) {
            tell(findings, where, Errors.sameData());
            return;
        }
        Looked seen;
        Looked asked;
        try {
            boolean named = isNamed(train) && isNamed(other);
            seen = named ? names(train) : inputs(train);
            asked = named ? names(other) : inputs(other);
        } catch (RuntimeException e) {
            // What a data set throws comes again where the training or the evaluation reads it.
            return;
        }
        compare(findings, where, seen, asked, other);
    }

    private static void compare(Findings findings, String where, Looked seen, Looked asked, Dataset other) {
        long[] sorted = seen.hashes.clone();
        Arrays.sort(sorted);
        int same = (int) IntStream.range(1, sorted.length)
                .filter(i -> sorted[i] == sorted[i - 1])
                .count();
        int[] hits = IntStream.range(0, asked.hashes.length)
                .filter(i -> Arrays.binarySearch(sorted, asked.hashes[i]) >= 0)
                .toArray();
        // Samples that are alike within the training data may be alike by chance elsewhere, too.
        double chance = 5.0 * same / sorted.length + (seen.poor ? 0.5 : same > 0 ? 0.01 : 0);
        if (hits.length > 0 && same <= 0.05 * sorted.length && hits.length > chance * asked.hashes.length) {
            String sample = other.name(asked.numbers[hits[0]]);
            tell(findings, where, Errors.overlap(hits.length, asked.hashes.length, sample));
        }
    }

    private static void tell(Findings findings, String where, String seen) {
        findings.tell(new Finding(Check.OVERLAP, where, seen, Errors.apart()));
    }

    private static boolean isNamed(Dataset data) {
        return !data.name(0).chars().allMatch(Character::isDigit);
    }

    private static int[] spread(Dataset data, int most) {
        int count = Math.min(data.size(), most);
        return IntStream.range(0, count)
                .map(i -> (int) ((long) i * data.size() / count))
                .toArray();
    }

    private static Looked names(Dataset data) {
        int[] numbers = spread(data, MOST_SAMPLES);
        return new Looked(
                numbers,
                Arrays.stream(numbers).mapToLong(i -> hash(data.name(i))).toArray(),
                false);
    }

    private static long hash(String name) {
        long hash = 0;
        for (int i = 0; i < name.length(); i++) {
            hash = mixed(hash, name.charAt(i));
        }
        return hash;
    }

    private static Looked inputs(Dataset data) {
        Batch one = data.batch(0);
        long size =
                one.allInputs().all().values().stream().mapToLong(Tensor::size).sum();
        int[] numbers = spread(data, (int) Math.max(1, Math.min(MOST_SAMPLES, MOST_NUMBERS / Math.max(1, size))));
        long[] hashes = new long[numbers.length];
        boolean poor = size < POOR;
        for (int from = 0; from < numbers.length; from += PART) {
            int to = Math.min(numbers.length, from + PART);
            Batch part = data.batch(Arrays.copyOfRange(numbers, from, to));
            for (Tensor input : part.allInputs().all().values()) {
                poor &= isWhole(input);
                add(hashes, from, to - from, input);
            }
        }
        return new Looked(numbers, hashes, poor);
    }

    /** Whether there are whole numbers only, so that a few of them say little. */
    private static boolean isWhole(Tensor input) {
        if (input.dtype() == DType.FLOAT) {
            for (float x : input.floats()) {
                if (x != Math.rint(x)) {
                    return false;
                }
            }
        }
        return true;
    }

    private static void add(long[] hashes, int from, int count, Tensor input) {
        int row = input.size() / count;
        for (int i = 0; i < count; i++) {
            long hash = hashes[from + i];
            for (int j = i * row; j < (i + 1) * row; j++) {
                hash = mixed(
                        hash,
                        input.dtype() == DType.FLOAT ? Float.floatToRawIntBits(input.floats()[j]) : input.ints()[j]);
            }
            hashes[from + i] = hash;
        }
    }

    private static long mixed(long hash, int next) {
        return Long.rotateLeft((hash ^ next) * 0x9E3779B97F4A7C15L, 29);
    }
}
