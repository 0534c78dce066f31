package dev.fluxion.dsl.metric;

import dev.fluxion.Metric;
import dev.fluxion.Tally;
import dev.fluxion.ir.Given;

/**
 * The mean of −log p, where p is the probability that the outputs give to the target; each position weighs the same. It is
 * infinite where a target has probability 0.
 *
 * @param binary whether each element is a yes or no, with targets of the outputs' shape
 * @param perplexity whether it is e to this power, the perplexity
 * @param scale what outputs are
 * @param ignoreIndex the target of positions or elements that do not count
 */
public record LogLoss(boolean binary, boolean perplexity, Scale scale, int ignoreIndex) implements Metric {
    /** Checks that nothing is null. */
    public LogLoss {
        Given.require("logLoss", "what outputs are", scale);
    }

    /** This metric of outputs that are probabilities, not logits. */
    public LogLoss probabilities() {
        return new LogLoss(binary, perplexity, Scale.PROBABILITIES, ignoreIndex);
    }

    /** This metric with another target of positions that do not count, at first −100. */
    public LogLoss ignoreIndex(int target) {
        return new LogLoss(binary, perplexity, scale, target);
    }

    @Override
    public String name() {
        return perplexity ? "perplexity" : binary ? "binaryLogLoss" : "logLoss";
    }

    @Override
    public Tally start() {
        return new Sums(
                this,
                (output, target, to) -> {
                    if (binary) {
                        Bits bits = Bits.ofNumbers(name(), output, target, ignoreIndex);
                        for (int i = 0; i < bits.count(); i++) {
                            if (bits.counts(i)) {
                                to.add(0, -bits.logProbability(i, scale));
                            }
                        }
                    } else {
                        Positions positions = Positions.ofNumbers(name(), output, target, ignoreIndex);
                        for (int i = 0; i < positions.count(); i++) {
                            if (positions.counts(i)) {
                                to.add(0, -positions.logProbability(i, positions.label(i), scale));
                            }
                        }
                    }
                },
                all -> perplexity ? Math.exp(all.mean(0)) : all.mean(0));
    }
}
