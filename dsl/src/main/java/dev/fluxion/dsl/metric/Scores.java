package dev.fluxion.dsl.metric;

import dev.fluxion.ExactSum;
import java.util.Arrays;
import java.util.Comparator;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/** The scores of what is of a class and of what is not. Equal scores are not told apart, nor are 0 and −0. */
final class Scores {
    private final Part yes = new Part();
    private final Part no = new Part();

    /** Scores and what each counts; all count 1 where there are no weights. */
    private static final class Part {
        private double[] scores = new double[16];
        private double @Nullable [] weights;
        private int count;

        void add(double score) {
            if (count == scores.length) {
                room(2 * count);
            }
            if (weights != null) {
                weights[count] = 1;
            }
            scores[count++] = score + 0.0; // −0 becomes 0
        }

        void add(Part other, double weight) {
            int sum = count + other.count;
            if (sum > scores.length) {
                room(Math.max(sum, 2 * scores.length));
            }
            System.arraycopy(other.scores, 0, scores, count, other.count);
            if (weights == null && (other.weights != null || weight != 1)) {
                weights = new double[scores.length];
                Arrays.fill(weights, 0, count, 1);
            }
            if (weights != null) {
                for (int i = 0; i < other.count; i++) {
                    weights[count + i] = weight * (other.weights == null ? 1 : other.weights[i]);
                }
            }
            count = sum;
        }

        private void room(int most) {
            scores = Arrays.copyOf(scores, most);
            weights = weights == null ? null : Arrays.copyOf(weights, most);
        }

        /** Puts the scores in order, and of equal ones the weights, so that no order of samples changes a sum. */
        void sort() {
            if (weights == null) {
                Arrays.sort(scores, 0, count);
                return;
            }
            double[] from = scores;
            double[] heavy = weights;
            int[] order = IntStream.range(0, count)
                    .boxed()
                    .sorted(Comparator.<Integer>comparingDouble(i -> from[i]).thenComparingDouble(i -> heavy[i]))
                    .mapToInt(i -> i)
                    .toArray();
            scores = Arrays.stream(order).mapToDouble(i -> from[i]).toArray();
            weights = Arrays.stream(order).mapToDouble(i -> heavy[i]).toArray();
        }

        /** How many scores from the end of the first so many are equal to a score. */
        int equal(int first, double score) {
            int found = 0;
            while (found < first && scores[first - 1 - found] == score) {
                found++;
            }
            return found;
        }

        double last(int first) {
            return first == 0 ? Double.NEGATIVE_INFINITY : scores[first - 1];
        }

        /** What the scores from a number up to but without another one weigh together. */
        double weight(int from, int to) {
            if (weights == null) {
                return to - from;
            }
            double sum = 0;
            for (int i = from; i < to; i++) {
                sum += weights[i];
            }
            return sum;
        }
    }

    void add(double score, boolean isYes) {
        (isYes ? yes : no).add(score);
    }

    void add(Scores other, double weight) {
        yes.add(other.yes, weight);
        no.add(other.no, weight);
    }

    long size() {
        return (long) yes.count + no.count;
    }

    /** What the scores of the class weigh together. */
    double positives() {
        return yes.weight(0, yes.count);
    }

    /** Takes the scores from the largest on, equal ones at once. */
    private interface Step {
        /**
         * What those of the class and others that have the same score weigh.
         *
         * @param yesBefore what those of the class with a larger one weigh
         * @param noBefore what others with a larger one weigh
         */
        void take(double yes, double no, double yesBefore, double noBefore);
    }

    private void descend(Step step) {
        yes.sort();
        no.sort();
        int yesLeft = yes.count;
        int noLeft = no.count;
        double yesBefore = 0;
        double noBefore = 0;
        while (yesLeft + noLeft > 0) {
            double score = Math.max(yes.last(yesLeft), no.last(noLeft));
            int yesNext = yesLeft - yes.equal(yesLeft, score);
            int noNext = noLeft - no.equal(noLeft, score);
            double yesEqual = yes.weight(yesNext, yesLeft);
            double noEqual = no.weight(noNext, noLeft);
            step.take(yesEqual, noEqual, yesBefore, noBefore);
            yesBefore += yesEqual;
            noBefore += noEqual;
            yesLeft = yesNext;
            noLeft = noNext;
        }
    }

    /** The part of the pairs whose score of the class is larger; NaN if there are none of one kind. */
    double rocAuc() {
        ExactSum twice = new ExactSum();
        descend((yesEqual, noEqual, yesBefore, noBefore) -> twice.add(noEqual * (2 * yesBefore + yesEqual)));
        return twice.value() / (2 * positives() * no.weight(0, no.count));
    }

    /** The mean over the class's scores of the precision among scores that are not smaller; NaN if there are none. */
    double averagePrecision() {
        ExactSum sum = new ExactSum();
        descend((yesEqual, noEqual, yesBefore, noBefore) -> {
            double found = yesBefore + yesEqual;
            sum.add(yesEqual * (found / (found + noBefore + noEqual)));
        });
        return sum.value() / positives();
    }
}
