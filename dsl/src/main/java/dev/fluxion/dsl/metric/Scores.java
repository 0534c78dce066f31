package dev.fluxion.dsl.metric;

import dev.fluxion.ExactSum;
import java.util.Arrays;

/** The scores of what is of a class and of what is not. Equal scores are not told apart, nor are 0 and −0. */
final class Scores {
    private final Part yes = new Part();
    private final Part no = new Part();

    private static final class Part {
        private double[] scores = new double[16];
        private int count;

        void add(double score) {
            if (count == scores.length) {
                scores = Arrays.copyOf(scores, 2 * count);
            }
            scores[count++] = score + 0.0; // −0 becomes 0
        }

        void add(Part other) {
            int sum = count + other.count;
            if (sum > scores.length) {
                scores = Arrays.copyOf(scores, Math.max(sum, 2 * scores.length));
            }
            System.arraycopy(other.scores, 0, scores, count, other.count);
            count = sum;
        }

        void sort() {
            Arrays.sort(scores, 0, count);
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
    }

    void add(double score, boolean isYes) {
        (isYes ? yes : no).add(score);
    }

    void add(Scores other) {
        yes.add(other.yes);
        no.add(other.no);
    }

    long size() {
        return (long) yes.count + no.count;
    }

    int positives() {
        return yes.count;
    }

    /** Takes the scores from the largest on, equal ones at once. */
    private interface Step {
        /**
         * So many of the class and others that have the same score.
         *
         * @param yesBefore how many of the class have a larger one
         * @param noBefore how many others have
         */
        void take(int yes, int no, int yesBefore, int noBefore);
    }

    private void descend(Step step) {
        yes.sort();
        no.sort();
        int yesLeft = yes.count;
        int noLeft = no.count;
        while (yesLeft + noLeft > 0) {
            double score = Math.max(yes.last(yesLeft), no.last(noLeft));
            int yesEqual = yes.equal(yesLeft, score);
            int noEqual = no.equal(noLeft, score);
            step.take(yesEqual, noEqual, yes.count - yesLeft, no.count - noLeft);
            yesLeft -= yesEqual;
            noLeft -= noEqual;
        }
    }

    /** The part of the pairs whose score of the class is larger; NaN if there are none of one kind. */
    double rocAuc() {
        long[] twice = {0};
        descend((yesEqual, noEqual, yesBefore, noBefore) -> twice[0] += noEqual * (2L * yesBefore + yesEqual));
        return twice[0] / (2.0 * yes.count * no.count);
    }

    /** The mean over the class's scores of the precision among scores that are not smaller; NaN if there are none. */
    double averagePrecision() {
        ExactSum sum = new ExactSum();
        descend((yesEqual, noEqual, yesBefore, noBefore) -> {
            double found = yesBefore + yesEqual;
            sum.add(yesEqual * (found / (found + noBefore + noEqual)));
        });
        return sum.value() / yes.count;
    }
}
