package dev.fluxion.dsl.optim;

import java.util.Set;

/** Every message of this package. */
final class Errors {
    private Errors() {}

    static String nesterov() {
        return "sgd: nesterov(true) needs momentum above 0 and dampening 0";
    }

    static String noValue(Object schedule, String value, Set<String> names) {
        return schedule + ": an epoch has no value '" + value + "'; there are " + names;
    }

    static String cycleByEpochs(String name, Object cycle) {
        return name + ": a momentum goes by steps but " + cycle + " counts epochs; append bySteps()";
    }

    static String whole(Object optimizer) {
        return optimizer
                + ": it moves all parameters of a training together and evaluates the loss itself, so it has no groups,"
                + " clipping, noise, averages, collected batches or maximise, and is no group of another optimizer";
    }

    static String notOfRows(Object optimizer, String parameter) {
        return optimizer + " changes only the rows of " + parameter
                + " that a step reads, but its gradient is no sum of rows."
                + " It is for tables that embeddings alone read, whose gradients are not clipped, noisy or accumulated;"
                + " give other parameters another optimizer: adam(1e-3).group(\"embed\", sparseAdam(1e-3))";
    }
}
