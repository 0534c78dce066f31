package dev.fluxion.dsl.loss;

import dev.fluxion.dsl.CallSite;
import dev.fluxion.dsl.internal.Numbers;
import dev.fluxion.dsl.internal.Text;
import dev.fluxion.ir.Given;
import java.util.Arrays;
import java.util.List;

/** Checks the options of losses. A message names the loss and its call site. */
final class Options {
    private Options() {}

    /**
     * Checks what every loss has.
     *
     * @param loss the call of its factory
     * @return the loss and its call site, for further checks
     */
    static String require(String loss, LossReduction reduction, CallSite callSite) {
        String place = Text.place(loss, Given.require(loss, "the call site", callSite));
        Given.require(place, "the reduction", reduction);
        return place;
    }

    /**
     * A copy of weights, each finite and at least 0.
     *
     * @param each what one of them is
     */
    static List<Double> weights(String place, String each, List<Double> weights) {
        List<Double> own = Given.each(place, each, Given.require(place, "the weights", weights));
        own.forEach(weight -> Numbers.requireNotNegative(place, each, weight));
        return own;
    }

    /** The arguments of a call as a list. */
    static List<Double> list(String loss, String option, double... numbers) {
        return Arrays.stream(Given.require(loss, option, numbers)).boxed().toList();
    }

    /** The arguments of a call as a list. */
    static List<Integer> list(String loss, String option, int... numbers) {
        return Arrays.stream(Given.require(loss, option, numbers)).boxed().toList();
    }
}
