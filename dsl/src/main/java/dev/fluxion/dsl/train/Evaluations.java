package dev.fluxion.dsl.train;

import dev.fluxion.data.Dataset;
import dev.fluxion.dsl.internal.Checks;
import dev.fluxion.dsl.internal.Numbers;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * What a {@link Trainer} evaluates, and when.
 *
 * @param sets the data, of which no two have the same name
 * @param every the number of updates from one evaluation to the next within an epoch; 0 for none but after each epoch, which
 *     there is always
 * @param averaged whether the averages of the weights are evaluated
 */
public record Evaluations(List<EvaluationSet> sets, int every, boolean averaged) {
    static final Evaluations NONE = new Evaluations(List.of(), 0, false);

    /** Checks the sets and the number. */
    public Evaluations {
        sets = Checks.present("trainer", "evaluation", sets, EvaluationSet::name);
        Numbers.requireAtLeast("trainer", "evaluateEvery", 0, every);
    }

    /** These, with a set that replaces the one of its name. */
    Evaluations with(EvaluationSet set) {
        List<EvaluationSet> more = new ArrayList<>(sets);
        more.removeIf(other -> other.name().equals(set.name()));
        more.add(set);
        return new Evaluations(more, every, averaged);
    }

    /** The data of each set by its name. */
    Map<String, Dataset> data() {
        Map<String, Dataset> data = new LinkedHashMap<>();
        sets.forEach(set -> data.put(set.name(), set.data().dataset()));
        return data;
    }

    /** One batch of each set. */
    Evaluations firstBatches() {
        return new Evaluations(sets.stream().map(EvaluationSet::firstBatch).toList(), every, averaged);
    }

    /** Whether an evaluation is due after so many updates. */
    boolean due(long steps) {
        return every > 0 && steps % every == 0;
    }

    /**
     * The values of all sets by name.
     *
     * @throws IllegalArgumentException if the data do not fit, or two values have the same name
     */
    Map<String, Double> of(Model model) {
        Map<String, Double> values = new LinkedHashMap<>();
        for (EvaluationSet set : sets) {
            set.values(model).forEach((name, value) -> {
                if (values.put(name, value) != null) {
                    throw new IllegalArgumentException(Errors.sameMetric("evaluate", name));
                }
            });
        }
        return values;
    }
}
