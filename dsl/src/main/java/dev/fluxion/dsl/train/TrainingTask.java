package dev.fluxion.dsl.train;

import dev.fluxion.Optimizer;
import java.util.List;

/**
 * What a training does.
 *
 * @param model what it changes
 * @param objective what it makes small
 * @param optimizer how
 * @param trained the names of the parameters that it changes
 */
record TrainingTask(Model model, Objective objective, Optimizer optimizer, List<String> trained) {
    /** The same for some of the parameters. */
    TrainingTask only(List<String> some) {
        return new TrainingTask(model, objective, optimizer, some);
    }
}
