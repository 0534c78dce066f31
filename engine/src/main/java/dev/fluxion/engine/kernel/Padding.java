package dev.fluxion.engine.kernel;

import dev.fluxion.engine.plan.Buffer;
import dev.fluxion.engine.plan.Step;
import java.nio.FloatBuffer;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.function.IntUnaryOperator;

/**
 * Rows of places with margins of one number before and behind each, as an axis that is padded lies in memory.
 *
 * @param rows how many rows there are
 * @param before the places of the margin before each
 * @param extent the places of a row that are copied
 * @param after the places of the margin behind each
 * @param place the elements of a place, which lie side by side
 * @param value the number in the margins
 */
public record Padding(int rows, int before, int extent, int after, int place, float value) {
    private static final int SHORT = 8;
    private static final int LONG = 1024;

    /** The step, which threads share by rows, or by the places of a few long ones. */
    public Step step(String operator, String origin, Buffer from, Buffer to) {
        return part(operator, origin, from, to, 0, rows * row())
                .shared((count, library) -> Step.Division.ofUnits(
                        rows >= count ? rows : rows * extent,
                        count,
                        (first, last) -> Optional.of(
                                rows >= count
                                        ? part(operator, origin, from, to, first * row(), last * row())
                                        : part(operator, origin, from, to, at(first), at(last)))));
    }

    private int row() {
        return (before + extent + after) * place;
    }

    /** Where in the result a place lies that a row copies: with the first the margin before it, behind the last that after it. */
    private int at(int number) {
        if (number == 0 || number == rows * extent) {
            return number / extent * row();
        }
        return number / extent * row() + (before + number % extent) * place;
    }

    /** The step for some elements of the result. */
    private Step part(String operator, String origin, Buffer from, Buffer to, int begin, int end) {
        int first = copied(begin);
        int last = copied(end);
        boolean whole = end - begin == rows * row();
        Buffer read = whole ? from : from.elements(first, last);
        Buffer write = whole ? to : to.elements(begin, end);
        return Step.of(
                operator,
                origin,
                List.of(read),
                List.of(write),
                "java:copy",
                places -> kernel(places.of(read).floats(), places.of(write).floats(), first, begin, end));
    }

    /** How many elements are copied to places before that one of the result. */
    private int copied(int at) {
        int run = extent * place;
        int inside = at % row() - before * place;
        return at / row() * run + Math.max(0, Math.min(run, inside));
    }

    private Step.Kernel kernel(FloatBuffer from, FloatBuffer to, int first, int begin, int end) {
        int run = extent * place;
        float[] margin = new float[Math.min(LONG, Math.max(before, after) * place)];
        Arrays.fill(margin, value);
        IntUnaryOperator clip = at -> Math.max(begin, Math.min(end, at));
        return () -> {
            for (int row = begin / row() * row(); row < end; row += row()) {
                int start = clip.applyAsInt(row + before * place);
                int stop = clip.applyAsInt(row + before * place + run);
                fill(to, Math.max(begin, row) - begin, start - begin, margin);
                if (start < stop) {
                    to.put(start - begin, from, copied(start) - first, stop - start);
                }
                fill(to, stop - begin, Math.min(end, row + row()) - begin, margin);
            }
        };
    }

    private void fill(FloatBuffer to, int from, int end, float[] margin) {
        int i = from;
        for (; end - i >= SHORT; i += Math.min(end - i, margin.length)) {
            to.put(i, margin, 0, Math.min(end - i, margin.length));
        }
        for (; i < end; i++) {
            to.put(i, value);
        }
    }
}
