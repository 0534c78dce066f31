package dev.fluxion.data;

import dev.fluxion.ir.Given;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.IntStream;

/**
 * The numbers of samples to learn from and to test with: {@code data.select(split.train())}. A sample is in one of them only. It
 * depends on the arguments only.
 *
 * @param train the numbers of those to learn from, in random order
 * @param test the numbers of the others, in random order
 */
@SuppressWarnings("ArrayRecordComponent")
public record Split(int[] train, int[] test) {
    private static final String SPLIT = "Split";

    /** Copies the arrays. */
    public Split {
        train = Given.require(SPLIT, "the numbers to learn from", train).clone();
        test = Given.require(SPLIT, "the numbers to test with", test).clone();
    }

    @Override
    public int[] train() {
        return train.clone();
    }

    @Override
    public int[] test() {
        return test.clone();
    }

    /**
     * Samples in random order, of which a part is to learn from.
     *
     * @param part between 0 and 1; there is at least one sample on each side
     * @throws IllegalArgumentException if there are fewer than two samples, or the part is not between 0 and 1
     */
    public static Split random(int samples, double part, long seed) {
        requireSize(samples, 2);
        requirePart(part);
        return cut(new Rng(seed, 0).permutation(samples), part);
    }

    /**
     * The same, with a part of each class, to the sample. A class of a single sample is learnt from.
     *
     * @param labels the class of each sample, as {@link Dataset#labels()} has it
     */
    public static Split stratified(int[] labels, double part, long seed) {
        requireSize(Given.require("stratified", "the labels", labels).length, 2);
        requirePart(part);
        List<Integer> train = new ArrayList<>();
        List<Integer> test = new ArrayList<>();
        for (List<Integer> members : classes(labels, seed)) {
            int learnt = members.size() == 1 ? 1 : learnt(members.size(), part);
            train.addAll(members.subList(0, learnt));
            test.addAll(members.subList(learnt, members.size()));
        }
        if (test.isEmpty()) {
            throw new IllegalArgumentException(Errors.singleSamples());
        }
        return new Split(shuffled(train, seed, 1), shuffled(test, seed, 2));
    }

    /**
     * Cross-validation: k splits, where each sample is tested with once.
     *
     * @throws IllegalArgumentException if there are fewer samples than folds, or fewer than two folds
     */
    public static List<Split> folds(int samples, int k, long seed) {
        return folds(new Rng(seed, 0).permutation(samples), k);
    }

    /** The same, with each class spread over the folds evenly. */
    public static List<Split> stratifiedFolds(int[] labels, int k, long seed) {
        return folds(
                classes(Given.require("folds", "the labels", labels), seed).stream()
                        .flatMap(List::stream)
                        .mapToInt(i -> i)
                        .toArray(),
                k);
    }

    /** Every k-th of the samples is tested with. */
    private static List<Split> folds(int[] order, int k) {
        Errors.requireAtLeast("folds", "the number of folds", 2, k);
        requireSize(order.length, k);
        List<Split> folds = new ArrayList<>();
        for (int fold = 0; fold < k; fold++) {
            int own = fold;
            folds.add(new Split(
                    IntStream.range(0, order.length)
                            .filter(i -> i % k != own)
                            .map(i -> order[i])
                            .toArray(),
                    IntStream.range(0, order.length)
                            .filter(i -> i % k == own)
                            .map(i -> order[i])
                            .toArray()));
        }
        return folds;
    }

    /** The samples of each class in random order. */
    private static List<List<Integer>> classes(int[] labels, long seed) {
        Map<Integer, List<Integer>> groups = new TreeMap<>();
        for (int i : new Rng(seed, 0).permutation(labels.length)) {
            groups.computeIfAbsent(labels[i], label -> new ArrayList<>()).add(i);
        }
        return List.copyOf(groups.values());
    }

    private static int[] shuffled(List<Integer> numbers, long seed, int stream) {
        int[] order = new Rng(seed, stream).permutation(numbers.size());
        return IntStream.of(order).map(numbers::get).toArray();
    }

    private static Split cut(int[] order, double part) {
        int learnt = learnt(order.length, part);
        return new Split(Arrays.copyOf(order, learnt), Arrays.copyOfRange(order, learnt, order.length));
    }

    private static int learnt(int samples, double part) {
        return (int) Math.max(1, Math.min(samples - 1, Math.round(samples * part)));
    }

    private static void requireSize(int samples, int least) {
        if (samples < least) {
            throw new IllegalArgumentException(Errors.tooFewToSplit(samples, least));
        }
    }

    private static void requirePart(double part) {
        if (!(part > 0 && part < 1)) {
            throw new IllegalArgumentException(Errors.badPart(part));
        }
    }
}
