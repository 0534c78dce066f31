package dev.fluxion.serving;

import dev.fluxion.ir.Given;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;

/**
 * Samples of different lengths are padded to a few, so that they are computed together: {@code Padding.to("T", 16, 32,
 * 64).mask("mask", 0, Float.NEGATIVE_INFINITY)}. Numbers are padded with 0, and outputs along the extent are cut to the length
 * of the request. Answers must not depend on what is padded: the model has an input with a mask, or with lengths. Requests may
 * leave both out.
 *
 * @param extent the name of the extent that {@linkplain dev.fluxion.Input#varies varies}
 * @param lengths the lengths in ascending order; the one that the inputs declare is always among them
 * @param masks what the inputs have that mask positions
 * @param lengthsInput the input that takes the lengths, one integer a sample; empty for none
 */
public record Padding(String extent, List<Integer> lengths, Map<String, Mask> masks, String lengthsInput) {
    private static final String PADDING = "Padding";

    /** Checks the lengths. */
    public Padding {
        Given.require(PADDING, "the name of the extent", extent);
        Given.require(PADDING, "the name of the lengths", lengthsInput);
        lengths = List.copyOf(new TreeSet<>(Given.require(PADDING, "the lengths", lengths)));
        lengths.forEach(length -> Errors.requireWithin(PADDING, "a length", 1, Integer.MAX_VALUE, length));
        masks = Map.copyOf(Given.require(PADDING, "the masks", masks));
    }

    /**
     * What a mask has.
     *
     * @param visible for a position of the sample
     * @param padded for one behind its end
     */
    public record Mask(float visible, float padded) {}

    /** Pads to the smallest of some lengths that is not below that of the samples. */
    public static Padding to(String extent, int... lengths) {
        int[] given = Given.require(PADDING, "the lengths", lengths);
        return new Padding(extent, Arrays.stream(given).boxed().toList(), Map.of(), "");
    }

    /** With an input that masks positions: of the shape N×T, what it has for those that are there and for those that are not. */
    public Padding mask(String input, float visible, float padded) {
        Map<String, Mask> more = new LinkedHashMap<>(masks);
        more.put(Given.require("mask", "the name of the input", input), new Mask(visible, padded));
        return new Padding(extent, lengths, more, lengthsInput);
    }

    /** With an input of integers that takes the lengths of the samples. */
    public Padding lengths(String input) {
        return new Padding(extent, lengths, masks, input);
    }
}
